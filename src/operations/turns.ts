/**
 * Turns at reading the record. A read may take long and keeps a file open meanwhile, so few run at a time. Callers take
 * turns, so that one with many reads does not hold up one with a single read.
 */

import { FleetError } from "../foundation/errors.ts";
import type { Call } from "./call.ts";

/** Reads that run at a time: some may wait for the disk while another computes. */
const GOING = 4;

/** Reads of one caller that may wait. */
export const MAX_WAITING = 32;

/** Lets the reads of all callers run in turn. */
export class Turns {
  /** By caller, whose turn is next first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #going = 0;

  /** Resolves as `read` does, once it is this caller's turn. Rejects with RATE_LIMITED, or CONNECTION_CLOSED when the caller has gone. */
  async take<T>({ actor, signal }: Pick<Call, "actor" | "signal">, read: () => Promise<T>): Promise<T> {
    if (this.#going < GOING) this.#going++;
    else await this.#wait(actor.label);
    try {
      if (signal.aborted) throw new FleetError("CONNECTION_CLOSED");
      return await read();
    } finally {
      this.#next();
    }
  }

  #wait(caller: string): Promise<void> {
    const own = this.#waiting.get(caller) ?? [];
    if (own.length >= MAX_WAITING)
      throw new FleetError("RATE_LIMITED", `${MAX_WAITING} of your reads of the record wait already`, { retryAfter: 1 });
    this.#waiting.set(caller, own);
    return new Promise((resolve) => own.push(resolve));
  }

  /** Hands the turn that ended to the next caller, and that caller's further reads behind those of the others. */
  #next(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#going--;
      return;
    }
    const [caller, [go, ...rest]] = next;
    this.#waiting.delete(caller);
    if (rest.length > 0) this.#waiting.set(caller, rest);
    go?.();
  }
}
