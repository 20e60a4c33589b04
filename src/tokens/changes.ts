/** What the ledger says of tokens: hashes, never texts. */

import { FleetError } from "../foundation/errors.ts";
import { PERMISSIONS, type Permission } from "../foundation/vocabulary.ts";
import type { Change } from "../ledger/line.ts";
import { invalid, type JsonObject, parseInteger, parseString, parseWord } from "../wire/parse.ts";

/** There is a new token. */
export type TokenIssued = {
  readonly type: "token.issued";
  /** UUIDv7. */
  readonly id: string;
  /** SHA-256 of the text, 64 hex characters. */
  readonly hash: string;
  readonly name: string;
  readonly tokenPrefix: string;
  readonly permissions: Permission;
  readonly scopes: readonly string[];
  /** `fleet`, or `node:<id>` of the peer it belongs to. */
  readonly owner: string;
  readonly createdBy: string;
  /** RFC 3339 UTC, or null for never. */
  readonly expiresAt: string | null;
  /** Addresses and CIDR blocks; empty means any. */
  readonly allowedIps: readonly string[];
  /** Null for no limit. */
  readonly requestsPerMinute: number | null;
  /** The token this one takes the place of. */
  readonly rotatedFrom?: string;
};

/** All that can be edited, as it is from now on. */
export type TokenEdited = {
  readonly type: "token.edited";
  readonly id: string;
  readonly name: string;
  readonly permissions: Permission;
  readonly scopes: readonly string[];
  /** RFC 3339 UTC, or null for never. */
  readonly expiresAt: string | null;
  readonly allowedIps: readonly string[];
  /** Null for no limit. */
  readonly requestsPerMinute: number | null;
};

/** The token has a successor; it stays good until `graceUntil`, unless it is revoked in the same line. */
export type TokenRotated = {
  readonly type: "token.rotated";
  readonly id: string;
  readonly to: string;
  /** RFC 3339 UTC. */
  readonly graceUntil: string;
};

/** Its end was seen: from here on it has expired, whatever the clock says later. */
export type TokenExpired = {
  readonly type: "token.expired";
  readonly id: string;
};

/** It was used from an address it was not used from before. */
export type TokenUsed = {
  readonly type: "token.used";
  readonly id: string;
  readonly address: string;
  /** What the address is remembered by: itself, or the /64 of an IPv6 address. */
  readonly network: string;
};

/** It was presented from an address that its list does not allow, for the first time from there. */
export type TokenRefused = {
  readonly type: "token.refused";
  readonly id: string;
  readonly address: string;
  readonly network: string;
};

/** Somebody ended the token; its record stays. */
export type TokenRevoked = {
  readonly type: "token.revoked";
  readonly id: string;
};

/** The record is gone. */
export type TokenDeleted = {
  readonly type: "token.deleted";
  readonly id: string;
};

/** Any of these. */
export type TokenChange =
  | TokenIssued
  | TokenEdited
  | TokenRotated
  | TokenExpired
  | TokenUsed
  | TokenRefused
  | TokenRevoked
  | TokenDeleted;

/** Returns the change as one of tokens, or undefined when it is about something else; an unknown one is FORMAT_NEWER. */
export function parseTokenChange(change: Change): TokenChange | undefined {
  switch (change.type) {
    case "token.issued":
      return parseIssued(change);
    case "token.edited":
      return { type: change.type, ...parseEditable(change) };
    case "token.rotated":
      return {
        type: change.type,
        id: parseString(change, "id"),
        to: parseString(change, "to"),
        graceUntil: parseString(change, "graceUntil"),
      };
    case "token.used":
    case "token.refused":
      return {
        type: change.type,
        id: parseString(change, "id"),
        address: parseString(change, "address"),
        network: parseString(change, "network"),
      };
    case "token.expired":
    case "token.revoked":
    case "token.deleted":
      return { type: change.type, id: parseString(change, "id") };
    default:
      if (change.type.startsWith("token."))
        throw new FleetError("FORMAT_NEWER", `the ledger holds an unknown change "${change.type}"`);
      return undefined;
  }
}

/** Names every member instead of spreading `parseEditable`: a start does this for each token, and spreading took longer than parsing. */
function parseIssued(change: Change): TokenIssued {
  const issued: TokenIssued = {
    type: "token.issued",
    id: parseString(change, "id"),
    hash: parseString(change, "hash"),
    name: parseString(change, "name"),
    tokenPrefix: parseString(change, "tokenPrefix"),
    permissions: parseWord(change, "permissions", PERMISSIONS),
    scopes: parseStrings(change, "scopes"),
    owner: parseString(change, "owner"),
    createdBy: parseString(change, "createdBy"),
    expiresAt: parseEnd(change),
    allowedIps: parseStrings(change, "allowedIps"),
    requestsPerMinute: parseLimit(change),
  };
  return change["rotatedFrom"] === undefined ? issued : { ...issued, rotatedFrom: parseString(change, "rotatedFrom") };
}

function parseEditable(change: Change): Omit<TokenEdited, "type"> {
  return {
    id: parseString(change, "id"),
    name: parseString(change, "name"),
    permissions: parseWord(change, "permissions", PERMISSIONS),
    scopes: parseStrings(change, "scopes"),
    expiresAt: parseEnd(change),
    allowedIps: parseStrings(change, "allowedIps"),
    requestsPerMinute: parseLimit(change),
  };
}

function parseEnd(change: Change): string | null {
  return change["expiresAt"] === null ? null : parseString(change, "expiresAt");
}

/** Returns the limit of requests a minute; lines from before there was one have none. */
export function parseLimit(change: JsonObject): number | null {
  const limit = change["requestsPerMinute"] ?? null;
  return limit === null ? null : parseInteger(change, "requestsPerMinute", 1, Number.MAX_SAFE_INTEGER);
}

/** Returns the member as an array of strings. */
export function parseStrings(change: JsonObject, field: string): readonly string[] {
  const value = change[field];
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) throw invalid(field, "an array of strings");
  return value;
}
