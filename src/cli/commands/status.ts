/** `cider fleet status` */

import { sayDuration } from "../../foundation/durations.ts";
import type { FleetClient } from "../../sdk-node/index.ts";
import { DEFAULT_PORT } from "../../wire/links.ts";
import { hostInUrl, splitAddress } from "../address.ts";
import type { Call } from "../command.ts";
import { sameNode, withNode } from "../connection.ts";
import { curlLines, curlLinesFrom } from "../curl.ts";
import type { ExitName } from "../exit-codes.ts";
import { pairs } from "../listing.ts";
import { asTyped } from "../terminal.ts";

type Status = Awaited<ReturnType<FleetClient["getStatus"]>>;

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal, clock } = call;
  const status = await withNode(call, (client) => client.getStatus());
  const { out } = terminal;
  if (flags.on("json")) {
    out.json(status);
    return "OK";
  }
  out.block(pairs(out, describe(status, clock.now())));
  out.line();
  out.line(out.paint("dim", "Ready to paste:"));
  for (const line of linesToPaste(status, call)) out.line(`  ${asTyped(terminal, line)}`);
  return "OK";
}

function linesToPaste(status: Status, call: Call): readonly string[] {
  const host = call.flags.text("host");
  if (host === undefined) return curlLines(status, sameNode(call));
  const address = splitAddress(host);
  return curlLinesFrom(`https://${hostInUrl(address.host)}:${address.port ?? DEFAULT_PORT}`, sameNode(call));
}

function describe(status: Status, now: number): readonly (readonly [string, string])[] {
  const urls = status.addresses.map((address) => `https://${hostInUrl(address)}:${status.port}`);
  return [
    ["name", status.name],
    ["node id", status.nodeId],
    ["fingerprint", status.fingerprint],
    ["fleet id", status.fleetId],
    ["version", status.version],
    ["running", `for ${sayDuration(now - Date.parse(status.startedAt))}, pid ${status.pid}`],
    ["addresses", urls.length === 0 ? `https://127.0.0.1:${status.port} (no address on a network)` : urls.join("\n")],
    ["plain HTTP", PLAINTEXT[status.plaintext]],
    ["socket", status.socket],
    ["data", status.dataDir],
    ["peers", String(status.peers)],
    [
      "tokens",
      status.tokensEndingSoon === 0
        ? String(status.tokens)
        : `${status.tokens}, ${status.tokensEndingSoon} of them end within 14 days`,
    ],
    ["pairing", status.pairing],
    ["discovery", sayDiscovery(status.discovery)],
  ];
}

function sayDiscovery({ interfaces, reason, state }: Status["discovery"]): string {
  if (state === "degraded") return `not announced: ${reason ?? "unknown reason"}`;
  if (state === "off") return "off";
  return interfaces.length === 0 ? "on, and no network to be announced on" : `announced on ${interfaces.join(", ")}`;
}

const PLAINTEXT: Readonly<Record<Status["plaintext"], string>> = {
  loopback: "on this machine only",
  lan: "on the whole network, where everybody can read it",
  never: "nowhere",
};
