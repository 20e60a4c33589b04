/**
 * A service proves itself: it answers through its socket, and at an address of the LAN as the node it says it is. Through
 * this machine's own stack, so a firewall before it is not proven.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../foundation/clock.ts";
import { isFleetError } from "../../foundation/errors.ts";
import type { NodeId } from "../../foundation/ids.ts";
import { type FleetClient, localClient } from "../../sdk-node/index.ts";
import { TlsTransport } from "../../sdk-node/tls-transport.ts";

type Status = Awaited<ReturnType<FleetClient["getStatus"]>>;

/** What a service has shown. */
export interface Proof {
  readonly status: Status;
  /** Addresses that answered as this node over TLS. */
  readonly reached: readonly string[];
  readonly missed: readonly string[];
}

/** Milliseconds between two looks at a node that does not answer yet. */
const POLL_TIME = 100;
/** Milliseconds an address of this machine may take. */
const ADDRESS_TIMEOUT = 3000;

/**
 * Resolves once the node answered at the socket, having asked its addresses; undefined when it did not within `timeout`
 * ms. Rejects with SOCKET_REFUSED when this account may not open the socket: waiting would not help.
 */
export async function proveService(socket: string, clock: Clock, timeout: number): Promise<Proof | undefined> {
  const status = await statusAt(socket, clock, timeout);
  if (status === undefined) return undefined;
  const asked = status.addresses.length === 0 ? ["127.0.0.1"] : status.addresses;
  const answers = await Promise.all(asked.map((host) => answersAs(status.nodeId, { host, port: status.port }, clock)));
  return { status, reached: asked.filter((_, i) => answers[i]), missed: asked.filter((_, i) => !answers[i]) };
}

/** Resolves to the node's status, asked at least once. */
async function statusAt(socket: string, clock: Clock, timeout: number): Promise<Status | undefined> {
  const end = clock.elapsed() + timeout;
  while (true) {
    const client = localClient(socket);
    try {
      return await client.getStatus();
    } catch (error) {
      if (isFleetError(error, "SOCKET_REFUSED")) throw error;
      if (clock.elapsed() >= end) return undefined;
    } finally {
      client.close();
    }
    await sleep(POLL_TIME);
  }
}

/** The chain must lead to the node's key: another program at the address is no proof. */
async function answersAs(
  node: NodeId,
  address: { readonly host: string; readonly port: number },
  clock: Clock,
): Promise<boolean> {
  const transport = new TlsTransport(address, clock);
  try {
    const request = {
      method: "GET",
      path: "/api/health",
      headers: {},
      node,
      signal: AbortSignal.timeout(ADDRESS_TIMEOUT),
    } as const;
    return (await transport.request(request)).status === 200;
  } catch {
    return false;
  } finally {
    transport.close();
  }
}
