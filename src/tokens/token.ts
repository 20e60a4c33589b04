/** A token's record as it is kept: hashes and rights, never the text. */

import type { Permission } from "../foundation/vocabulary.ts";
import type { AddressList } from "./addresses.ts";

/** A token, without its text. */
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
  /** How far its successor reaches now: a token in grace reaches no further. */
  readonly successor?: Reach;
}

/** The networks of a token that was not used yet. */
export const NOWHERE: ReadonlySet<string> = new Set();

const sets = new Map<string, ReadonlySet<string>>();

/** Returns the scopes as a set that all tokens with the same scopes share: a set of its own would double a token's memory. */
export function scopeSet(scopes: readonly string[]): ReadonlySet<string> {
  const text = scopes.join(" ");
  const set = sets.get(text) ?? new Set(scopes);
  sets.set(text, set);
  return set;
}

/** How far a token reaches: what it may do, from where, how often and until when. */
export type Reach = Pick<Token, "scopes" | "allowed" | "requestsPerMinute" | "expiresAt">;

/** Returns how far the token itself reaches, whatever limits it besides. */
export function reachOf({ scopes, allowed, requestsPerMinute, expiresAt }: Token): Reach {
  return { scopes, allowed, requestsPerMinute, expiresAt };
}

/** Whether a token can be used, and if not, why. */
export type TokenStatus = "active" | "expired" | "revoked";

/**
 * Returns when the token ends by time, the earliest of expiry, grace and its successor's expiry, in milliseconds since the
 * epoch; null for never.
 */
export function endOf({ expiresAt, graceUntil, successor }: Token): number | null {
  return graceUntil === undefined ? expiresAt : least(least(expiresAt, graceUntil), successor?.expiresAt);
}

/** Returns the requests a minute that the token may send, or null for no limit. */
export function limitOf({ requestsPerMinute, successor }: Token): number | null {
  return least(requestsPerMinute, successor?.requestsPerMinute);
}

/** Returns whether the token may be used from `address`, as the connection has it (without zone, IPv4 unmapped). */
export function allowsFrom({ allowed, successor }: Token, address: string): boolean {
  return allowed.allows(address) && (successor === undefined || successor.allowed.allows(address));
}

/** Returns the smaller bound; null and undefined mean no bound. */
function least(a: number | null, b: number | null | undefined): number | null {
  if (b === null || b === undefined) return a;
  return a === null ? b : Math.min(a, b);
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
