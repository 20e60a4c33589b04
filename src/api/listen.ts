/** Opening TCP listeners, all or none: every address of the configuration, or an error that says which one failed and why. */

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { FleetError } from "../foundation/errors.ts";
import { findListener, portTaken } from "./port-owner.ts";

const ANY_IPV6 = "::";
const ANY_IPV4 = "0.0.0.0";

/** Open listeners, one for each address. */
export interface Listeners {
  readonly port: number;
  /** What is listened on, `::` standing for both families. */
  readonly addresses: readonly string[];
  /** Accepts nothing more; connections that exist stay. */
  stop(): void;
}

/**
 * Listens on all `addresses` at one `port` (0: one the system chooses). Throws PORT_TAKEN that names who has it, or
 * CONFIG_INVALID when an address is not this machine's or the port needs rights this account lacks.
 */
export async function listen(addresses: readonly string[], port: number, accept: (socket: Socket) => void): Promise<Listeners> {
  await refuseShadowed(addresses, port);
  const servers: Server[] = [];
  const stop = () => {
    for (const server of servers) server.close();
  };
  let chosen = port;
  for (const address of addresses) {
    try {
      const server = await listenOn(address, chosen, accept, addresses.includes(ANY_IPV4));
      servers.push(server);
      chosen = boundTo(server).port;
    } catch (error) {
      stop();
      throw await explain(error, address, chosen);
    }
  }
  return { port: chosen, addresses: servers.map((server) => boundTo(server).address), stop };
}

async function listenOn(address: string, port: number, accept: (socket: Socket) => void, ipv6Only: boolean): Promise<Server> {
  try {
    return await bind(address, port, accept, ipv6Only);
  } catch (error) {
    // A machine with IPv6 switched off still has IPv4.
    if (address === ANY_IPV6 && !ipv6Only && isCode(error, "EAFNOSUPPORT", "EADDRNOTAVAIL"))
      return bind(ANY_IPV4, port, accept, false);
    throw error;
  }
}

function bind(host: string, port: number, accept: (socket: Socket) => void, ipv6Only: boolean): Promise<Server> {
  // As node:http sets them: a client may close its half after asking, and answers are not held back to fill packets.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, ipv6Only, exclusive: true }, () => {
      server.off("error", reject);
      // EMFILE and its like concern one connection; the listener goes on.
      server.on("error", () => undefined);
      resolve(server);
    });
  });
}

/**
 * macOS lets a listener on all addresses stand beside one on 127.0.0.1 and gives the connections to the latter, so a node
 * could start and be unreachable. Linux refuses the second listener by itself.
 */
async function refuseShadowed(addresses: readonly string[], port: number): Promise<void> {
  if (process.platform !== "darwin" || port === 0 || !addresses.some(isWildcard)) return;
  const host = await findListener(port);
  if (host !== undefined) throw await portTaken(host, port);
}

async function explain(error: unknown, address: string, port: number): Promise<unknown> {
  if (isCode(error, "EADDRINUSE")) return portTaken(isWildcard(address) ? "127.0.0.1" : address, port);
  if (isCode(error, "EADDRNOTAVAIL", "EINVAL", "ENOTFOUND")) {
    return new FleetError("CONFIG_INVALID", `listen: ${address} is not an address of this machine`, { key: "listen" });
  }
  if (isCode(error, "EACCES"))
    return new FleetError("CONFIG_INVALID", `port: this account may not open port ${port}; choose one from 1024`, {
      key: "port",
    });
  return error;
}

function isWildcard(address: string): boolean {
  return address === ANY_IPV6 || address === ANY_IPV4;
}

function boundTo(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new FleetError("INTERNAL", "a TCP listener has no port");
  return address;
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code);
}
