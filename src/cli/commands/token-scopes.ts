/** `cider fleet token scopes` */

import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { columns } from "../listing.ts";

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal } = call;
  const { scopes } = await withNode(call, (client) => client.listScopes());
  if (flags.on("json")) {
    terminal.out.json({ scopes });
    return "OK";
  }
  const rows = scopes
    .filter(({ grantable }) => grantable)
    .map(({ inUse, operations, scope }) => [scope, inUse ? operations.join(" ") : "nothing uses it yet"]);
  terminal.out.block(columns(terminal.out, ["SCOPE", "ALLOWS"], rows));
  return "OK";
}
