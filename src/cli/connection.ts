/** The node a command talks to: through the local socket, or another one with `--host` and stored credentials. */

import { shellWord } from "../host/shell.ts";
import type { FleetClient } from "../sdk-node/index.ts";
import { splitAddress, type TypedAddress } from "./address.ts";
import type { Call } from "./command.ts";
import { UsageError } from "./failure.ts";
import { findSocket, processAccount } from "./socket.ts";
import { say } from "./terminal.ts";

/** How a node is reached. */
export type Target =
  | { readonly via: "socket"; readonly path: string }
  | { readonly via: "network"; readonly address: TypedAddress };

/** Returns how to reach the node that the options name; throws NOT_RUNNING or SOCKET_REFUSED when its socket cannot be used. */
export async function targetOf({ flags, terminal }: Call): Promise<Target> {
  const host = flags.text("host");
  const dataDir = flags.text("data-dir");
  if (host !== undefined && dataDir !== undefined) throw new UsageError("--host and --data-dir name two nodes; give one");
  if (host !== undefined) return { via: "network", address: splitAddress(host) };
  const { path, elsewhere } = await findSocket(dataDir, processAccount(terminal.env));
  if (elsewhere) say(terminal, `using the system's node at ${path}`);
  return { via: "socket", path };
}

/** Returns the options that name the same node again, with a space before each, for commands to paste. */
export function sameNode({ flags }: Pick<Call, "flags">): string {
  const options = ["host", "data-dir"].map((name) => [name, flags.text(name)] as const);
  return options.map(([name, value]) => (value === undefined ? "" : ` --${name} ${shellWord(value)}`)).join("");
}

/** Returns a client of the target; over the network it is the peer that this account was paired as. */
export async function clientOf(target: Target): Promise<FleetClient> {
  const { localClient, storedClient } = await import("../sdk-node/index.ts");
  return target.via === "socket" ? localClient(target.path) : storedClient(target.address);
}

/** Runs `use` with a client of the node that the options name, and closes the client afterwards. */
export async function withNode<T>(call: Call, use: (client: FleetClient) => Promise<T>): Promise<T> {
  const client = await clientOf(await targetOf(call));
  try {
    return await use(client);
  } finally {
    client.close();
  }
}
