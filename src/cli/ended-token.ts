/** What `token revoke` and `token delete` share: finding the token, ending it, saying what ended with it. */

import type { FleetClient } from "../sdk-node/index.ts";
import { chooseToken } from "./chosen.ts";
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
  return withNode<ExitName>(call, async (client) => {
    const tokens = await client.listAPITokens();
    const token = chooseToken(tokens, args[0] ?? "");
    const ended = await end(client, token.id);
    if (flags.on("json")) terminal.out.json(ended);
    else
      terminal.out.line(`${verb} ${token.name} (${token.tokenPrefix}…); ended ${counted(ended.connectionsClosed, "connection")}`);
    return "OK";
  });
}
