/** What `token revoke` and `token delete` share: finding the token, ending it, saying what ended with it. */

import type { FleetClient } from "../sdk-node/index.ts";
import { TOKEN_PREFIX } from "../wire/token.ts";
import { choose } from "./choose.ts";
import type { Call } from "./command.ts";
import { withNode } from "./connection.ts";
import type { ExitName } from "./exit-codes.ts";
import { counted } from "./words.ts";

/** What the node answers when a token ended. */
type Ended = Awaited<ReturnType<FleetClient["revokeAPIToken"]>>;

/** Ends the token that the first argument names, by `end`, and says so with `verb`: `revoked`, `deleted`. */
export async function endToken(
  call: Call,
  verb: string,
  end: (client: FleetClient, id: string) => Promise<Ended>,
): Promise<ExitName> {
  const { flags, args, terminal } = call;
  const typed = withoutSecret(args[0] ?? "");
  return withNode<ExitName>(call, async (client) => {
    const tokens = await client.listAPITokens();
    const token = choose(tokens, typed, {
      what: "token",
      list: "token list",
      starts: ({ id, tokenPrefix }) => [id, tokenPrefix],
    });
    const ended = await end(client, token.id);
    if (flags.on("json")) terminal.out.json(ended);
    else
      terminal.out.line(`${verb} ${token.name} (${token.tokenPrefix}…); ended ${counted(ended.connectionsClosed, "connection")}`);
    return "OK";
  });
}

/** Characters of a token that its record shows. */
const SHOWN = 12;

/** A leaked token may be pasted whole: its first characters find it, and no message repeats the rest. */
function withoutSecret(typed: string): string {
  return typed.startsWith(TOKEN_PREFIX) ? typed.slice(0, SHOWN) : typed;
}
