/**
 * What a menu bar shows of a node, one line for each change: for SwiftBar's streams, a tray icon, or a terminal. It may
 * look and nothing else: the window is opened for a viewer.
 *
 *     cider fleet pair --link --role viewer             # on the node; then, once, here:
 *     npx tsx menu-bar.mts 192.168.1.100 9473 --pair    # reads the link from stdin, where no other account sees it
 *     npx tsx menu-bar.mts 192.168.1.100 9473           # at every later start
 */

import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { type ErrorCode, FleetClient, FleetError, type FleetEvent, storedClient } from "cider-fleet";

const TOPICS = ["node", "node.stats"] as const;
const LONGEST_PAUSE = 30_000;

/** What passes by itself: anything else, as a key that was removed, is for a person. */
const PASSING: readonly ErrorCode[] = ["SHUTTING_DOWN", "CONNECTION_CLOSED", "CONNECTION_FAILED", "TIMEOUT", "RATE_LIMITED"];

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

/** Shows the node until it refuses this key, which rejects. */
async function show(client: FleetClient): Promise<void> {
  let last: number | undefined;
  for (let wait = 500; ; wait = Math.min(2 * wait, LONGEST_PAUSE)) {
    try {
      for await (const event of eventsOf(client, last)) {
        wait = 500;
        last = event.seq ?? last;
        console.log(lineOf(event));
      }
    } catch (error) {
      if (!(error instanceof FleetError)) throw error;
      if (error.code === "RESUME_GONE") last = undefined;
      else if (!PASSING.includes(error.code)) throw error;
      console.log(`○ away: ${error.message}`);
    }
    // By chance, so that not every client of a node that was restarted returns in the same moment.
    await pause(wait * (0.5 + Math.random() / 2));
  }
}

/** Yields what is new, first the node as it is, then what was missed since `last`, then what happens. */
async function* eventsOf(client: FleetClient, last: number | undefined): AsyncGenerator<FleetEvent> {
  const socket = await client.connect();
  try {
    const events = socket.events();
    const { name } = await socket.call("GetNodeInfo", {});
    console.log(`● ${name}`);
    await socket.subscribe(TOPICS, { interval: 5, ...(last !== undefined && { since: last }) });
    yield* events;
  } finally {
    socket.close();
  }
}

function lineOf({ topic, data }: FleetEvent): string {
  if (topic === "node.stats") return `CPU ${Number(data["cpuUsagePercent"]).toFixed(0)} %`;
  return data["type"] === "node.renamed" ? `● ${String(data["name"])}` : String(data["type"]);
}
