/**
 * Counts failed authentication by network (IPv4 address, IPv6 /64). Past the limit only failures are answered
 * RATE_LIMITED: a right key or token always passes, so a stranger behind the same address locks nobody out.
 */

import { LRUCache } from "lru-cache";
import type { Clock } from "../foundation/clock.ts";
import { SECOND } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Source } from "../foundation/source.ts";

/** Networks remembered; the one longest quiet is forgotten first, which only gives it its tries back. */
const NETWORKS = 10_000;

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

interface Count {
  failures: number;
  /** When the count begins anew; `elapsed` milliseconds. */
  readonly until: number;
}

export class FailedAuthentication {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #time: number;
  readonly #counts = new LRUCache<string, Count>({ max: NETWORKS });

  /** @param limits `most` failures of one network within `time` milliseconds */
  constructor(clock: Clock, limits: { readonly most: number; readonly time: number }) {
    this.#clock = clock;
    this.#most = limits.most;
    this.#time = limits.time;
  }

  /** Returns the error to answer: `error` itself, or RATE_LIMITED with `retryAfter` in seconds once the network failed too often. */
  judge(error: unknown, source: Source): unknown {
    if (!(error instanceof FleetError) || !COUNTED.has(error.code) || source.via === "socket") return error;
    const now = this.#clock.elapsed();
    const known = this.#counts.get(source.network);
    const count = known !== undefined && known.until > now ? known : { failures: 0, until: now + this.#time };
    count.failures++;
    this.#counts.set(source.network, count);
    if (count.failures <= this.#most) return error;
    const retryAfter = Math.ceil((count.until - now) / SECOND);
    return new FleetError("RATE_LIMITED", "too many failed authentications from this network", { retryAfter });
  }
}
