/** What a node is called on the LAN (docs/protocol/09-discovery.md). */

import { utf8 } from "../foundation/bytes.ts";
import type { NodeId } from "../foundation/ids.ts";

/** The service's name in DNS-SD, without protocol (RFC 6763 §7). */
export const SERVICE_TYPE = "cider-fleet";

/** The service as it is looked for. */
export const SERVICE = `_${SERVICE_TYPE}._tcp.local`;

/** The name by which browsers ask for all kinds of services (RFC 6763 §9). */
export const ALL_SERVICES = "_services._dns-sd._udp.local";

/** Bytes of a label (RFC 1035 §2.3.4). */
const MAX_LABEL = 63;

/** Characters of the id behind a node's name: enough for people, and more after somebody else claimed that name. */
const ID_CHARACTERS = { first: 6, renamed: 12 } as const;

/** Returns the node's own host name on the LAN: never the machine's, which macOS would then rename. */
export function hostNameOf(nodeId: NodeId): string {
  return `cider-${nodeId.replaceAll("-", "").slice(0, 12)}.local`;
}

/**
 * Returns the instance: `studio (9f3a51)`. A dot would part it into labels, so it becomes a hyphen; what does not fit
 * into a label is cut between characters. The id makes it unique among honest nodes of one name.
 */
export function instanceOf(name: string, nodeId: NodeId, which: keyof typeof ID_CHARACTERS = "first"): string {
  const suffix = ` (${nodeId.replaceAll("-", "").slice(0, ID_CHARACTERS[which])})`;
  return cut(name.replaceAll(".", "-"), MAX_LABEL - suffix.length) + suffix;
}

/** Returns the node's name in an instance that looks like one of ours; any other instance is a name as it stands. */
export function nameInInstance(instance: string): string {
  return /^(.+) \([0-9a-f]{6}(?:[0-9a-f]{6})?\)$/su.exec(instance)?.[1] ?? instance;
}

function cut(text: string, bytes: number): string {
  let end = "";
  for (const character of text) {
    if (utf8(end + character).length > bytes) break;
    end += character;
  }
  return end;
}
