/**
 * Rotates a token: a successor with the same name, rights, owner and addresses, and for a while both are good. At most
 * one predecessor stands beside a token; it ends when the next rotation comes, or when the successor ends.
 */

import type { Clock } from "../foundation/clock.ts";
import { timestamp } from "../foundation/clock.ts";
import { DAY, parseDuration } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Random } from "../foundation/random.ts";
import { invalid } from "../wire/parse.ts";
import type { TokenChange } from "./changes.ts";
import { requireActive } from "./edit.ts";
import { issueToken } from "./issue.ts";
import { isInGrace, type Token } from "./token.ts";

/** The longest time two tokens stand side by side, milliseconds. */
export const MAX_GRACE = 30 * DAY;

/** Which token is rotated, and how. */
export interface RotationOrder {
  readonly token: Token;
  /** The token it took the place of, where there is one. */
  readonly predecessor: Token | undefined;
  /** Milliseconds for which the old text stays good; 0 ends it at once. */
  readonly grace: number;
  readonly createdBy: string;
  /** The successor's end: RFC 3339 UTC, or null for never. */
  readonly expiresAt: string | null;
}

/** What a rotation makes. */
export interface Rotation {
  /** The successor's text, told once. */
  readonly text: string;
  /** The successor's id. */
  readonly id: string;
  readonly changes: readonly TokenChange[];
}

/** Returns what the rotation changes, as one line. Throws CONFLICT for a token that has ended or has a successor already. */
export function rotateToken(order: RotationOrder, clock: Clock, random: Random): Rotation {
  const { createdBy, expiresAt, grace, predecessor, token } = order;
  const now = clock.now();
  requireActive(token, now);
  if (token.rotatedTo !== undefined) {
    const { rotatedTo } = token;
    throw new FleetError("CONFLICT", `token ${JSON.stringify(token.name)} was rotated already; rotate its successor`, {
      rotatedTo,
    });
  }
  const { allowed, id, name, owner, permissions, requestsPerMinute, scopes } = token;
  const rights = { name, permissions, scopes: [...scopes], owner, allowedIps: allowed.entries, requestsPerMinute };
  const { change, text } = issueToken({ ...rights, createdBy, expiresAt, rotatedFrom: id }, clock, random);
  const graceUntil = timestamp(Math.min(now + grace, token.expiresAt ?? Number.POSITIVE_INFINITY));
  const changes: TokenChange[] = [change, { type: "token.rotated", id, to: change.id, graceUntil }];
  if (grace === 0) changes.push({ type: "token.revoked", id });
  if (predecessor !== undefined && isInGrace(predecessor, now)) changes.push({ type: "token.revoked", id: predecessor.id });
  return { text, id: change.id, changes };
}

/** Returns the milliseconds of `0` or a duration up to MAX_GRACE; throws INVALID_REQUEST. */
export function parseGrace(text: string): number {
  if (text === "0") return 0;
  const grace = duration(text);
  if (!(grace <= MAX_GRACE)) throw invalid("grace", '"0" or a duration up to 30d, such as 24h');
  return grace;
}

/** Returns NaN for what is no duration. */
function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    return Number.NaN;
  }
}

/** Returns how long the token was given to live when its expiry was last decided, in milliseconds; null for ever. */
export function lifeOf({ expiresAt, expirySetAt }: Token): number | null {
  return expiresAt === null ? null : Math.max(expiresAt - expirySetAt, 0);
}
