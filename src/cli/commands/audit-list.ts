/** `cider fleet audit list`, and `cider fleet audit` */

import type { AuditEntry } from "../../sdk-node/index.ts";
import { auditQuery, entriesOf } from "../audit-filters.ts";
import { followAudit } from "../audit-following.ts";
import { HEADING, rowOf } from "../audit-views.ts";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { UsageError } from "../failure.ts";
import { columns } from "../listing.ts";
import { hint } from "../terminal.ts";

const USUAL = 50;
const MOST = 1000;
const FILTERS = ["after", "before", "actor", "token", "peer", "operation", "outcome", "request", "address", "limit"];

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal } = call;
  const narrowed = FILTERS.find((name) => flags.text(name) !== undefined);
  if (flags.on("follow") && narrowed !== undefined) throw new UsageError(`--${narrowed} does not go with --follow`);
  if (flags.on("follow")) return followAudit(call);
  if (flags.text("since") !== undefined) throw new UsageError("--since goes with --follow; --after takes a time");
  const limit = flags.whole("limit", 1, MOST) ?? USUAL;
  const entries: AuditEntry[] = [];
  await withNode(call, async (client) => {
    for await (const entry of entriesOf(client, await auditQuery(call, client), limit)) entries.push(entry);
  });
  if (flags.on("json")) terminal.out.json({ entries });
  else if (entries.length === 0) hint(terminal, 'no entry fits; what is only counted is in "cider fleet audit activity"');
  else terminal.out.block(columns(terminal.out, HEADING, entries.map(rowOf)));
  return "OK";
}
