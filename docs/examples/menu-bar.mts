/**
 * What a menu bar shows of a node, one line for each change: for SwiftBar's streams, a tray icon, or a terminal. It may
 * look and nothing else: the window is opened for a viewer.
 *
 *     cider fleet pair --link --role viewer             # on the node; then, once, here:
 *     npx tsx menu-bar.mts 192.168.1.100 9473 --pair    # reads the link from stdin, where no other account sees it
 *     npx tsx menu-bar.mts 192.168.1.100 9473           # at every later start
 */

import { text } from "node:stream/consumers";
import { type EventsState, FleetClient, FleetError, type FleetEvent, storedClient } from "cider-fleet";

const TOPICS = ["node", "node.stats"] as const;

const [host = "127.0.0.1", port = "9473", option] = process.argv.slice(2);
try {
  if (option === "--pair") await pair((await text(process.stdin)).trim());
  await show(await storedClient({ host, port: Number(port) }));
} catch (error) {
  if (!(error instanceof FleetError)) throw error;
  console.error(`${error.code}: ${error.message} (${error.remedy})`);
  process.exitCode = 1;
}

/** The link names the node, so whoever else answers at this address is refused. */
async function pair(link: string): Promise<void> {
  await FleetClient.pair(host, link, "menu bar", Number(port), { kind: "app", role: "viewer" });
}

/** Shows the node until it refuses this key, which rejects. A restart of the node and a gap in the network are outlasted. */
async function show(client: FleetClient): Promise<void> {
  const { name } = await client.getNodeInfo();
  console.log(`● ${name}`);
  for await (const event of client.events(TOPICS, { interval: 5, onState: showState })) console.log(lineOf(event));
}

function showState(state: EventsState): void {
  console.log(state.state === "open" ? "● live" : `○ away: ${state.error.message}`);
}

function lineOf({ data, topic }: FleetEvent<(typeof TOPICS)[number]>): string {
  if (topic === "node.stats") return `CPU ${data.cpuUsagePercent.toFixed(0)} %`;
  return data.type === "node.renamed" ? `● ${data.name}` : data.type;
}
