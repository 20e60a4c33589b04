/** `cider fleet audit head`: the answer is JSON for people and programs alike, since it is to be kept as it is. */

import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";

export async function run(call: Call): Promise<ExitName> {
  call.terminal.out.json(await withNode(call, (client) => client.getAuditHead()));
  return "OK";
}
