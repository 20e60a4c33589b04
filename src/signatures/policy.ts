/**
 * What a signature must cover and when it is valid (docs/protocol/04-signed-requests.md). Pure decisions, no clock.
 *
 * `earliest` closes the gap that a restart opens. Nonces die with the process, so a process refuses every `created` that
 * the process before it could have accepted. `earliest` therefore lies up to 16 seconds ahead of the start. A client is
 * told so, signs with that time and is not kept waiting: the request is carried out as soon as `created` is no further
 * ahead than clocks may differ, at most a second later.
 */

import { FleetError, isFleetError } from "../foundation/errors.ts";
import { malformed, type SignatureParameters } from "../wire/signature-fields.ts";

/** Seconds that a signer's clock may be ahead, and seconds for which a signature is still accepted after `expires`. */
export const CLOCK_TOLERANCE = 15;
/** Longest `expires` − `created`, in seconds. */
export const MAX_LIFETIME = 60;

/** Components every signature covers. */
export const REQUIRED_COVER: readonly string[] = ["@method", "@authority", "@path", "@query", "cider-node"];

/** Returns the first `created`, in Unix seconds, that a process started at `startedAt` (milliseconds) accepts. */
export function earliestCreated(startedAt: number): number {
  return Math.floor(startedAt / 1000) + CLOCK_TOLERANCE + 1;
}

/** Throws SIGNATURE_MALFORMED that names the first component missing. */
export function requireCover(components: readonly string[]): void {
  for (const name of REQUIRED_COVER) if (!components.includes(name)) throw malformed(`the signature must cover ${name}`);
}

/**
 * Throws CLOCK_SKEW when `created` is not what this node's time allows, SIGNATURE_EXPIRED for a lifetime that is over,
 * empty or too long; both say `serverTime` and `earliest`, from which a client signs again. `now` in Unix seconds.
 */
export function requireTime(parameters: SignatureParameters, now: number, earliest: number): void {
  const { created, expires } = parameters;
  const details = { serverTime: Math.floor(now), earliest };
  if (created < earliest || created > Math.max(now + CLOCK_TOLERANCE, earliest))
    throw new FleetError("CLOCK_SKEW", undefined, details);
  if (expires <= created || expires > created + MAX_LIFETIME) {
    throw new FleetError("SIGNATURE_EXPIRED", `expires must be 1 to ${MAX_LIFETIME} seconds after created`, details);
  }
  if (now > lastSecond(expires)) throw new FleetError("SIGNATURE_EXPIRED", undefined, details);
}

/**
 * Returns whether the error means that the two clocks differ, or that a request was under way for a minute. Just after a
 * start an honest clock is refused as well.
 */
export function isClockDifference(error: unknown): boolean {
  if (!isFleetError(error, "CLOCK_SKEW") && !isFleetError(error, "SIGNATURE_EXPIRED")) return false;
  const { earliest, serverTime } = error.details;
  return Number(serverTime) > Number(earliest);
}

/** Returns for how many seconds `created` will be further ahead of `now` than clocks may differ; 0 or less when it is not. */
export function secondsEarly(created: number, now: number): number {
  return created - CLOCK_TOLERANCE - now;
}

/** Returns the last moment, in Unix seconds, at which a signature is accepted; its nonce is remembered that long. */
export function lastSecond(expires: number): number {
  return expires + CLOCK_TOLERANCE;
}
