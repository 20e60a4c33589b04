/** Limits how often something may happen, and how many log lines are written, whatever the network does. */

import type { Clock } from "../foundation/clock.ts";
import { MINUTE } from "../foundation/durations.ts";
import type { Logger } from "../foundation/logger.ts";

/** Counts what happened in the last while, and says whether it may happen again. */
export class Damper {
  readonly #clock: Clock;
  readonly #most: number;
  #times: readonly number[] = [];

  /** @param most times within any minute */
  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Returns whether it may happen now, and counts it if so. */
  allow(): boolean {
    const now = this.#clock.elapsed();
    this.#times = this.#times.filter((time) => now - time < MINUTE);
    if (this.#times.length >= this.#most) return false;
    this.#times = [...this.#times, now];
    return true;
  }
}

/** Returns a logger that writes at most `most` lines a minute and says of how many it left out. */
export function dampedLogger(logger: Logger, clock: Clock, most: number): Logger {
  const damper = new Damper(clock, most);
  let leftOut = 0;
  const damped =
    (level: keyof Logger): Logger[keyof Logger] =>
    (fields, message) => {
      if (!damper.allow()) {
        leftOut++;
        return;
      }
      logger[level](leftOut === 0 ? fields : { ...fields, linesLeftOut: leftOut }, message);
      leftOut = 0;
    };
  return { debug: damped("debug"), info: damped("info"), warn: damped("warn"), error: damped("error") };
}
