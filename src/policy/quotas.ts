/** Requests a minute of tokens that have a limit. In memory, bounded, gone with the process. */

import { LRUCache } from "lru-cache";
import type { Clock } from "../foundation/clock.ts";
import { MINUTE, SECOND } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";

/** Tokens counted at once; the one longest quiet is forgotten first, which only lets it count anew. */
const TOKENS = 10_000;

interface Spent {
  n: number;
  /** `elapsed` milliseconds at which the token counts anew. */
  readonly until: number;
}

/** What each token has spent of its minute. */
export class Quotas {
  readonly #clock: Clock;
  readonly #spent = new LRUCache<string, Spent>({ max: TOKENS });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one request of the token; throws RATE_LIMITED with `retryAfter` above `limit` a minute. */
  spend(token: string, limit: number): void {
    const spent = this.#present(token) ?? { n: 0, until: this.#clock.elapsed() + MINUTE };
    this.#spent.set(token, spent);
    if (spent.n >= limit) {
      const retryAfter = this.#secondsUntil(spent.until);
      throw new FleetError("RATE_LIMITED", `this token may send ${limit} requests a minute`, { limit, retryAfter });
    }
    spent.n++;
  }

  /** Returns what is left of the minute as header fields (draft-ietf-httpapi-ratelimit-headers-10), a flat list. */
  fields(token: string, limit: number): readonly string[] {
    const spent = this.#present(token);
    const left = Math.max(0, limit - (spent?.n ?? 0));
    const seconds = spent === undefined ? MINUTE / SECOND : this.#secondsUntil(spent.until);
    return ["RateLimit-Policy", `"token";q=${limit};w=${MINUTE / SECOND}`, "RateLimit", `"token";r=${left};t=${seconds}`];
  }

  #present(token: string): Spent | undefined {
    const spent = this.#spent.get(token);
    return spent !== undefined && spent.until > this.#clock.elapsed() ? spent : undefined;
  }

  #secondsUntil(until: number): number {
    return Math.ceil((until - this.#clock.elapsed()) / SECOND);
  }
}
