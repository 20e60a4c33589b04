/** A client that was given a node's id and nothing else: calls it again and again, and writes how each call went. */

import { setTimeout as pause } from "node:timers/promises";
import { storedClient } from "../../../../src/sdk-node/index.ts";

const client = await storedClient({ host: process.argv[2] ?? "" });
for (;;) {
  const outcome = await client.getNodeInfo().then(
    ({ nodeId }) => ({ nodeId }),
    (error: unknown) => ({ error: String(error) }),
  );
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
  await pause(200);
}
