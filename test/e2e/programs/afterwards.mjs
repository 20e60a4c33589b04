// The next run of the same program: it is told its node id and its tokens, and finds its key where it was stored.

import { text } from "node:stream/consumers";
import { FleetClient } from "cider-fleet";

const { host, port, nodeId, tokens } = JSON.parse(await text(process.stdin));

const client = new FleetClient({ host, port, nodeId });
const info = await client.getNodeInfo();
const list = await client.listAPITokens();
const answers = {};
for (const [name, apiToken] of Object.entries(tokens)) {
  const script = new FleetClient({ host, port, apiToken });
  answers[name] = await script.getNodeInfo().then(
    ({ nodeId }) => nodeId,
    ({ code }) => code,
  );
  script.close();
}
process.stdout.write(JSON.stringify({ info, list, answers }));
client.close();
