/** `cider fleet peers role` */

import { ROLES } from "../../foundation/vocabulary.ts";
import { findPeer } from "../chosen.ts";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";

export async function run(call: Call): Promise<ExitName> {
  const { args, flags, terminal } = call;
  const [typed = "", wanted] = args;
  const role = ROLES.find((word) => word === wanted);
  return withNode<ExitName>(call, async (client) => {
    const { id } = await findPeer(client, typed);
    const peer = await client.updatePeer({ id, ...(role !== undefined && { role }) });
    if (flags.on("json")) terminal.out.json(peer);
    else terminal.out.line(`${peer.name} (${peer.id}) is ${peer.role} now`);
    return "OK";
  });
}
