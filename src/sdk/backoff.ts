/**
 * How long to wait before something is tried again. Full jitter: any moment up to a bound that doubles with each failure
 * is as likely as another, so that the clients of a node that was restarted do not return in the same moment.
 */

import { HOUR, SECOND } from "../foundation/durations.ts";
import type { FleetError } from "../foundation/errors.ts";
import type { Random } from "../foundation/random.ts";

/** Bounds in milliseconds: of the first wait, and of any. */
export interface Backoff {
  readonly first: number;
  readonly longest: number;
}

/** Milliseconds of the longest wait a node may ask for; a timer of more than 24 days would fire at once. */
const LONGEST_TOLD = HOUR;

/** Values of 4 random bytes. */
const RANGE = 2 ** 32;

/** Returns milliseconds to wait after this many failures in a row, on top of the node's Retry-After where it named one. */
export function waitAfter(error: FleetError, failures: number, { first, longest }: Backoff, random: Random): number {
  const bound = Math.min(first * 2 ** (failures - 1), longest);
  return told(error) + bound * fraction(random);
}

/** Milliseconds. */
function told(error: FleetError): number {
  const { retryAfter } = error.details;
  return typeof retryAfter === "number" && retryAfter > 0 ? Math.min(retryAfter * SECOND, LONGEST_TOLD) : 0;
}

/** Returns a number from 0 up to 1, uniform. */
function fraction(random: Random): number {
  return random.bytes(4).reduce((number, byte) => number * 256 + byte, 0) / RANGE;
}
