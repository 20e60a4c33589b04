/** Asks a node as the token that somebody presents. */

import type { FleetClient } from "../sdk-node/index.ts";
import type { Call } from "./command.ts";
import { targetOf } from "./connection.ts";
import { readPresentedToken } from "./presented-token.ts";

/** Runs `use` with a client that is the token read from standard input, and closes the client afterwards. */
export async function asPresentedToken<T>(call: Call, use: (client: FleetClient) => Promise<T>): Promise<T> {
  const apiToken = await readPresentedToken(call.terminal);
  const target = await targetOf(call);
  const { FleetClient, localClient } = await import("../sdk-node/index.ts");
  const client =
    target.via === "socket" ? localClient(target.path, { apiToken }) : new FleetClient({ ...target.address, apiToken });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}
