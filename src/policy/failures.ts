/**
 * Counts failed authentication, by network and of all networks together. Past a limit only failures are answered
 * RATE_LIMITED: a right key or token always passes, so a stranger behind the same address locks nobody out.
 */

import type { Clock } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Source } from "../foundation/source.ts";
import { Count, type CountLimits, CountsByNetwork } from "./counts.ts";

/** Codes that mean somebody tried a bad credential. A missing credential and a wrong clock do not count. */
const COUNTED: ReadonlySet<string> = new Set([
  "TOKEN_INVALID",
  "TOKEN_EXPIRED",
  "TOKEN_REVOKED",
  "PEER_UNKNOWN",
  "SIGNATURE_INVALID",
  "SIGNATURE_REPLAYED",
  "DIGEST_MISMATCH",
]);

/** Returns whether the error means that somebody tried a bad credential. */
export function isFailedAuthentication(error: unknown): error is FleetError {
  return error instanceof FleetError && COUNTED.has(error.code);
}

/** How often authentication may fail. */
export interface FailureLimits {
  /** Of one network. */
  readonly each: CountLimits;
  /** Of all networks together. */
  readonly all: CountLimits;
}

/** The counts, and the judgement of each failure. */
export class FailedAuthentication {
  readonly #counts: CountsByNetwork;
  readonly #all: Count;

  constructor(clock: Clock, limits: FailureLimits) {
    this.#counts = new CountsByNetwork(clock, limits.each);
    this.#all = new Count(clock, limits.all);
  }

  /** Returns the error to answer: `error` itself, or RATE_LIMITED with `retryAfter` in seconds once there were too many. */
  judge(error: unknown, { network, via }: Source): unknown {
    if (!isFailedAuthentication(error) || via === "socket") return error;
    const fromThere = this.#counts.add(network);
    const fromAll = this.#all.add();
    const retryAfter = Math.max(fromThere, fromAll);
    if (retryAfter === 0) return error;
    const where = fromThere > 0 ? "from this network" : "at this node";
    return new FleetError("RATE_LIMITED", `too many failed authentications ${where}`, { retryAfter });
  }
}
