/**
 * Reaches a node by its name or id on the LAN. Each call makes a connection of its own to where the node is now: a
 * connection kept from an address that the node has lost would hang until the call's time-out.
 */

import { hostNameOf } from "../discovery/names.ts";
import type { Clock } from "../foundation/clock.ts";
import { type ErrorCode, FleetError, isFleetError } from "../foundation/errors.ts";
import { isNodeId } from "../foundation/ids.ts";
import { authorityOf, DEFAULT_PORT, parseAddress } from "../sdk/address.ts";
import { nodeIdOf } from "../sdk/chain.node.ts";
import { withDeadline } from "../sdk/deadline.ts";
import type {
  PublicKey,
  SocketLike,
  SocketListener,
  Transport,
  TransportAnswer,
  TransportRequest,
  UpgradeRequest,
} from "../sdk/transport.ts";
import { isKnownHost, mayBeNode } from "./lan-names.ts";
import { type Located, locate } from "./locate.ts";
import { TlsTransport } from "./tls-transport.ts";

/** Milliseconds for a connection to where the node was last; then it is looked for again. */
const CONNECT_TIME = 1500;

/** What says that the node is not, or not any more, at an address. */
const ELSEWHERE: readonly ErrorCode[] = ["CONNECTION_FAILED", "TIMEOUT", "NODE_MISMATCH"];

/** Returns the transport to a host name or address, or to a node by its name or id. Throws INVALID_OPTIONS. */
export function transportTo(host: string, port: number | undefined, clock: Clock): Transport {
  if (!mayBeNode(host)) return new TlsTransport(parseAddress(host, port), clock);
  return new LocatedTransport(host, port, clock);
}

interface Connection {
  readonly transport: TlsTransport;
  readonly key: PublicKey;
}

/** A way to a node that may move. */
export class LocatedTransport implements Transport {
  readonly channel = "pinned";
  readonly upgradesWithHeaders = true;
  readonly #host: string;
  readonly #port: number | undefined;
  readonly #clock: Clock;
  /** A name that DNS knows: an ordinary host. */
  #direct: TlsTransport | undefined;
  #located: Located | undefined;

  constructor(host: string, port: number | undefined, clock: Clock) {
    this.#host = host;
    this.#port = port === undefined ? undefined : parseAddress("localhost", port).port;
    this.#clock = clock;
  }

  /** One for all addresses of the node: what was signed for one of them holds at the next. */
  get authority(): string {
    if (this.#direct !== undefined) return this.#direct.authority;
    const id = this.#located?.nodeId ?? (isNodeId(this.#host) ? this.#host : undefined);
    return authorityOf({ host: id === undefined ? this.#host : hostNameOf(id), port: DEFAULT_PORT });
  }

  async identify(signal: AbortSignal): Promise<PublicKey> {
    if (this.#direct === undefined && this.#located === undefined) await this.#settle(signal);
    if (this.#direct !== undefined) return this.#direct.identify(signal);
    const { transport, key } = await this.#connect(signal);
    transport.close();
    return key;
  }

  async request(request: TransportRequest): Promise<TransportAnswer> {
    if (this.#direct !== undefined) return this.#direct.request(request);
    const { transport } = await this.#connect(request.signal);
    try {
      return await transport.request(request);
    } finally {
      transport.close();
    }
  }

  async openSocket(request: UpgradeRequest, listener: SocketListener): Promise<SocketLike> {
    if (this.#direct !== undefined) return this.#direct.openSocket(request, listener);
    const { transport } = await this.#connect(request.signal);
    return transport.openSocket(request, listener);
  }

  close(): void {
    this.#direct?.close();
  }

  /** Connects to where the node was, else to where it is. Nothing has been sent yet, so trying again is safe. */
  async #connect(signal: AbortSignal): Promise<Connection> {
    const known = this.#located;
    const there = known && (await this.#tryAt(known, signal));
    if (there !== undefined) return there;
    const located = await this.#locate(known?.nodeId ?? this.#host, signal);
    const transport = this.#to(located);
    return { transport, key: await transport.identify(signal) };
  }

  /** Connects to where the node was; undefined when it is not there any more. */
  async #tryAt(known: Located, signal: AbortSignal): Promise<Connection | undefined> {
    const transport = this.#to(known);
    try {
      const key = await withDeadline({ timeout: CONNECT_TIME, signal }, (deadline) => transport.identify(deadline));
      if (nodeIdOf(key) === known.nodeId) return { transport, key };
    } catch (error) {
      if (signal.aborted || !isFleetError(error) || !ELSEWHERE.includes(error.code)) throw error;
    }
    transport.close();
    return undefined;
  }

  #to({ address }: Located): TlsTransport {
    return new TlsTransport(address, this.#clock, this.authority);
  }

  async #locate(what: string, signal: AbortSignal): Promise<Located> {
    const located = await locate(what, this.#clock, signal);
    if (this.#port !== undefined && located.address.port !== this.#port) {
      const { port } = located.address;
      throw new FleetError("NODE_NOT_FOUND", `node ${located.nodeId} is at port ${port}, not ${this.#port}`);
    }
    this.#located = located;
    return located;
  }

  async #settle(signal: AbortSignal): Promise<void> {
    if (await isKnownHost(this.#host)) this.#direct = new TlsTransport(parseAddress(this.#host, this.#port), this.#clock);
    else await this.#locate(this.#host, signal);
  }
}
