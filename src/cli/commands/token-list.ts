/** `cider fleet token list` */

import { withoutSecret } from "../chosen.ts";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { ago, columns, until } from "../listing.ts";
import { hint } from "../terminal.ts";
import { TOKEN_SORTS, TOKEN_STATUSES } from "../token-words.ts";

const HEADING = ["NAME", "TOKEN", "PERMISSIONS", "STATUS", "EXPIRES", "LAST USED", "USES", "ID"];

function queryOf({ flags }: Call) {
  return {
    status: flags.word("status", TOKEN_STATUSES),
    q: withoutSecret(flags.text("query") ?? "") || undefined,
    sort: flags.word("sort", TOKEN_SORTS),
  };
}

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal, clock } = call;
  const tokens = await withNode(call, (client) => client.listAPITokens(queryOf(call)));
  if (flags.on("json")) {
    terminal.out.json({ tokens });
    return "OK";
  }
  if (tokens.length === 0) {
    hint(terminal, 'there are no tokens; issue one with "cider fleet token generate --name my-script"');
    return "OK";
  }
  const now = clock.now();
  const rows = tokens.map((token) => [
    token.name,
    `${token.tokenPrefix}…`,
    token.permissions === "custom" ? token.scopes.join(" ") : token.permissions,
    token.status === "active" && token.rotatedTo !== undefined ? "in grace" : token.status,
    token.status === "revoked" ? "" : until(token.graceUntil ?? token.expiresAt, now),
    ago(token.lastUsedAt, now),
    String(token.useCount),
    token.id,
  ]);
  terminal.out.block(columns(terminal.out, HEADING, rows));
  return "OK";
}
