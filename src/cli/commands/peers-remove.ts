/** `cider fleet peers remove` */

import { findPeer } from "../chosen.ts";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { counted } from "../words.ts";

export async function run(call: Call): Promise<ExitName> {
  const { flags, args, terminal } = call;
  const [typed = ""] = args;
  return withNode<ExitName>(call, async (client) => {
    const peer = await findPeer(client, typed);
    const removed = await client.removePeer(peer.id, { withCreated: flags.on("with-created") });
    if (flags.on("json")) terminal.out.json(removed);
    else {
      const tokens = counted(removed.tokensRevoked, "token");
      terminal.out.line(
        `removed ${peer.name} (${peer.id}); ended ${counted(removed.connectionsClosed, "connection")} and ${tokens}`,
      );
    }
    return "OK";
  });
}
