/** `cider fleet peers list` */

import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { ago, columns } from "../listing.ts";
import { hint } from "../terminal.ts";

const HEADING = ["NAME", "ID", "KIND", "ROLE", "PAIRED BY", "LAST SEEN"];

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal, clock } = call;
  const answer = await withNode(call, (client) => client.listPeers());
  if (flags.on("json")) {
    terminal.out.json(answer);
    return "OK";
  }
  if (answer.peers.length === 0) {
    hint(terminal, 'this node trusts nobody yet; open a pairing window with "cider fleet pair"');
    return "OK";
  }
  const now = clock.now();
  const rows = answer.peers.map((peer) => [peer.name, peer.id, peer.kind, peer.role, peer.way, ago(peer.lastSeenAt, now)]);
  terminal.out.block(columns(terminal.out, HEADING, rows));
  return "OK";
}
