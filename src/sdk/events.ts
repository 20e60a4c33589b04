/** Events of a socket: parsed as they come, handed to readers in order, each reader at its own pace up to a limit. */

import { FleetError } from "../foundation/errors.ts";
import { isJsonObject } from "../wire/parse.ts";
import type { FleetEvent } from "./shapes.ts";

/** What a subscriber is told: an event, or that everything up to a number of the record was sent. */
export type Notice = { readonly kind: "event"; readonly event: FleetEvent } | { readonly kind: "position"; readonly seq: number };

/** Notices one reader may leave unread before it is told that it lost track. */
export const MAX_UNREAD = 10_000;

/** The same in characters of their frames; the one that reaches it is still taken, so that whatever a node sends can be read. */
export const MAX_UNREAD_LENGTH = 16 * 1024 * 1024;

/** Returns what a notification tells a subscriber, or undefined when it is nothing this client understands. */
export function parseNotice(method: string, params: unknown): Notice | undefined {
  if (!isJsonObject(params)) return undefined;
  const { seq } = params;
  if (method === "position") return typeof seq === "number" ? { kind: "position", seq } : undefined;
  const event = method === "event" ? parseEvent(params) : undefined;
  return event && { kind: "event", event };
}

/** Returns the event of an `event` notification, or undefined when it is none. */
function parseEvent({ topic, seq, at, data }: Readonly<Record<string, unknown>>): FleetEvent | undefined {
  if (typeof topic !== "string" || typeof at !== "string" || !isJsonObject(data)) return undefined;
  if (seq !== undefined && typeof seq !== "number") return undefined;
  // The node proved who it is; its events are typed by the record both sides are built from. Topics of newer nodes pass:
  // only what was subscribed to is sent.
  return { topic, ...(seq !== undefined && { seq }), at, data } as unknown as FleetEvent;
}

/** What one reader has yet to take. It ends quietly when its owner closed the socket, else with the error that ended it. */
export class NoticeQueue {
  readonly #unread: (readonly [notice: Notice, length: number])[] = [];
  /** Characters of the frames of what is unread. */
  #length = 0;
  #wake: (() => void) | undefined;
  #ended = false;
  #error: FleetError | undefined;

  /** Adds a notice whose frame had that many characters; one too many ends the queue with CONNECTION_CLOSED. */
  push(notice: Notice, length: number): void {
    if (this.#ended) return;
    if (this.#unread.length >= MAX_UNREAD || this.#length >= MAX_UNREAD_LENGTH) {
      this.end(new FleetError("CONNECTION_CLOSED", "too many events were left unread; read faster, or subscribe to less"));
      return;
    }
    this.#unread.push([notice, length]);
    this.#length += length;
    this.#wake?.();
  }

  /** Ends the queue after what is unread. */
  end(error: FleetError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wake?.();
  }

  /** Yields notices as they come; `left` is called when its reader is done. */
  async *read(left: () => void): AsyncGenerator<Notice, void, undefined> {
    try {
      while (true) {
        const next = this.#unread.shift();
        if (next !== undefined) {
          this.#length -= next[1];
          yield next[0];
        } else if (this.#error !== undefined) throw this.#error;
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

/** Yields the events among the notices. */
export async function* eventsAmong(notices: AsyncIterable<Notice>): AsyncGenerator<FleetEvent, void, undefined> {
  for await (const notice of notices) if (notice.kind === "event") yield notice.event;
}
