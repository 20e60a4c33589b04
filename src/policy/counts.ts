/** Counts by network (IPv4 address, IPv6 /64) within a time. Bounded, in memory, gone with the process. */

import { LRUCache } from "lru-cache";
import type { Clock } from "../foundation/clock.ts";
import { SECOND } from "../foundation/durations.ts";

/** Networks remembered; the one longest quiet is forgotten first, which only lets it count anew. */
const NETWORKS = 10_000;

export interface CountLimits {
  /** How often within `time` is nothing to speak of. */
  readonly most: number;
  /** Milliseconds from the first count to the moment the network counts anew. */
  readonly time: number;
}

interface Count {
  n: number;
  /** `elapsed` milliseconds. */
  readonly until: number;
}

export class CountsByNetwork {
  readonly #clock: Clock;
  readonly #limits: CountLimits;
  readonly #counts = new LRUCache<string, Count>({ max: NETWORKS });

  constructor(clock: Clock, limits: CountLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Counts once more. Returns 0 up to the limit, above it the seconds until the network counts anew. */
  add(network: string): number {
    const now = this.#clock.elapsed();
    const known = this.#counts.get(network);
    const count = known !== undefined && known.until > now ? known : { n: 0, until: now + this.#limits.time };
    count.n++;
    this.#counts.set(network, count);
    return count.n <= this.#limits.most ? 0 : Math.ceil((count.until - now) / SECOND);
  }
}
