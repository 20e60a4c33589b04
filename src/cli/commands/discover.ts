/** `cider fleet discover` */

import type { DiscoveredNode } from "../../sdk-node/index.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { interruptible } from "../interruption.ts";
import { columns } from "../listing.ts";
import { hint, type Terminal } from "../terminal.ts";

const HEADING = ["NAME", "ID", "ADDRESS", "VERSION", "PAIRED", "STATE"];

/** Longest time to listen, in seconds. */
const LONGEST = 60;

export async function run({ flags, terminal }: Call): Promise<ExitName> {
  const { out } = terminal;
  const json = flags.on("json");
  if (flags.on("watch")) return interruptible((signal) => watch(terminal, json, signal));
  const { discover } = await import("../../sdk-node/index.ts");
  const seconds = flags.whole("seconds", 1, LONGEST);
  const nodes = await discover(seconds === undefined ? {} : { timeout: seconds * 1000 });
  if (json) out.json({ nodes });
  else if (nodes.length === 0) hint(terminal, "no node was found; one on another network is reached by its address");
  else out.block(columns(out, HEADING, nodes.map(row)));
  return "OK";
}

/** Tells of nodes that come, change and go, until it is interrupted. */
async function watch(terminal: Terminal, json: boolean, signal: AbortSignal): Promise<ExitName> {
  const { err, out } = terminal;
  if (err.isTTY) hint(terminal, "nodes are shown as they come, change and go; Ctrl-C ends it");
  const { watchNodes } = await import("../../sdk-node/index.ts");
  let before = new Map<string, DiscoveredNode>();
  for await (const nodes of watchNodes({ signal })) {
    if (signal.aborted) break;
    const now = new Map(nodes.map((node) => [node.nodeId, node]));
    for (const [event, node] of changesBetween(before, now)) {
      if (json) out.json({ event, node });
      else out.line(`${event.padEnd("changed".length)}  ${row(node).join("  ")}`);
    }
    before = now;
  }
  return "INTERRUPTED";
}

type Nodes = ReadonlyMap<string, DiscoveredNode>;

type Change = readonly [event: "found" | "changed" | "gone", node: DiscoveredNode];

function changesBetween(before: Nodes, now: Nodes): readonly Change[] {
  const gone = [...before.values()].filter(({ nodeId }) => !now.has(nodeId)).map((node): Change => ["gone", node]);
  const news = [...now.values()].flatMap((node): readonly Change[] => {
    const known = before.get(node.nodeId);
    if (known === undefined) return [["found", node]];
    return JSON.stringify(known) === JSON.stringify(node) ? [] : [["changed", node]];
  });
  return [...gone, ...news];
}

function row(node: DiscoveredNode): readonly string[] {
  const [address = "none"] = node.addresses;
  return [node.name, node.nodeId, address, node.version, node.paired ? "yes" : "no", stateOf(node)];
}

function stateOf({ answeredBy, identity, pairing }: DiscoveredNode): string {
  if (identity === "unproven") return "does not answer";
  if (identity === "mismatch") return `not this node: ${answeredBy ?? "another"} answers there`;
  return pairing === "open" ? "pairing open" : "reachable";
}
