/**
 * The node's one port: TLS for everyone, plain HTTP for this machine (or the LAN, or nobody), told apart by the first byte.
 *
 * A connection passes: place among the limits → first byte → TLS handshake → node:http. It makes no decision of trust;
 * it says where a request comes from, and above it is decided what that may do.
 */

import type { Socket } from "node:net";
import type { TLSSocket, Server as TlsServer } from "node:tls";
import type { Logger } from "../foundation/logger.ts";
import type { Source, Via } from "../foundation/source.ts";
import type { Connections } from "./connections.ts";
import { awaitFirstByte } from "./first-byte.ts";
import { type Handlers, HttpServer } from "./http-server.ts";
import type { Limits } from "./limits.ts";
import { type Listeners, listen } from "./listen.ts";
import { type CertificateAndKey, type Certificates, createTlsServer } from "./tls-server.ts";

/** Who is served over plain HTTP; everyone else is answered 426. */
export type Plaintext = "loopback" | "lan" | "never";

/** How `host` reads addresses; passed in because this layer does not import it. */
export interface Addressing {
  /** Without zone and IPv4 mapping. */
  plainAddress(address: string): string;
  networkOf(address: string): string;
  isLoopback(address: string): boolean;
}

/** How the port is to be opened, and who answers on it. */
export interface PortOptions {
  /** Addresses; `::` is both families. */
  readonly listen: readonly string[];
  /** 0 lets the system choose. */
  readonly port: number;
  readonly certificates: Certificates;
  /** An owner's certificates by host name. */
  readonly ownedCertificates?: ReadonlyMap<string, CertificateAndKey>;
  readonly plaintext: Plaintext;
  readonly connections: Connections;
  readonly limits: Limits;
  readonly addressing: Addressing;
  readonly handlers: Handlers;
  readonly logger: Logger;
}

/** The open port. */
export interface Port {
  readonly port: number;
  /** What is listened on: `::`, or the configured addresses. */
  readonly addresses: readonly string[];
  /** Accepts no further connection; what runs goes on. */
  stop(): void;
  /** Stops, lets running answers finish for `stopTime`, then ends every connection. */
  close(): Promise<void>;
}

/** Opens the port. Throws PORT_TAKEN or CONFIG_INVALID, see `listen`. */
export async function openPort(options: PortOptions): Promise<Port> {
  const entrance = new Entrance(options);
  const listeners = await listen(options.listen, options.port, (socket) => entrance.accept(socket));
  return portOf(listeners, entrance);
}

function portOf(listeners: Listeners, entrance: Entrance): Port {
  const { port, addresses } = listeners;
  const stop = () => listeners.stop();
  const close = async () => {
    stop();
    await entrance.close();
  };
  return { port, addresses, stop, close };
}

/** What stands between an accepted socket and node:http. */
class Entrance {
  readonly #options: PortOptions;
  readonly #http: HttpServer;
  readonly #tls: TlsServer;
  readonly #sockets = new Set<Socket>();

  constructor(options: PortOptions) {
    const { certificates, handlers, limits, logger, ownedCertificates: owned = new Map<string, CertificateAndKey>() } = options;
    this.#options = options;
    this.#http = new HttpServer(handlers, limits, (source) => !this.#serves(source.via));
    this.#tls = createTlsServer({ certificates, owned, limits, logger, onSecure: (socket) => this.#secure(socket) });
  }

  accept(socket: Socket): void {
    const { addressing, connections, limits, logger } = this.#options;
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return void socket.destroy();
    const remote = { network: addressing.networkOf(remoteAddress), loopback: addressing.isLoopback(remoteAddress) };
    const leave = connections.admit(remote);
    if (leave === undefined) {
      logger.debug({ network: remote.network, open: connections.open }, "refused a connection: too many are open");
      return void socket.destroy();
    }
    this.#sockets.add(socket);
    socket.on("error", () => undefined); // its "close" follows, and that is all there is to do
    socket.once("close", () => {
      this.#sockets.delete(socket);
      leave();
    });
    awaitFirstByte(socket, limits.firstByteTime, (protocol) => {
      if (protocol === "tls") this.#handshake(socket);
      else this.#plain(socket, remote.loopback);
    });
  }

  async close(): Promise<void> {
    await this.#http.drain();
    for (const socket of this.#sockets) socket.destroy();
  }

  #plain(socket: Socket, loopback: boolean): void {
    this.#serve(socket, loopback ? "loopback" : "plain");
    // After node:http has taken the handle: what was put back comes first, then what the network brings.
    socket.resume();
  }

  #handshake(socket: Socket): void {
    // As node:https has it; otherwise a client that leaves during the handshake keeps its place until the time is up.
    socket.allowHalfOpen = false;
    this.#tls.emit("connection", socket);
  }

  #secure(socket: TLSSocket): void {
    this.#serve(socket, "tls");
  }

  #serve(socket: Socket, via: Via): void {
    const { addressing } = this.#options;
    const { remoteAddress } = socket;
    // Gone already. It must not be served: an empty address means the Unix socket.
    if (remoteAddress === undefined) return void socket.destroy();
    const address = addressing.plainAddress(remoteAddress);
    const source: Source = { via, address, network: addressing.networkOf(address) };
    this.#http.serve(socket, source);
  }

  #serves(via: Via): boolean {
    const { plaintext } = this.#options;
    if (via === "plain") return plaintext === "lan";
    return via !== "loopback" || plaintext !== "never";
  }
}
