/** Keep-alive connections to one address, each pinned to the node it was made for; requests share none across nodes. */

import { Agent, type ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { NodeId } from "../foundation/ids.ts";
import { nodeIdOf } from "../sdk/chain.node.ts";
import type { PublicKey } from "../sdk/transport.ts";
import { connectTls, type Destination } from "./tls-connection.ts";

/** Milliseconds a connection stays unused; below the node's own 60 s, so that a request does not meet its closing. */
const IDLE = 30_000;

/** What travels with a request's options to the moment a connection is made for it. */
export interface PinnedRequestArgs extends ClientRequestArgs {
  readonly node: NodeId;
  /** Ends the connecting: node:http keeps a request's own `signal` from its agent. */
  readonly connecting: AbortSignal;
}

/**
 * Makes TLS itself, below an agent for plain HTTP: so there is no session cache, and `createConnection` answers only
 * with a socket that has passed its check.
 */
export class PinnedAgent extends Agent {
  readonly #destination: Omit<Destination, "node">;
  #spare: { readonly socket: TLSSocket; readonly node: NodeId } | undefined;

  constructor(destination: Omit<Destination, "node">) {
    super({ keepAlive: true, timeout: IDLE });
    this.#destination = destination;
  }

  /** Connects to whichever node answers and returns its key; the connection waits for the first request to that node. */
  async identify(signal: AbortSignal): Promise<PublicKey> {
    const { socket, key } = await connectTls({ ...this.#destination, node: undefined }, signal);
    this.#spare?.socket.destroy();
    const spare = { socket, node: nodeIdOf(key) };
    this.#spare = spare;
    socket.setTimeout(IDLE, () => this.#drop(spare.socket));
    socket.once("close", () => this.#drop(spare.socket));
    socket.unref();
    return key;
  }

  /** Returns a connection to the node outside the pool, for an upgrade. */
  async connect(node: NodeId, signal: AbortSignal): Promise<TLSSocket> {
    return this.#takeSpare(node) ?? (await connectTls({ ...this.#destination, node }, signal)).socket;
  }

  override createConnection(options: ClientRequestArgs, callback?: (error: Error | null, stream: Duplex) => void): undefined {
    const { node, connecting } = options as PinnedRequestArgs;
    this.connect(node, connecting).then(
      (socket) => callback?.(null, socket),
      // An agent's callback takes no socket beside an error, whatever its type says.
      (error: unknown) => (callback as ((error: unknown) => void) | undefined)?.(error),
    );
    return undefined;
  }

  override getName(options?: ClientRequestArgs): string {
    return (options as PinnedRequestArgs | undefined)?.node ?? "";
  }

  override destroy(): void {
    this.#spare?.socket.destroy();
    super.destroy();
  }

  #takeSpare(node: NodeId): TLSSocket | undefined {
    const spare = this.#spare;
    if (spare?.node !== node || spare.socket.destroyed) return undefined;
    this.#spare = undefined;
    spare.socket.setTimeout(0);
    spare.socket.removeAllListeners("timeout");
    return spare.socket.ref();
  }

  #drop(socket: TLSSocket): void {
    if (this.#spare?.socket !== socket) return;
    this.#spare = undefined;
    socket.destroy();
  }
}
