/** A token's record as it is kept: hashes and rights, never the text. */

import type { Permission } from "../foundation/vocabulary.ts";
import type { AddressList } from "./addresses.ts";

export interface Token {
  readonly id: string;
  /** `token:<id>`, as actors and sessions name it; kept, because every request asks for it. */
  readonly label: string;
  /** SHA-256 of the text, hex. */
  readonly hash: string;
  readonly name: string;
  readonly tokenPrefix: string;
  readonly permissions: Permission;
  readonly scopes: ReadonlySet<string>;
  readonly owner: string;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
  readonly createdBy: string;
  /** Milliseconds since the epoch, or null for never. */
  readonly expiresAt: number | null;
  /** When its expiry was last decided, milliseconds since the epoch: what a successor's length of life is counted from. */
  readonly expirySetAt: number;
  readonly revoked: boolean;
  /** Whether its end was seen and written down. */
  readonly expired: boolean;
  readonly allowed: AddressList;
  /** Null for no limit. */
  readonly requestsPerMinute: number | null;
  /** Networks it was used from, oldest first. */
  readonly known: ReadonlySet<string>;
  /** When the latest of them was added, milliseconds since the epoch; 0 before the first. */
  readonly knownSince: number;
  /** Networks it was refused from, oldest first. */
  readonly refused: ReadonlySet<string>;
  /** The token it took the place of. */
  readonly rotatedFrom?: string;
  /** The token that takes its place. */
  readonly rotatedTo?: string;
  /** Until when it is good beside its successor, milliseconds since the epoch. */
  readonly graceUntil?: number;
}

export type TokenStatus = "active" | "expired" | "revoked";

/** Returns when the token ends by time, the earlier of expiry and grace, in milliseconds since the epoch; null for never. */
export function endOf({ expiresAt, graceUntil }: Token): number | null {
  if (graceUntil === undefined) return expiresAt;
  return expiresAt === null ? graceUntil : Math.min(expiresAt, graceUntil);
}

/** Returns the token's status at `now` (milliseconds). Revoked is said before expired: it is the stronger word. */
export function statusOf(token: Token, now: number): TokenStatus {
  if (token.revoked) return "revoked";
  if (token.expired) return "expired";
  const end = endOf(token);
  return end !== null && end <= now ? "expired" : "active";
}

/** Returns whether the token still stands beside a successor. */
export function isInGrace(token: Token, now: number): boolean {
  return token.rotatedTo !== undefined && statusOf(token, now) === "active";
}
