/** `cider fleet token burn`: whoever holds a token may end it. */

import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { readPresentedToken } from "../presented-token.ts";
import { counted } from "../words.ts";

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal } = call;
  const token = await readPresentedToken(terminal);
  const burnt = await withNode(call, (client) => client.burnAPIToken({ token }));
  if (flags.on("json")) terminal.out.json(burnt);
  else terminal.out.line(`revoked ${burnt.id}; ended ${counted(burnt.connectionsClosed, "connection")}`);
  return "OK";
}
