/** `cider fleet peers rename` */

import { findPeer } from "../chosen.ts";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";

export async function run(call: Call): Promise<ExitName> {
  const { args, flags, terminal } = call;
  const [typed = "", name = ""] = args;
  return withNode<ExitName>(call, async (client) => {
    const before = await findPeer(client, typed);
    const peer = await client.updatePeer({ id: before.id, name });
    if (flags.on("json")) terminal.out.json(peer);
    else terminal.out.line(`renamed ${before.name} to ${peer.name} (${peer.id})`);
    return "OK";
  });
}
