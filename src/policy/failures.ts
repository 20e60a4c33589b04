/**
 * Counts failed authentication by network. Past the limit only failures are answered RATE_LIMITED: a right key or token
 * always passes, so a stranger behind the same address locks nobody out.
 */

import type { Clock } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Source } from "../foundation/source.ts";
import { type CountLimits, CountsByNetwork } from "./counts.ts";

/** Codes that mean somebody tried a credential that is not good. Nothing sent, and clocks, do not count. */
const COUNTED: ReadonlySet<string> = new Set([
  "TOKEN_INVALID",
  "TOKEN_EXPIRED",
  "TOKEN_REVOKED",
  "PEER_UNKNOWN",
  "SIGNATURE_INVALID",
  "SIGNATURE_REPLAYED",
  "DIGEST_MISMATCH",
]);

/** Returns whether the error means that a credential was tried which is not good. */
export function isFailedAuthentication(error: unknown): error is FleetError {
  return error instanceof FleetError && COUNTED.has(error.code);
}

export class FailedAuthentication {
  readonly #counts: CountsByNetwork;

  constructor(clock: Clock, limits: CountLimits) {
    this.#counts = new CountsByNetwork(clock, limits);
  }

  /** Returns the error to answer: `error` itself, or RATE_LIMITED with `retryAfter` in seconds once the network failed too often. */
  judge(error: unknown, { network, via }: Source): unknown {
    if (!isFailedAuthentication(error) || via === "socket") return error;
    const retryAfter = this.#counts.add(network);
    return retryAfter === 0
      ? error
      : new FleetError("RATE_LIMITED", "too many failed authentications from this network", { retryAfter });
  }
}
