/**
 * A TLS connection whose other end is known (docs/protocol/02-transport.md). The certificate's names and the system's
 * trust store play no part: the chain must lead to the node's own key. That is checked here, after the handshake and
 * before anybody holds the socket, so no byte of a request can have been written to a stranger.
 */

import { connect, type TLSSocket } from "node:tls";
import type { Clock } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Address } from "../sdk/address.ts";
import { nodeIdOf, nodeKeyOfChain, sniNameOf, UNKNOWN_NODE_NAME } from "../sdk/chain.node.ts";
import { reasonOf } from "../sdk/deadline.ts";
import type { PublicKey } from "../sdk/transport.ts";
import { connectionError } from "./connection-errors.ts";

/** Where to connect, and who must be there. */
export interface Destination {
  readonly address: Address;
  /** Host and port for messages. */
  readonly authority: string;
  /** The only node accepted; undefined: whichever answers, for finding out. */
  readonly node: NodeId | undefined;
  readonly clock: Clock;
}

/** An open connection, and the node's key behind it. */
export interface Connected {
  readonly socket: TLSSocket;
  readonly key: PublicKey;
}

/** Connects; rejects with CONNECTION_FAILED, NODE_MISMATCH, or the signal's reason. */
export function connectTls(to: Destination, signal: AbortSignal): Promise<Connected> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: to.address.host,
      port: to.address.port,
      servername: to.node === undefined ? UNKNOWN_NODE_NAME : sniNameOf(to.node),
      ALPNProtocols: ["http/1.1"],
      minVersion: "TLSv1.2",
      // Not lenience: `nodeKeyOfChain` below is the check, and a stricter one. No session is passed, so none is resumed.
      rejectUnauthorized: false,
    });
    const abort = (): void => fail(reasonOf(signal));
    const fail = (error: unknown): void => {
      settle();
      socket.destroy();
      reject(connectionError(to.authority, error));
    };
    const settle = (): void => {
      signal.removeEventListener("abort", abort);
      socket.removeListener("close", hungUp);
    };
    const hungUp = (): void => fail(new FleetError("CONNECTION_FAILED", `cannot reach ${to.authority}: it hung up`));
    // Stays for the socket's life: an error nobody waits for must not end the process.
    socket.on("error", fail);
    socket.once("close", hungUp);
    socket.once("secureConnect", () => {
      try {
        const key = requireKey(socket, to);
        settle();
        resolve({ socket, key });
      } catch (error) {
        fail(error);
      }
    });
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
}

function requireKey(socket: TLSSocket, { node, clock, authority }: Destination): PublicKey {
  const key = nodeKeyOfChain(socket, clock.now());
  const met = nodeIdOf(key);
  if (node === undefined || met === node) return key;
  throw new FleetError("NODE_MISMATCH", `${authority} is node ${met}, not ${node}; check the address, or pair with it`, { met });
}
