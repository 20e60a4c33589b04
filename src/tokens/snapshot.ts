/** A token in the checkpoint: the members of its ledger lines, and what came of them. */

import { fromTimestamp, timestamp } from "../foundation/clock.ts";
import { PERMISSIONS } from "../foundation/vocabulary.ts";
import { type JsonObject, parseObject, parseString, parseWord } from "../wire/parse.ts";
import { AddressList } from "./addresses.ts";
import { parseLimit, parseStrings } from "./changes.ts";
import type { Token } from "./token.ts";

/** Returns the token as plain JSON, without what other records say of it. */
export function writeToken(token: Token): JsonObject {
  const {
    allowed,
    expiresAt,
    expirySetAt,
    graceUntil,
    known,
    knownSince,
    label: _,
    refused,
    scopes,
    successor: __,
    ...rest
  } = token;
  return {
    ...rest,
    scopes: [...scopes],
    expiresAt: expiresAt === null ? null : timestamp(expiresAt),
    expirySetAt: timestamp(expirySetAt),
    ...(graceUntil !== undefined && { graceUntil: timestamp(graceUntil) }),
    allowedIps: allowed.entries,
    known: [...known],
    knownSince: timestamp(knownSince),
    refused: [...refused],
  };
}

/** Returns the token of what `writeToken` made, its successor not looked up; throws for anything else. */
export function readToken(row: unknown): Token {
  const stored = parseObject(row, "token");
  const id = parseString(stored, "id");
  return {
    id,
    label: `token:${id}`,
    hash: parseString(stored, "hash"),
    name: parseString(stored, "name"),
    tokenPrefix: parseString(stored, "tokenPrefix"),
    permissions: parseWord(stored, "permissions", PERMISSIONS),
    scopes: new Set(parseStrings(stored, "scopes")),
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
    ...rotation(stored),
  };
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
  return new Set(parseStrings(stored, member));
}
