/** Edits a token: what the record says from now on. Never un-revokes: what has ended is not edited. */

import { timestamp } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Permission } from "../foundation/vocabulary.ts";
import { AddressList } from "./addresses.ts";
import type { TokenEdited } from "./changes.ts";
import { statusOf, type Token } from "./token.ts";

/** What is to be different; members left out stay. */
export interface Edit {
  readonly name?: string;
  /** Both or neither. */
  readonly permissions?: Permission;
  readonly scopes?: readonly string[];
  /** RFC 3339 UTC, or null for never. */
  readonly expiresAt?: string | null;
  readonly allowedIps?: readonly string[];
  /** Null for no limit. */
  readonly requestsPerMinute?: number | null;
}

/** Returns the change, or undefined when nothing would be different. Throws CONFLICT for a token that has ended. */
export function editToken(token: Token, edit: Edit, now: number): TokenEdited | undefined {
  requireActive(token, now);
  const { allowed, expiresAt, id, name, permissions, requestsPerMinute, scopes } = token;
  const present: TokenEdited = {
    type: "token.edited",
    id,
    name,
    permissions,
    scopes: [...scopes],
    expiresAt: expiresAt === null ? null : timestamp(expiresAt),
    allowedIps: allowed.entries,
    requestsPerMinute,
  };
  const { allowedIps } = edit;
  const edited = { ...present, ...edit, ...(allowedIps && { allowedIps: AddressList.parse(allowedIps).entries }) };
  return isSame(present, edited) ? undefined : edited;
}

/** Throws CONFLICT unless the token is active. */
export function requireActive(token: Token, now: number): void {
  const status = statusOf(token, now);
  if (status === "active") return;
  const ended = status === "revoked" ? "was revoked" : "has expired";
  throw new FleetError("CONFLICT", `token ${JSON.stringify(token.name)} ${ended}; issue a new one`, { status });
}

function isSame(a: TokenEdited, b: TokenEdited): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
