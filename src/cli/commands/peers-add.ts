/** `cider fleet peers add` */

import { PEER_KINDS, ROLES } from "../../foundation/vocabulary.ts";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { hint } from "../terminal.ts";

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal } = call;
  const kind = flags.word("kind", PEER_KINDS);
  const input = {
    publicKey: flags.text("public-key") ?? "",
    name: flags.text("name") ?? "",
    role: flags.word("role", ROLES) ?? "viewer",
    ...(kind !== undefined && { kind }),
  };
  const peer = await withNode(call, (client) => client.addPeer(input));
  if (flags.on("json")) terminal.out.json(peer);
  else terminal.out.line(`trusts ${peer.name} (${peer.id}) as ${peer.role}`);
  hint(terminal, `compare its fingerprint on the other side: ${peer.fingerprint}`);
  return "OK";
}
