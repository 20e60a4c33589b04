/**
 * The event hub: what is published to subscribers, once on disk, in the ledger's order.
 *
 * An event is made once for all subscribers. Whether one may see it is asked at each delivery, of the subscriber.
 */

import type { Change, Line } from "../ledger/line.ts";
import type { Event } from "../wire/frames.ts";

export type Deliver = (event: Event) => void;

/** Topic by the first word of a change's type. */
const TOPIC_OF: Readonly<Record<string, string>> = { node: "node", pairing: "pairing", peer: "peers", token: "tokens" };

export class EventHub {
  readonly #subscribers = new Map<string, Set<Deliver>>();

  /** Replaces what `deliver` is sent. An empty list ends the subscription. */
  subscribe(deliver: Deliver, topics: readonly string[]): void {
    this.unsubscribe(deliver);
    for (const topic of topics) {
      const subscribers = this.#subscribers.get(topic) ?? new Set();
      subscribers.add(deliver);
      this.#subscribers.set(topic, subscribers);
    }
  }

  unsubscribe(deliver: Deliver): void {
    for (const [topic, subscribers] of this.#subscribers) {
      subscribers.delete(deliver);
      if (subscribers.size === 0) this.#subscribers.delete(topic);
    }
  }

  /** Returns whether anybody listens to the topic; what nobody hears need not be made. */
  hasSubscribers(topic: string): boolean {
    return this.#subscribers.has(topic);
  }

  /** Publishes a line that is on disk: one event for each change, and the line itself under `audit`. */
  publishLine(line: Line): void {
    if (this.#subscribers.size === 0) return;
    for (const change of line.changes) {
      const topic = TOPIC_OF[change.type.slice(0, change.type.indexOf("."))];
      if (topic !== undefined) this.publish({ topic, seq: line.seq, at: line.at, data: visible(change) });
    }
    const { seq, at, actor, request, operation } = line;
    this.publish({ topic: "audit", seq, at, data: { actor, request, operation, changes: line.changes.map(visible) } });
  }

  publish(event: Event): void {
    for (const deliver of this.#subscribers.get(event.topic) ?? []) deliver(event);
  }
}

/** Returns the change without what only this node needs: the hash of a token tells who has it that a guess was right. */
export function visible(change: Change): Change {
  const { hash: _, ...rest } = change;
  return { ...rest, type: change.type };
}
