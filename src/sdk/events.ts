/** Events of a socket: parsed as they come, handed to readers in order, each reader at its own pace up to a limit. */

import { FleetError } from "../foundation/errors.ts";
import { isJsonObject, type JsonObject } from "../wire/parse.ts";
import type { Topic } from "./shapes.ts";

export interface FleetEvent {
  readonly topic: Topic;
  /** The ledger's number; momentary events have none. */
  readonly seq?: number;
  /** When it happened, by the node's clock. */
  readonly at: string;
  readonly data: JsonObject;
}

/** Events one reader may leave unread before it is told that it lost track. */
export const MAX_UNREAD = 10_000;

/** Returns the event of an `event` notification, or undefined when it is none this client understands. */
export function parseEvent(params: unknown): FleetEvent | undefined {
  if (!isJsonObject(params)) return undefined;
  const { topic, seq, at, data } = params;
  if (typeof topic !== "string" || typeof at !== "string" || !isJsonObject(data)) return undefined;
  // A topic of a newer node passes: only topics that were subscribed to are sent.
  const event = { topic: topic as Topic, at, data };
  return typeof seq === "number" ? { ...event, seq } : event;
}

/** What one reader has yet to take. It ends quietly when its owner closed the socket, else with the error that ended it. */
export class EventQueue {
  readonly #unread: FleetEvent[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #error: FleetError | undefined;

  /** Adds an event; one too many ends the queue with CONNECTION_CLOSED. */
  push(event: FleetEvent): void {
    if (this.#ended) return;
    if (this.#unread.length >= MAX_UNREAD) {
      this.end(new FleetError("CONNECTION_CLOSED", `${MAX_UNREAD} events were left unread; read faster, or subscribe to less`));
      return;
    }
    this.#unread.push(event);
    this.#wake?.();
  }

  /** Ends the queue after what is unread. */
  end(error: FleetError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wake?.();
  }

  /** Yields events as they come; `left` is called when its reader is done. */
  async *read(left: () => void): AsyncGenerator<FleetEvent, void, undefined> {
    try {
      while (true) {
        const event = this.#unread.shift();
        if (event !== undefined) yield event;
        else if (this.#error !== undefined) throw this.#error;
        else if (this.#ended) return;
        else await this.#news();
      }
    } finally {
      left();
    }
  }

  async #news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}
