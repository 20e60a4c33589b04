/**
 * Where in a node's record a reader of events stands, so that it can go on behind a break. An entry with several changes
 * makes several events of one number, and a connection may end between them. A reader that took only some of an entry
 * asks for the whole of it again and skips what it has.
 */

import type { FleetEvent, Topic } from "./shapes.ts";

/** A reader's place in the record. */
export class Place {
  /** The entry of which something was taken last. */
  #seq: number | undefined;
  /** How many of its events were taken, by topic; none when there is nothing more of it to come. */
  readonly #taken = new Map<Topic, number>();
  /** How many of them are still to be passed by. */
  #repeated = new Map<Topic, number>();

  /** @param since the last entry taken; undefined: whatever is subscribed to first begins it */
  constructor(since: number | undefined) {
    this.#seq = since;
  }

  /** Returns what to subscribe with; from here on what was taken of the last entry comes again. */
  resume(): number | undefined {
    this.#repeated = new Map(this.#taken);
    return this.#seq === undefined || this.#taken.size === 0 ? this.#seq : this.#seq - 1;
  }

  /** Notes that everything up to `seq` was sent. */
  reach(seq: number): void {
    if (this.#seq !== undefined && seq < this.#seq) return;
    this.#seq = seq;
    this.#taken.clear();
  }

  /** Returns whether the event is new, and counts it as taken. */
  take({ seq, topic }: FleetEvent): boolean {
    if (seq === undefined) return true;
    if (this.#seq === undefined || seq > this.#seq) this.#enter(seq);
    else if (seq < this.#seq || this.#taken.size === 0) return false;
    const repeated = this.#repeated.get(topic) ?? 0;
    if (repeated > 0) {
      this.#repeated.set(topic, repeated - 1);
      return false;
    }
    this.#taken.set(topic, (this.#taken.get(topic) ?? 0) + 1);
    return true;
  }

  #enter(seq: number): void {
    this.#seq = seq;
    this.#taken.clear();
    this.#repeated.clear();
  }
}
