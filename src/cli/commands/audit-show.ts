/** `cider fleet audit show` */

import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { pairs } from "../listing.ts";

export async function run(call: Call): Promise<ExitName> {
  const { args, flags, terminal } = call;
  const entry = await withNode(call, (client) => client.getAuditEntry({ id: args[0] ?? "" }));
  if (flags.on("json")) {
    terminal.out.json(entry);
    return "OK";
  }
  const rows: readonly (readonly [string, string])[] = [
    ["number", String(entry.seq)],
    ["at", entry.at],
    ["who", entry.actor],
    ["from", entry.from ?? "this machine"],
    ["request", entry.request === "" ? "none" : entry.request],
    ["operation", entry.operation],
    ["outcome", entry.refusal === null ? entry.outcome : `${entry.outcome}: ${entry.refusal}`],
    ["changes", entry.changes.map((change) => JSON.stringify(change)).join("\n")],
    ["hash", entry.hash],
  ];
  terminal.out.block(pairs(terminal.out, rows));
  return "OK";
}
