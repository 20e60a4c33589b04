/**
 * A client that was given a node's name or id and nothing else but, perhaps, a token: calls it again and again, and
 * writes how each call went.
 */

import { setTimeout as pause } from "node:timers/promises";
import { FleetClient, storedClient } from "../../../../src/sdk-node/index.ts";

const [host = "", apiToken] = process.argv.slice(2);
const client = apiToken === undefined ? await storedClient({ host }) : new FleetClient({ host, apiToken });
for (;;) {
  const outcome = await client.getNodeInfo().then(
    ({ nodeId }) => ({ nodeId }),
    (error: unknown) => ({ error: String(error) }),
  );
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
  await pause(200);
}
