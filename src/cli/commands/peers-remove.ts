/** `cider fleet peers remove` */

import { choose } from "../choose.ts";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { counted } from "../words.ts";

export async function run(call: Call): Promise<ExitName> {
  const { flags, args, terminal } = call;
  const [typed = ""] = args;
  return withNode<ExitName>(call, async (client) => {
    const { peers } = await client.listPeers();
    const peer = choose(peers, typed, { what: "peer", list: "peers list", starts: ({ id }) => [id] });
    const removed = await client.removePeer(peer.id);
    if (flags.on("json")) terminal.out.json(removed);
    else {
      const tokens = counted(removed.tokensRevoked, "personal token");
      terminal.out.line(
        `removed ${peer.name} (${peer.id}); ended ${counted(removed.connectionsClosed, "connection")} and ${tokens}`,
      );
    }
    return "OK";
  });
}
