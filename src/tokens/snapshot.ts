/** A token in the checkpoint: the members of its ledger lines, and what came of them. */

import { fromTimestamp, timestamp } from "../foundation/clock.ts";
import { PERMISSIONS } from "../foundation/vocabulary.ts";
import { type JsonObject, parseObject, parseString, parseWord } from "../wire/parse.ts";
import { AddressList } from "./addresses.ts";
import { parseLimit, parseStrings } from "./changes.ts";
import { NOWHERE, scopeSet, type Token } from "./token.ts";

/** A token's members but those that follow from others or from other records. */
type StoredToken = Readonly<Record<Exclude<keyof Token, "label" | "allowed" | "successor"> | "allowedIps", unknown>>;

/** Returns the token as plain JSON, without what other records say of it. A member that is undefined is not written. */
export function writeToken(token: Token): StoredToken {
  const { expiresAt, graceUntil } = token;
  return {
    id: token.id,
    hash: token.hash,
    name: token.name,
    tokenPrefix: token.tokenPrefix,
    permissions: token.permissions,
    scopes: [...token.scopes],
    owner: token.owner,
    createdAt: token.createdAt,
    createdBy: token.createdBy,
    expiresAt: expiresAt === null ? null : timestamp(expiresAt),
    expirySetAt: timestamp(token.expirySetAt),
    revoked: token.revoked,
    expired: token.expired,
    allowedIps: token.allowed.entries,
    requestsPerMinute: token.requestsPerMinute,
    known: [...token.known],
    knownSince: timestamp(token.knownSince),
    refused: [...token.refused],
    rotatedFrom: token.rotatedFrom,
    rotatedTo: token.rotatedTo,
    graceUntil: graceUntil === undefined ? undefined : timestamp(graceUntil),
  };
}

/** Returns the token of what `writeToken` made, its successor not looked up; throws for anything else. */
export function readToken(row: unknown): Token {
  const stored = parseObject(row, "token");
  const id = parseString(stored, "id");
  const token: Token = {
    id,
    label: `token:${id}`,
    hash: parseString(stored, "hash"),
    name: parseString(stored, "name"),
    tokenPrefix: parseString(stored, "tokenPrefix"),
    permissions: parseWord(stored, "permissions", PERMISSIONS),
    scopes: scopeSet(parseStrings(stored, "scopes")),
    owner: parseString(stored, "owner"),
    createdAt: parseString(stored, "createdAt"),
    createdBy: parseString(stored, "createdBy"),
    expiresAt: stored["expiresAt"] === null ? null : timeIn(stored, "expiresAt"),
    expirySetAt: timeIn(stored, "expirySetAt"),
    revoked: stored["revoked"] === true,
    expired: stored["expired"] === true,
    allowed: AddressList.parse(parseStrings(stored, "allowedIps")),
    requestsPerMinute: parseLimit(stored),
    known: networksIn(stored, "known"),
    knownSince: timeIn(stored, "knownSince"),
    refused: networksIn(stored, "refused"),
  };
  const isRotated = stored["rotatedFrom"] !== undefined || stored["rotatedTo"] !== undefined;
  return isRotated ? { ...token, ...rotation(stored) } : token;
}

function rotation(stored: JsonObject): Pick<Token, "rotatedFrom" | "rotatedTo" | "graceUntil"> {
  return {
    ...(stored["rotatedFrom"] !== undefined && { rotatedFrom: parseString(stored, "rotatedFrom") }),
    ...(stored["rotatedTo"] !== undefined && { rotatedTo: parseString(stored, "rotatedTo") }),
    ...(stored["graceUntil"] !== undefined && { graceUntil: timeIn(stored, "graceUntil") }),
  };
}

function timeIn(stored: JsonObject, member: string): number {
  return fromTimestamp(parseString(stored, member));
}

function networksIn(stored: JsonObject, member: string): ReadonlySet<string> {
  const networks = parseStrings(stored, member);
  return networks.length === 0 ? NOWHERE : new Set(networks);
}
