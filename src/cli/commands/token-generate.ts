/**
 * `cider fleet token generate`: the secret is the answer. Beside a terminal it stands alone on stdout, so that
 * `TOKEN=$(cider fleet token generate --name ci)` works; what else there is to say goes to stderr.
 */

import { SECOND } from "../../foundation/durations.ts";
import { PERMISSIONS } from "../../foundation/vocabulary.ts";
import type { FleetClient, RegisterAPIToken } from "../../sdk-node/index.ts";
import { findPeer } from "../chosen.ts";
import type { Call } from "../command.ts";
import { sameNode, withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { UsageError } from "../failure.ts";
import { until } from "../listing.ts";
import { hint, say } from "../terminal.ts";
import { sayUnused } from "../unused-scopes.ts";

type Issued = Awaited<ReturnType<FleetClient["generateAPIToken"]>>;

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal } = call;
  const { name, permissions, ...options } = readInput(call);
  const owner = flags.text("owner");
  return withNode<ExitName>(call, async (client) => {
    const belongs = owner === undefined || owner === "fleet" ? {} : { owner: `node:${(await findPeer(client, owner)).id}` };
    const hash = flags.text("hash");
    if (hash !== undefined) return register(client, { name, permissions, ...options, ...belongs, hash }, call);
    const issued = await client.generateAPIToken(name, permissions, { ...options, ...belongs });
    if (flags.on("json")) terminal.out.json(issued);
    else terminal.out.line(issued.token);
    describe(issued, call);
    if (issued.permissions === "custom") await sayUnused(client, issued.scopes, terminal);
    return "OK";
  });
}

/** Registers a token whose text is elsewhere; the answer is the id it has here. */
async function register(client: FleetClient, order: RegisterAPIToken, { flags, terminal }: Call): Promise<ExitName> {
  const registered = await client.registerAPIToken(order);
  if (flags.on("json")) terminal.out.json(registered);
  else terminal.out.line(registered.id);
  say(terminal, `token ${JSON.stringify(registered.name)} is good here, whoever has its text`);
  return "OK";
}

function readInput({ flags }: Call) {
  const scopes = flags.list("scope");
  const asked = flags.word("permissions", PERMISSIONS);
  if (asked === "custom" && scopes === undefined) throw new UsageError("--permissions custom needs at least one --scope");
  if (asked !== undefined && asked !== "custom" && scopes !== undefined) {
    throw new UsageError(`--scope does not go with --permissions ${asked}`, "leave one of them out");
  }
  const expires = flags.text("expires");
  const allowedIps = flags.list("allow-ip");
  const requestsPerMinute = flags.whole("per-minute", 1, 1_000_000);
  return {
    name: flags.text("name") ?? "",
    permissions: scopes === undefined ? (asked ?? "readOnly") : "custom",
    ...(scopes === undefined ? {} : { scopes: [...scopes] }),
    ...(expires === undefined ? {} : { expires }),
    ...(allowedIps === undefined ? {} : { allowedIps: [...allowedIps] }),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
  } as const;
}

function describe(issued: Issued, call: Call): void {
  const { terminal } = call;
  const rights = issued.permissions === "custom" ? issued.scopes.join(", ") : issued.permissions;
  // 90 days are 90 days, though the node's clock moved on between two lines.
  const end =
    issued.expiresAt === null
      ? "never expires"
      : `expires ${until(issued.expiresAt, Date.parse(issued.createdAt) - SECOND)} (${issued.expiresAt})`;
  say(terminal, `token ${JSON.stringify(issued.name)}: ${rights}, ${end}`);
  hint(terminal, "the text is shown this once; keep it in a 0600 file or a secret store, and end it with");
  hint(terminal, `cider fleet token revoke ${issued.id}${sameNode(call)}`);
}
