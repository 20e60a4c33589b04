/** Tells whoever chose scopes which of them allow nothing yet. */

import type { FleetClient } from "../sdk-node/index.ts";
import { hint, type Terminal } from "./terminal.ts";

/** Says on stderr which of the scopes no operation of the node takes. */
export async function sayUnused(client: FleetClient, chosen: readonly string[], terminal: Terminal): Promise<void> {
  const { scopes } = await client.listScopes();
  const unused = scopes.filter(({ inUse, scope }) => !inUse && chosen.includes(scope)).map(({ scope }) => scope);
  if (unused.length > 0) hint(terminal, `nothing uses ${unused.join(", ")} yet: it allows nothing on this node today`);
}
