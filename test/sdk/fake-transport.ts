/** A transport without a network: requests go to a function, sockets are driven by hand. */

import type { PublicKey } from "../../src/crypto/p256.ts";
import { fromUtf8, utf8 } from "../../src/foundation/bytes.ts";
import type { Channel } from "../../src/foundation/vocabulary.ts";
import type {
  SocketLike,
  SocketListener,
  Transport,
  TransportAnswer,
  TransportRequest,
  UpgradeRequest,
} from "../../src/sdk/transport.ts";

/** Returns an answer as a node sends it. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): TransportAnswer {
  return { status, headers, body: utf8(JSON.stringify(body)) };
}

/** Returns the JSON of a request's body. */
export function bodyOf(request: TransportRequest): unknown {
  return request.body === undefined ? undefined : JSON.parse(fromUtf8(request.body));
}

export type Answerer = (request: TransportRequest) => TransportAnswer | Promise<TransportAnswer>;

export class FakeTransport implements Transport {
  readonly authority: string;
  readonly channel: Channel = "pinned";
  upgradesWithHeaders = true;
  /** The key at the other end; undefined for kinds of connection that show none. */
  key: PublicKey | undefined;
  answer: Answerer;
  readonly requests: TransportRequest[] = [];
  readonly upgrades: UpgradeRequest[] = [];
  readonly sockets: FakeSocket[] = [];
  onSocket: (socket: FakeSocket) => void = () => undefined;
  closed = 0;

  constructor(key: PublicKey | undefined, answer: Answerer = () => json(200, {}), authority = "studio.local:9473") {
    this.key = key;
    this.answer = answer;
    this.authority = authority;
  }

  identify(): Promise<PublicKey | undefined> {
    return Promise.resolve(this.key);
  }

  async request(request: TransportRequest): Promise<TransportAnswer> {
    this.requests.push(request);
    return this.answer(request);
  }

  openSocket(request: UpgradeRequest, listener: SocketListener): Promise<SocketLike> {
    this.upgrades.push(request);
    const socket = new FakeSocket(listener);
    this.sockets.push(socket);
    this.onSocket(socket);
    return Promise.resolve(socket);
  }

  close(): void {
    this.closed++;
  }
}

/** The client's end; a test plays the node. */
export class FakeSocket implements SocketLike {
  readonly listener: SocketListener;
  readonly sent: Readonly<Record<string, unknown>>[] = [];
  readonly closes: { readonly code: number; readonly reason: string }[] = [];
  onSend: (frame: Readonly<Record<string, unknown>>) => void = () => undefined;

  constructor(listener: SocketListener) {
    this.listener = listener;
  }

  send(text: string): void {
    const frame = JSON.parse(text) as Record<string, unknown>;
    this.sent.push(frame);
    this.onSend(frame);
  }

  close(code: number, reason: string): void {
    this.closes.push({ code, reason });
  }

  /** Plays a frame of the node. */
  say(frame: object): void {
    this.listener.text(JSON.stringify({ jsonrpc: "2.0", ...frame }));
  }
}
