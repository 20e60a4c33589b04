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

const [host = "127.0.0.1", port = "9473", option] = process.argv.slice(2);
try {
  // The link names the node, so whoever else answers at this address is refused.
  if (option === "--pair")
    await FleetClient.pair(host, (await text(process.stdin)).trim(), "menu bar", Number(port), { kind: "app", role: "viewer" });
  await show(await storedClient({ host, port: Number(port) }));
} catch (error) {
  if (!(error instanceof FleetError)) throw error;
  console.error(`${error.code}: ${error.message} (${error.remedy})`);
  process.exitCode = 1;
}

/** Shows the node, over its restarts and gaps in the network, until it refuses this key, which rejects. */
async function show(client: FleetClient): Promise<void> {
  console.log(`● ${(await client.getNodeInfo()).name}`);
  for await (const event of client.events(["node", "node.stats"], { onState: showState })) console.log(lineOf(event));
}

function showState(state: EventsState): void {
  console.log(state.state === "open" ? "● here" : `○ away: ${state.error.message}`);
}

function lineOf(event: FleetEvent<"node" | "node.stats">): string {
  if (event.topic === "node.stats") return `CPU ${event.data.cpuUsagePercent.toFixed(0)} %`;
  return event.data.type === "node.renamed" ? `● ${event.data.name}` : event.data.type;
}
