/** `cider fleet join`: pairs this account with another node, by the code or link shown there. */

import { hostname } from "node:os";
import { createInterface } from "node:readline/promises";
import { ROLES } from "../../foundation/vocabulary.ts";
import { ownAccountName } from "../../host/accounts.ts";
import { looksLikePairingLink } from "../../wire/links.ts";
import { isName } from "../../wire/names.ts";
import { splitAddress } from "../address.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { UsageError } from "../failure.ts";
import { hint, type Terminal } from "../terminal.ts";

export async function run(call: Call): Promise<ExitName> {
  const { flags, args, terminal } = call;
  // The words of a command are listed to every account of the machine, and these hold a code or a link's secret.
  process.title = "cider fleet join";
  const [node = ""] = args;
  const isLink = looksLikePairingLink(node);
  const { host, port } = isLink ? { host: node, port: undefined } : splitAddress(node);
  const code = args[1] ?? (isLink ? undefined : await askCode(terminal));
  const role = flags.word("role", ROLES);
  const { FleetClient } = await import("../../sdk-node/index.ts");
  const options = { kind: "cli", ...(role === undefined ? {} : { role }) } as const;
  const paired = await FleetClient.pair(host, code, flags.text("name") ?? ownName(), port, options);
  // The key itself stays in the store: a terminal's history is no place for it.
  const { privateKeyHex: _, ...shown } = paired;
  if (flags.on("json")) terminal.out.json(shown);
  else terminal.out.line(`paired with ${paired.responderName} (${paired.responderNodeId}) as ${paired.role}`);
  if (!isLink) hint(terminal, `try: cider fleet status --host ${node}`);
  return "OK";
}

async function askCode({ input, err }: Terminal): Promise<string> {
  const lines = createInterface({ input });
  try {
    if (input.isTTY) err.write("code shown on the other node: ");
    for await (const line of lines) return line;
    throw new UsageError("no code was given", "type the six digits that the other node shows");
  } finally {
    lines.close();
  }
}

/** How the node lists this account: who and where. */
function ownName(): string {
  const name = `${ownAccountName()}@${hostname()}`;
  return isName(name) ? name : "cider-fleet-cli";
}
