/** `cider fleet token edit` */

import { PERMISSIONS } from "../../foundation/vocabulary.ts";
import { chooseToken } from "../chosen.ts";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { UsageError } from "../failure.ts";
import { until } from "../listing.ts";
import { sayUnused } from "../unused-scopes.ts";

export async function run(call: Call): Promise<ExitName> {
  const { args, clock, flags, terminal } = call;
  const edit = readEdit(call);
  return withNode<ExitName>(call, async (client) => {
    const { id } = chooseToken(await client.listAPITokens(), args[0] ?? "");
    const token = await client.updateAPIToken({ id, ...edit });
    if (flags.on("json")) terminal.out.json(token);
    else {
      const rights = token.permissions === "custom" ? token.scopes.join(", ") : token.permissions;
      const end = token.expiresAt === null ? "never expires" : `expires ${until(token.expiresAt, clock.now())}`;
      const places = token.allowedIps.length === 0 ? "from anywhere" : `from ${token.allowedIps.join(", ")}`;
      terminal.out.line(`${token.name} (${token.tokenPrefix}…): ${rights}, ${end}, ${places}`);
    }
    if (edit.scopes !== undefined) await sayUnused(client, edit.scopes, terminal);
    return "OK";
  });
}

function readEdit({ flags }: Call) {
  const name = flags.text("name");
  const permissions = flags.word("permissions", PERMISSIONS);
  const scopes = flags.list("scope");
  const expires = flags.text("expires");
  const listed = flags.list("allow-ip");
  if (flags.on("any-ip") && listed !== undefined)
    throw new UsageError("--any-ip does not go with --allow-ip", "leave one of them out");
  const allowedIps = flags.on("any-ip") ? [] : listed;
  const edit = {
    ...(name !== undefined && { name }),
    ...(permissions !== undefined && { permissions }),
    ...(scopes !== undefined && { scopes }),
    ...(expires !== undefined && { expires }),
    ...(allowedIps !== undefined && { allowedIps }),
  };
  if (Object.keys(edit).length === 0) throw new UsageError("nothing to change was given", 'see "cider fleet token edit --help"');
  return edit;
}
