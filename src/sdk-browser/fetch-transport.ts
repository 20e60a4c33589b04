/**
 * Reaches a node by `fetch` and `WebSocket`. What a page is not told, this cannot tell either: neither the certificate of a
 * connection, nor why one failed, nor the answer to a refused upgrade.
 */

import { owned } from "../crypto/web-crypto.ts";
import { FleetError } from "../foundation/errors.ts";
import { invalidAnswer } from "../sdk/answer.ts";
import { reasonOf } from "../sdk/deadline.ts";
import type {
  SocketLike,
  SocketListener,
  Transport,
  TransportAnswer,
  TransportRequest,
  UpgradeRequest,
} from "../sdk/transport.ts";
import type { Way } from "./base-url.ts";
import { openWebSocket } from "./web-socket.ts";

/** Bytes of the largest answer a client takes, as on Node. */
const MAX_ANSWER = 16 * 1024 * 1024;

/** A way to a node for pages. */
export class FetchTransport implements Transport {
  readonly authority: string;
  readonly channel: Way["channel"];
  readonly upgradesWithHeaders = false;
  readonly #base: URL;

  constructor({ base, channel }: Way) {
    this.#base = base;
    this.channel = channel;
    this.authority = base.host;
  }

  identify(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async request({ method, path, headers, body, signal }: TransportRequest): Promise<TransportAnswer> {
    try {
      const response = await fetch(new URL(path, this.#base), {
        method,
        headers,
        body: body === undefined ? null : owned(body),
        signal,
        // A client is its credential: no cookie says who it is, nothing is cached or followed, nobody learns the page's path.
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        referrerPolicy: "no-referrer",
      });
      return { status: response.status, headers: Object.fromEntries(response.headers), body: await readBody(response) };
    } catch (error) {
      throw this.#failure(error, signal);
    }
  }

  async openSocket({ path, signal }: UpgradeRequest, listener: SocketListener): Promise<SocketLike> {
    const url = new URL(path, this.#base);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    try {
      return await openWebSocket(url, listener, signal);
    } catch (error) {
      throw this.#failure(error, signal);
    }
  }

  /** The browser keeps connections, and closes them. */
  close(): void {
    // nothing is held here
  }

  #failure(error: unknown, signal: AbortSignal): FleetError {
    if (signal.aborted) return reasonOf(signal);
    if (error instanceof FleetError) return error;
    const why = "the browser tells a page no reason; its console may";
    return new FleetError("CONNECTION_FAILED", `cannot reach ${this.#base.origin}: ${why}`, {}, { cause: error });
  }
}

async function readBody({ body }: Response): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  // Not as an iterable: Safari's streams are none.
  const reader = body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.length;
    if (length > MAX_ANSWER) throw invalidAnswer(`it is larger than ${MAX_ANSWER} bytes`);
    chunks.push(read.value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
