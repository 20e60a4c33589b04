/** A clock that runs like the machine's and can be set, as a person or NTP sets it. */

import { type Clock, systemClock } from "../../src/foundation/clock.ts";

export class SettableClock implements Clock {
  /** Milliseconds that the wall time is ahead of the machine's. */
  ahead = 0;
  /** Milliseconds that have passed besides those that have. */
  passed = 0;

  now(): number {
    return systemClock.now() + this.ahead;
  }

  elapsed(): number {
    return systemClock.elapsed() + this.passed;
  }
}
