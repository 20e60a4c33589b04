/** Writes frames to a WebSocket: those of one tick in one write, and none for a reader that is too far behind. */

import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { CLOSE_CODES, type Event, eventFrame } from "../wire/frames.ts";
import { LIMITS } from "./limits.ts";
import type { CloseSocket } from "./socket-probation.ts";

/** The frame of each event, built once for all sockets that are sent it. */
const eventFrames = new WeakMap<Event, string>();

/** The sending half of one WebSocket. */
export class SocketWriter {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #close: CloseSocket;
  #corked = false;

  /** @param stream the connection below the WebSocket */
  constructor(socket: WebSocket, stream: Duplex, close: CloseSocket) {
    this.#socket = socket;
    this.#stream = stream;
    this.#close = close;
  }

  /** Sends a frame, if the socket is open. Closes the socket instead when too much waits to be read. */
  send(frame: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > LIMITS.socketBacklogBytes) {
      this.#close(CLOSE_CODES.backlog, "reads too slowly");
      return;
    }
    this.#cork();
    this.#socket.send(frame);
  }

  /** Sends an event. */
  sendEvent(event: Event): void {
    const frame = eventFrames.get(event) ?? eventFrame(event);
    eventFrames.set(event, frame);
    this.send(frame);
  }

  /** Holds back what is written until the tick ends. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#stream.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#stream.uncork();
    });
  }
}
