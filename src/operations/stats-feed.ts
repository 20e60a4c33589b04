/** Samples the machine for those who subscribed to `node.stats`: one sample per interval, whoever listens; none when nobody does. */

import { type Clock, timestamp } from "../foundation/clock.ts";
import { SECOND } from "../foundation/durations.ts";
import type { Logger } from "../foundation/logger.ts";
import type { MachineStats } from "../host/machine.ts";
import type { Deliver } from "../record/events.ts";

interface Group {
  readonly timer: NodeJS.Timeout;
  readonly listeners: Set<Deliver>;
}

/** The feed of `node.stats`. */
export class StatsFeed {
  readonly #parts: { readonly clock: Clock; readonly logger: Logger; readonly stats: MachineStats };
  /** By interval in seconds. */
  readonly #groups = new Map<number, Group>();

  constructor(parts: { readonly clock: Clock; readonly logger: Logger; readonly stats: MachineStats }) {
    this.#parts = parts;
  }

  /** Sends a sample every `interval` seconds until `unsubscribe`, or until called again with another interval. */
  subscribe(deliver: Deliver, interval: number): void {
    this.unsubscribe(deliver);
    const group = this.#groups.get(interval) ?? this.#start(interval);
    group.listeners.add(deliver);
  }

  unsubscribe(deliver: Deliver): void {
    for (const [interval, { timer, listeners }] of this.#groups) {
      if (!listeners.delete(deliver) || listeners.size > 0) continue;
      clearInterval(timer);
      this.#groups.delete(interval);
    }
  }

  #start(interval: number): Group {
    const listeners = new Set<Deliver>();
    const timer = setInterval(() => void this.#sample(listeners), interval * SECOND);
    timer.unref();
    const group = { timer, listeners };
    this.#groups.set(interval, group);
    return group;
  }

  async #sample(listeners: ReadonlySet<Deliver>): Promise<void> {
    const { clock, logger, stats } = this.#parts;
    try {
      const event = { topic: "node.stats", at: timestamp(clock.now()), data: { ...(await stats.read()) } };
      for (const deliver of listeners) deliver(event);
    } catch (error) {
      logger.warn({ err: error }, "machine could not be measured");
    }
  }
}
