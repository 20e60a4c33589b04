/**
 * node:http as every listener here uses it: fed with connections, with our limits, our answers to what its parser
 * refuses, and WebSocket as the only upgrade. Who may call is decided above; here is only known where a call comes from.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Source } from "../foundation/source.ts";
import type { Limits } from "./limits.ts";
import { refusePlain } from "./plain-refused.ts";
import { readOn, refuseUpgrades, stopReading, WebSocketOnly } from "./upgrade.ts";

/** What a listener hands upward. */
export interface Handlers {
  onRequest(request: IncomingMessage, response: ServerResponse, source: Source): void;
  /** A WebSocket upgrade; other upgrades arrive at `onRequest` as the plain requests they also are (RFC 9110 §7.8). */
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, source: Source): void;
  /** What node:http could not read (`error.code`: HPE_…, ERR_HTTP_REQUEST_TIMEOUT); answer on the bare, writable socket and end it. */
  onClientError(error: NodeJS.ErrnoException, socket: Duplex, source: Source): void;
  /** Answers 426 TLS_REQUIRED; the fields Upgrade and Connection are set, the body is not to be read. */
  onPlainRefused(request: IncomingMessage, response: ServerResponse, source: Source): void;
}

/** What is known of a connection while it is served. */
interface Connection {
  readonly source: Source;
  /** Whether its requests are answered 426 because they are not under TLS. */
  readonly refused: boolean;
  /** `new` until its first request, `upgraded` once it is a WebSocket. */
  state: "new" | "http" | "upgraded";
  /** Bytes read and written when it was last looked at, and how many looks ago that changed. */
  bytes: number;
  still: number;
  /** Answers that are still to be written. */
  readonly waiting: Set<ServerResponse>;
  /** To the latest request. */
  response?: ServerResponse;
}

/** How often in `idleTime` connections are looked at. */
const LOOKS = 4;

/** Between two looks for connections that became idle while the server drains, in milliseconds. */
const DRAIN_STEP = 50;

/**
 * Tells answers that their connection is gone. node:http tells the one that is being written, in the tick before this;
 * those behind it would wait for ever, with whatever they hold.
 */
function endAll(waiting: ReadonlySet<ServerResponse>): void {
  for (const response of waiting) {
    response.destroy();
    response.emit("close");
  }
}

/** Serves the connections it is given; it opens no port itself. */
export class HttpServer {
  readonly #server: Server;
  readonly #handlers: Handlers;
  readonly #limits: Limits;
  readonly #refuses: (source: Source) => boolean;
  readonly #served = new Map<Socket, Connection>();
  readonly #looking: NodeJS.Timeout;
  #draining = false;

  /** @param refuses whether requests from this source are answered 426 because they are not under TLS */
  constructor(handlers: Handlers, limits: Limits, refuses: (source: Source) => boolean = () => false) {
    this.#handlers = handlers;
    this.#limits = limits;
    this.#refuses = refuses;
    this.#server = createServer({
      IncomingMessage: WebSocketOnly,
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headerTime,
      requestTimeout: limits.headerTime + limits.bodyTime,
      keepAliveTimeout: 0, // idle connections are ended below, in one look at all of them
      connectionsCheckingInterval: limits.slowClientCheckTime,
      requireHostHeader: false, // refused by a step of ours, as JSON with a request id
    });
    this.#server.on("request", (request, response) => this.#request(request, response));
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on("clientError", (error, socket) => this.#clientError(error, socket));
    // A server that is fed never listens; without this event its limits on slow clients never run.
    this.#server.emit("listening");
    this.#looking = setInterval(() => this.#endIdle(), limits.idleTime / LOOKS).unref();
  }

  /** Serves a connection of which nothing has been read, or whose bytes were put back. */
  serve(socket: Socket, source: Source): void {
    if (this.#draining) return void socket.destroy();
    const refused = this.#refuses(source);
    if (refused) refuseUpgrades(socket);
    const waiting = new Set<ServerResponse>();
    this.#served.set(socket, { source, refused, state: "new", bytes: 0, still: 0, waiting });
    socket.once("close", () => {
      this.#served.delete(socket);
      process.nextTick(() => endAll(waiting));
    });
    this.#server.emit("connection", socket);
  }

  /**
   * Ends idle connections now and busy ones when their answer is out; resolves when none is left, after `stopTime` at the
   * latest. What is left then, and what was never served, is the listener's to destroy.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    clearInterval(this.#looking);
    this.#server.close(); // stops node:http's own timer; it never listened, so nothing else
    // node:http counts a connection without any request as busy with its first.
    for (const [socket, { state }] of this.#served) if (state === "new") socket.destroy();
    for (let left = this.#limits.stopTime; left > 0 && this.#served.size > 0; left -= DRAIN_STEP) {
      this.#server.closeIdleConnections();
      if (this.#served.size > 0) await new Promise((resolve) => setTimeout(resolve, DRAIN_STEP));
    }
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#served.get(request.socket);
    if (connection === undefined) return void request.socket.destroy();
    const { refused, response: latest, source } = connection;
    const isAhead = latest !== undefined && !latest.writableFinished;
    connection.state = "http";
    connection.response = response;
    if (this.#draining) response.shouldKeepAlive = false;
    if (refused) {
      refusePlain(request, response, this.#limits, () => this.#handlers.onPlainRefused(request, response, source));
    } else {
      this.#handlers.onRequest(request, response, source);
    }
    if (isAhead || !response.writableEnded) this.#await(response, request.socket, connection);
  }

  /**
   * Counts an answer until it is out. node:http reads on while answers wait, and a thousand requests fit into what it
   * reads at once; each would be held until a client reads that never does.
   */
  #await(response: ServerResponse, socket: Socket, { waiting }: Connection): void {
    waiting.add(response);
    if (waiting.size >= this.#limits.requestsWaiting) stopReading(socket);
    response.once("close", () => {
      waiting.delete(response);
      readOn(socket);
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const connection = this.#served.get(request.socket);
    if (connection === undefined || connection.waiting.size >= this.#limits.requestsWaiting) return void socket.destroy();
    connection.state = "upgraded";
    request.socket.setTimeout(0); // a WebSocket's life is watched by its pings
    this.#handlers.onUpgrade(request, socket, head, connection.source);
  }

  #clientError(error: NodeJS.ErrnoException, socket: Duplex): void {
    const { response, source } = this.#connectionOf(socket) ?? {};
    if (source === undefined || !socket.writable) socket.destroy();
    // What is written while an answer is on its way out would be taken for a part of it; after the last one, for nothing.
    else if (response?.headersSent === true && !(response.writableFinished && response.shouldKeepAlive)) socket.end();
    else this.#handlers.onClientError(error, socket, source);
  }

  #connectionOf(socket: Duplex): Connection | undefined {
    return socket instanceof Socket ? this.#served.get(socket) : undefined;
  }

  /**
   * Ends connections that hold a request or an answer on which nothing moves. node:http's own `timeout` does the same
   * with a timer re-armed at every request, which costs 4 % of a small one.
   */
  #endIdle(): void {
    for (const [socket, connection] of this.#served) {
      const bytes = socket.bytesRead + socket.bytesWritten;
      connection.still = bytes === connection.bytes ? connection.still + 1 : 0;
      connection.bytes = bytes;
      if (connection.still >= LOOKS && connection.state !== "upgraded") socket.destroy();
    }
  }
}
