/** Small honest stand-ins for time and chance. */

import type { Clock } from "../../src/foundation/clock.ts";
import type { Random } from "../../src/foundation/random.ts";

/** A clock that moves only when told to. */
export class ManualClock implements Clock {
  wall = Date.parse("2026-11-21T20:00:00.000Z");
  monotonic = 1000;

  now(): number {
    return this.wall;
  }

  elapsed(): number {
    return this.monotonic;
  }

  /** Moves both times on by this many seconds. */
  advance(seconds: number): void {
    this.wall += seconds * 1000;
    this.monotonic += seconds * 1000;
  }
}

/** Hands out the given draws in order; fails when asked for another length or for more. */
export class ScriptedRandom implements Random {
  readonly #draws: Uint8Array[];

  constructor(...draws: readonly Uint8Array[]) {
    this.#draws = draws.map((draw) => Uint8Array.from(draw));
  }

  bytes(length: number): Uint8Array {
    const draw = this.#draws.shift();
    if (draw?.length !== length) throw new Error(`asked for ${length} bytes, the script has ${draw?.length ?? "no more"}`);
    return draw;
  }
}

/** Different bytes at every draw, the same in every run (xorshift32). */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed = 1) {
    this.#state = seed;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => {
      this.#state ^= this.#state << 13;
      this.#state ^= this.#state >>> 17;
      this.#state ^= this.#state << 5;
      return this.#state & 0xff;
    });
  }
}
