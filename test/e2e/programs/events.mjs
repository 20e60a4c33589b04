// An app that follows a node: pairs by a link or holds a token, and prints what it is told, one line of JSON each.
// Told where to go on stdin, as one line.

import { createInterface } from "node:readline";
import { FleetClient, FleetError } from "cider-fleet";

const [first] = await createInterface({ input: process.stdin })
  [Symbol.asyncIterator]()
  .next()
  .then(({ value }) => [value]);
const { host, port, apiToken, link, topics, since, count } = JSON.parse(first);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const identity = async () => ({ nodeId: (await FleetClient.pair(host, link, "app", port, { role: "admin" })).nodeId });
const client = new FleetClient({ host, port, ...(link === undefined ? { apiToken } : await identity()) });

let left = count ?? Number.POSITIVE_INFINITY;
try {
  const onState = ({ state, seq, error }) => say({ state, seq, error: error?.code });
  for await (const event of client.events(topics, { since, onState })) {
    say({ event });
    if (--left === 0) break;
  }
  say({ left: true });
} catch (error) {
  if (!(error instanceof FleetError)) throw error;
  say({ ended: error.code, details: error.details });
}
process.stdin.destroy();
client.close();
