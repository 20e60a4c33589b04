/** `cider fleet audit activity` */

import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { ago, columns } from "../listing.ts";
import { hint } from "../terminal.ts";

const USUAL = 50;
const MOST = 1000;
const HEADING = ["WHO", "OPERATION", "FROM", "COUNT", "LAST"];

export async function run(call: Call): Promise<ExitName> {
  const { clock, flags, terminal } = call;
  const limit = flags.whole("limit", 1, MOST) ?? USUAL;
  const filters = { actor: flags.text("actor"), operation: flags.text("operation"), address: flags.text("address") };
  const { rows } = await withNode(call, (client) => client.listActivity({ ...filters, limit }));
  if (flags.on("json")) {
    terminal.out.json({ rows });
    return "OK";
  }
  if (rows.length === 0) hint(terminal, "nothing that fits was counted");
  const now = clock.now();
  const cells = rows.map(({ actor, operation, from, count, last }) => [actor, operation, from, String(count), ago(last, now)]);
  if (cells.length > 0) terminal.out.block(columns(terminal.out, HEADING, cells));
  return "OK";
}
