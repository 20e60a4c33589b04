/** What the ledger says of tokens: hashes, never texts. */

import { FleetError } from "../foundation/errors.ts";
import { PERMISSIONS, type Permission } from "../foundation/vocabulary.ts";
import type { Change } from "../ledger/line.ts";
import { invalid, parseString, parseWord } from "../wire/parse.ts";

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
};

export type TokenRevoked = {
  readonly type: "token.revoked";
  readonly id: string;
};

export type TokenDeleted = {
  readonly type: "token.deleted";
  readonly id: string;
};

export type TokenChange = TokenIssued | TokenRevoked | TokenDeleted;

/** Returns the change as one of tokens, or undefined when it is about something else; an unknown one is FORMAT_NEWER. */
export function parseTokenChange(change: Change): TokenChange | undefined {
  switch (change.type) {
    case "token.issued":
      return {
        type: change.type,
        id: parseString(change, "id"),
        hash: parseString(change, "hash"),
        name: parseString(change, "name"),
        tokenPrefix: parseString(change, "tokenPrefix"),
        permissions: parseWord(change, "permissions", PERMISSIONS),
        scopes: parseStrings(change, "scopes"),
        owner: parseString(change, "owner"),
        createdBy: parseString(change, "createdBy"),
        expiresAt: change["expiresAt"] === null ? null : parseString(change, "expiresAt"),
        allowedIps: parseStrings(change, "allowedIps"),
      };
    case "token.revoked":
    case "token.deleted":
      return { type: change.type, id: parseString(change, "id") };
    default:
      if (change.type.startsWith("token."))
        throw new FleetError("FORMAT_NEWER", `the ledger holds an unknown change "${change.type}"`);
      return undefined;
  }
}

function parseStrings(change: Change, field: string): readonly string[] {
  const value = change[field];
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) throw invalid(field, "an array of strings");
  return value;
}
