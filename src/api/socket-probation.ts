/** A WebSocket before a credential was accepted: it may send little, and for a short time. */

import type { Duplex } from "node:stream";
import { CLOSE_CODES } from "../wire/frames.ts";
import { LIMITS } from "./limits.ts";

/** Closes a socket with a code of the protocol and the reason. */
export type CloseSocket = (code: number, why: string) => void;

/** Closes a socket that sends too much, or stays without a credential too long, until `end` is called. */
export class Probation {
  readonly #stream: Duplex;
  readonly #close: CloseSocket;
  readonly #deadline: NodeJS.Timeout;
  #bytes = 0;

  /** @param stream the connection below the WebSocket */
  constructor(stream: Duplex, close: CloseSocket) {
    this.#stream = stream;
    this.#close = close;
    this.#stream.on("data", this.#count);
    const tooLate = (): void => close(CLOSE_CODES.credentialEnded, "no credential in time");
    this.#deadline = setTimeout(tooLate, LIMITS.socketAuthenticationTime).unref();
  }

  /** Stops watching: a credential was accepted, or the socket is gone. */
  end(): void {
    clearTimeout(this.#deadline);
    this.#stream.off("data", this.#count);
  }

  /** Counts bytes instead of messages, because a message that never ends is held in memory as it grows. */
  readonly #count = ({ length }: Buffer): void => {
    this.#bytes += length + LIMITS.socketPieceBytes;
    if (this.#bytes > LIMITS.unprovenSocketBytes) this.#close(CLOSE_CODES.tooMany, "too much before authenticate");
  };
}
