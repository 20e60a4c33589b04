/** `cider fleet audit export` */

import { auditQuery, entriesOf } from "../audit-filters.ts";
import { CSV_HEADING, csvLine } from "../audit-views.ts";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";

export function run(call: Call): Promise<ExitName> {
  const { flags, terminal } = call;
  const isCsv = flags.word("format", ["jsonl", "csv"]) === "csv";
  return withNode<ExitName>(call, async (client) => {
    const query = await auditQuery(call, client);
    if (isCsv) terminal.out.line(CSV_HEADING);
    for await (const entry of entriesOf(client, query)) {
      if (isCsv) terminal.out.line(csvLine(entry));
      else terminal.out.json(entry);
    }
    return "OK";
  });
}
