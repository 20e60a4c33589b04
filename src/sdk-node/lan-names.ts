/** What may be the name of a node on the LAN, and what is a host of the wider network. */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isNodeId } from "../foundation/ids.ts";
import { isHost } from "../wire/links.ts";
import { isName } from "../wire/names.ts";

/** Returns whether `host` may be the name or id of a node: neither an address nor a name with a domain. */
export function mayBeNode(host: string): boolean {
  if (isNodeId(host)) return true;
  if (!isName(host) || isIP(host) !== 0 || /[/:[\]@?#]/.test(host) || host.toLowerCase() === "localhost") return false;
  return !isHost(host) || !host.includes(".") || host.toLowerCase().endsWith(".local");
}

/**
 * Resolves to whether the system's own look-up knows the name. It goes first: such a name has always meant that host,
 * and no announcement may change that.
 */
export async function isKnownHost(host: string): Promise<boolean> {
  if (isNodeId(host) || !isHost(host)) return false;
  return lookup(host).then(
    () => true,
    () => false,
  );
}
