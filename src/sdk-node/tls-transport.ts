/** Reaches a node over TLS, pinned to its id. */

import type { Clock } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { type Address, authorityOf } from "../sdk/address.ts";
import type {
  PublicKey,
  SocketLike,
  SocketListener,
  Transport,
  TransportAnswer,
  TransportRequest,
  UpgradeRequest,
} from "../sdk/transport.ts";
import { connectionError } from "./connection-errors.ts";
import { exchange } from "./http-exchange.ts";
import { PinnedAgent, type PinnedRequestArgs } from "./pinned-agent.ts";
import { upgrade } from "./web-socket.ts";

/** A way to a node at one address. */
export class TlsTransport implements Transport {
  readonly authority: string;
  readonly channel = "pinned";
  readonly upgradesWithHeaders = true;
  readonly #agent: PinnedAgent;

  /** @param authority how the node is addressed, where its address changes: one of its own names */
  constructor(address: Address, clock: Clock, authority = authorityOf(address)) {
    this.authority = authority;
    this.#agent = new PinnedAgent({ address, authority: this.authority, clock });
  }

  identify(signal: AbortSignal): Promise<PublicKey> {
    return this.#agent.identify(signal);
  }

  async request(request: TransportRequest): Promise<TransportAnswer> {
    const options: PinnedRequestArgs = { agent: this.#agent, node: requirePin(request.node), connecting: request.signal };
    try {
      return await exchange(options, request, this.authority);
    } catch (error) {
      throw connectionError(this.authority, error);
    }
  }

  async openSocket(request: UpgradeRequest, listener: SocketListener): Promise<SocketLike> {
    try {
      const connection = await this.#agent.connect(requirePin(request.node), request.signal);
      return await upgrade(connection, request, this.authority, listener);
    } catch (error) {
      throw connectionError(this.authority, error);
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Nothing is sent to a node that nobody named. */
function requirePin(node: NodeId | undefined): NodeId {
  if (node === undefined) throw new FleetError("NODE_UNPROVEN", "no node is named for this request; it was not sent");
  return node;
}
