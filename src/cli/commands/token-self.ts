/** `cider fleet token self`: asks the node as the token itself. */

import type { FleetClient } from "../../sdk-node/index.ts";
import { asPresentedToken } from "../as-token.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { pairs, until } from "../listing.ts";

type Self = Awaited<ReturnType<FleetClient["getSelf"]>>;

export async function run(call: Call): Promise<ExitName> {
  const { clock, flags, terminal } = call;
  const { out } = terminal;
  const self = await asPresentedToken(call, (client) => client.getSelf());
  if (flags.on("json")) out.json(self);
  else out.block(pairs(out, describe(self, clock.now())));
  return "OK";
}

function describe(self: Self, now: number): readonly (readonly [string, string])[] {
  return [
    ["name", self.name ?? ""],
    ["actor", self.actor],
    ["scopes", self.scopes.join("\n")],
    ["may", self.operations.join("\n")],
    ["ends", self.expiresAt === null ? "never" : `${until(self.expiresAt, now)} (${self.expiresAt})`],
    ...(self.rotatedTo === null ? [] : ([["rotated to", self.rotatedTo]] as const)),
  ];
}
