/** Reaches the node of this machine through its Unix socket. Whoever may open it is `local`; there is nothing to pin. */

import { Agent } from "node:http";
import { connect } from "node:net";
import type {
  SocketLike,
  SocketListener,
  Transport,
  TransportAnswer,
  TransportRequest,
  UpgradeRequest,
} from "../sdk/transport.ts";
import { socketError } from "./connection-errors.ts";
import { exchange } from "./http-exchange.ts";
import { upgrade } from "./web-socket.ts";

/** A way to the node of this machine. */
export class UnixTransport implements Transport {
  readonly authority = "localhost";
  readonly channel = "loopback";
  readonly upgradesWithHeaders = true;
  readonly #path: string;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(path: string) {
    this.#path = path;
  }

  identify(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async request(request: TransportRequest): Promise<TransportAnswer> {
    try {
      return await exchange({ agent: this.#agent, socketPath: this.#path }, request, this.authority);
    } catch (error) {
      throw socketError(this.#path, error);
    }
  }

  async openSocket(request: UpgradeRequest, listener: SocketListener): Promise<SocketLike> {
    try {
      return await upgrade(connect(this.#path), request, this.authority, listener);
    } catch (error) {
      throw socketError(this.#path, error);
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}
