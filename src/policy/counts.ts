/** Counts within a time, by network (IPv4 address, IPv6 /64) or at all. Bounded, in memory, gone with the process. */

import { LRUCache } from "lru-cache";
import type { Clock } from "../foundation/clock.ts";
import { SECOND } from "../foundation/durations.ts";

/** Networks remembered; the one longest quiet is forgotten first, which only lets it count anew. */
const NETWORKS = 10_000;

/** How much is too much. */
export interface CountLimits {
  /** How often something may happen within `time`. */
  readonly most: number;
  /** Milliseconds from the first count to the moment it begins anew. */
  readonly time: number;
}

/** Counts one thing within a time. */
export class Count {
  readonly #clock: Clock;
  readonly #limits: CountLimits;
  #n = 0;
  /** `elapsed` milliseconds. */
  #until = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, limits: CountLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Counts once more. Returns 0 up to the limit, above it the seconds until it begins anew. */
  add(): number {
    const now = this.#clock.elapsed();
    if (this.#until <= now) {
      this.#n = 0;
      this.#until = now + this.#limits.time;
    }
    this.#n++;
    return this.#n <= this.#limits.most ? 0 : Math.ceil((this.#until - now) / SECOND);
  }
}

/** One count for each network. */
export class CountsByNetwork {
  readonly #clock: Clock;
  readonly #limits: CountLimits;
  readonly #counts = new LRUCache<string, Count>({ max: NETWORKS });

  constructor(clock: Clock, limits: CountLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Networks remembered at present. */
  get size(): number {
    return this.#counts.size;
  }

  /** Counts once more. Returns 0 up to the limit, above it the seconds until the network counts anew. */
  add(network: string): number {
    const count = this.#counts.get(network) ?? new Count(this.#clock, this.#limits);
    this.#counts.set(network, count);
    return count.add();
  }
}
