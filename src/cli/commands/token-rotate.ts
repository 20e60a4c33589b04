/** `cider fleet token rotate`: the new secret is the answer, as of `token generate`. */

import { asPresentedToken } from "../as-token.ts";
import { chooseToken } from "../chosen.ts";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { UsageError } from "../failure.ts";
import { ago, until } from "../listing.ts";
import { hint, say } from "../terminal.ts";

export async function run(call: Call): Promise<ExitName> {
  const { clock, flags, terminal } = call;
  const rotated = await rotate(call);
  if (flags.on("json")) terminal.out.json(rotated);
  else terminal.out.line(rotated.token);

  const { graceUntil, id, lastUsedAt, lastUsedFrom } = rotated.previous;
  const now = clock.now();
  const used = lastUsedAt === null ? "never used" : `last used ${ago(lastUsedAt, now)} ${place(lastUsedFrom)}`;
  const end = graceUntil === null ? "ended" : `ends ${until(graceUntil, now)} (${graceUntil})`;
  say(terminal, `token ${JSON.stringify(rotated.name)} has a new text; the old one was ${used}, and ${end}`);
  hint(terminal, "the text is shown this once; give it to whoever uses the old one");
  if (graceUntil !== null) hint(terminal, `when nobody does any more: cider fleet token revoke ${id}`);
  return "OK";
}

function rotate(call: Call) {
  const { args, flags } = call;
  const grace = flags.text("grace");
  const isSelf = flags.on("self");
  if (isSelf === (args[0] !== undefined)) throw new UsageError("name the token, or present it with --self", "not both");
  if (isSelf && grace !== undefined) throw new UsageError("--grace does not go with --self", "the old text ends at once");
  if (isSelf) return asPresentedToken(call, (client) => client.rotateSelf());
  return withNode(call, async (client) => {
    const { id } = chooseToken(await client.listAPITokens(), args[0] ?? "");
    return client.rotateAPIToken({ id, ...(grace !== undefined && { grace }) });
  });
}

/** An empty address is the local socket. */
function place(address: string | null): string {
  return address === null || address === "" ? "on the node's own machine" : `from ${address}`;
}
