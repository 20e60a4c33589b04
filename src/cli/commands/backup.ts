/** `cider fleet backup`: the node says where its record ends, this account reads the folder up to there. */

import { resolve } from "node:path";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { hint } from "../terminal.ts";

export async function run(call: Call): Promise<ExitName> {
  const { args, clock, flags, terminal } = call;
  const file = resolve(args[0] ?? "");
  const { writeBackup } = await import("../../daemon/index.ts");
  const { head, files, made } = await withNode(call, async (client) => {
    const { dataDir } = await client.getStatus();
    return writeBackup({ dataDir, file, clock, head: () => client.getAuditHead() });
  });
  if (flags.on("json"))
    terminal.out.json({ file, made, nodeId: head.nodeId, seq: head.seq, files: files.map(({ name }) => name) });
  else terminal.out.line(`wrote ${file}: the node up to entry ${head.seq} of its record`);
  hint(terminal, "it holds the identity key: whoever reads it can be this node");
  return "OK";
}
