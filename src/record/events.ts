/**
 * The event hub: what is published to subscribers, once on disk, in the ledger's order.
 *
 * An event is made once for all subscribers. Whether one may see it is asked at each delivery, of the subscriber.
 */

import type { Change, Line } from "../ledger/line.ts";
import type { Event } from "../wire/frames.ts";

/** Sends an event to one subscriber. */
export type Deliver = (event: Event) => void;

/** Topic by the first word of a change's type. */
const TOPIC_OF: Readonly<Record<string, string>> = { node: "node", pairing: "pairing", peer: "peers", token: "tokens" };

/** Sends what was published to whoever subscribed to its topic. */
export class EventHub {
  readonly #subscribers = new Map<string, Set<Deliver>>();
  /** What came for subscribers who are still being sent what they missed. */
  readonly #held = new Map<Deliver, Event[]>();

  /** Replaces what `deliver` is sent. An empty list ends the subscription. */
  subscribe(deliver: Deliver, topics: readonly string[]): void {
    this.unsubscribe(deliver);
    for (const topic of topics) {
      const subscribers = this.#subscribers.get(topic) ?? new Set();
      subscribers.add(deliver);
      this.#subscribers.set(topic, subscribers);
    }
  }

  /**
   * Subscribes as of an earlier moment: sends the events of `missed`, then what came meanwhile, then what comes; nothing
   * twice, nothing out of order. `missed` must end with the last line published before this call.
   */
  async resume(deliver: Deliver, topics: readonly string[], missed: AsyncIterable<Line>): Promise<void> {
    this.subscribe(deliver, topics);
    const held: Event[] = [];
    this.#held.set(deliver, held);
    const isPresent = (): boolean => this.#held.get(deliver) === held; // neither gone nor subscribed anew
    try {
      for await (const line of missed) {
        if (!isPresent()) return;
        for (const event of eventsOf(line, (topic) => topics.includes(topic))) deliver(event);
      }
    } catch (error) {
      if (isPresent()) this.unsubscribe(deliver);
      throw error;
    }
    if (!isPresent()) return;
    this.#held.delete(deliver);
    for (const event of held) deliver(event);
  }

  unsubscribe(deliver: Deliver): void {
    this.#held.delete(deliver);
    for (const [topic, subscribers] of this.#subscribers) {
      subscribers.delete(deliver);
      if (subscribers.size === 0) this.#subscribers.delete(topic);
    }
  }

  /** Returns whether `deliver` was sent all that was published on its topics; false for who has none, or still catches up. */
  isCurrent(deliver: Deliver): boolean {
    if (this.#held.has(deliver)) return false;
    return [...this.#subscribers.values()].some((subscribers) => subscribers.has(deliver));
  }

  /** Returns whether anybody listens to the topic; what nobody hears need not be made. */
  hasSubscribers(topic: string): boolean {
    return this.#subscribers.has(topic);
  }

  /** Publishes a line that is on disk: one event for each change, and the line itself under `audit`. */
  publishLine(line: Line): void {
    if (this.#subscribers.size === 0) return;
    for (const event of eventsOf(line, (topic) => this.hasSubscribers(topic))) this.publish(event);
  }

  publish(event: Event): void {
    for (const deliver of this.#subscribers.get(event.topic) ?? []) {
      const held = this.#held.get(deliver);
      if (held === undefined) deliver(event);
      else held.push(event);
    }
  }
}

function* eventsOf(line: Line, isWanted: (topic: string) => boolean): Generator<Event, void, undefined> {
  const { seq, at, actor, request, operation, from } = line;
  for (const change of line.changes) {
    const topic = TOPIC_OF[change.type.slice(0, change.type.indexOf("."))];
    if (topic !== undefined && isWanted(topic)) yield { topic, seq, at, data: visible(change) };
  }
  if (!isWanted("audit")) return;
  yield { topic: "audit", seq, at, data: { actor, request, operation, from, changes: line.changes.map(visible) } };
}

/** Returns the change without what only this node needs: the hash of a token tells who has it that a guess was right. */
export function visible(change: Change): Change {
  const { hash: _, ...rest } = change;
  return { ...rest, type: change.type };
}
