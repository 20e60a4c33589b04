/**
 * How a client reaches a node. A transport moves bytes and knows which key is at the other end; it decides nothing
 * about trust, and holds no credential.
 */

import type { PublicKey } from "../crypto/p256.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Channel } from "../foundation/vocabulary.ts";

export type { PublicKey };

/** A request before it is bytes. */
export interface TransportRequest {
  readonly method: "GET" | "POST";
  /** Path and query, as sent and as signed. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /**
   * The node that must be at the other end: a `pinned` transport checks it on every connection before it writes a
   * byte, and sends nothing without one.
   */
  readonly node: NodeId | undefined;
  readonly signal: AbortSignal;
}

/** An answer with its whole body. */
export interface TransportAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What happens on an open WebSocket; `closed` is called once, and nothing after it. */
export interface SocketListener {
  text(frame: string): void;
  closed(code: number, reason: string): void;
}

/** An open WebSocket of the subprotocol `cider-fleet.v1`. */
export interface SocketLike {
  send(frame: string): void;
  close(code: number, reason: string): void;
}

/** What opens a WebSocket. */
export type UpgradeRequest = Pick<TransportRequest, "path" | "headers" | "node" | "signal">;

/** A way to one node. */
export interface Transport {
  /** Host and port as the Host field and signatures name them (RFC 9421 §2.2.3). */
  readonly authority: string;
  /** Only `pinned` sees the chain of its connections. */
  readonly channel: Channel;
  /** Whether an upgrade can carry header fields; browsers send none, and authenticate on the open socket. */
  readonly upgradesWithHeaders: boolean;
  /**
   * Connects and resolves to the key to which the connection's chain leads; undefined unless `channel` is `pinned`.
   * Throws CONNECTION_FAILED, or NODE_MISMATCH when the chain is not one of a fleet node.
   */
  identify(signal: AbortSignal): Promise<PublicKey | undefined>;
  /** Throws CONNECTION_FAILED when no answer came, NODE_MISMATCH when another node is at the address. */
  request(request: TransportRequest): Promise<TransportAnswer>;
  /** Resolves when the socket is open. A refused upgrade rejects with the error of the node's answer. */
  openSocket(request: UpgradeRequest, listener: SocketListener): Promise<SocketLike>;
  /** Closes idle connections; the transport may be used again. */
  close(): void;
}
