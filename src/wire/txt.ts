/**
 * The TXT record of an announced node (RFC 6763 §6): `txtvers=1`, `id`, `v`. Nothing in it changes while a node runs,
 * and none of it is believed: an id is a hint at whom to ask, and only the node's certificate chain proves it.
 */

import { fromUtf8 } from "../foundation/bytes.ts";
import { isNodeId, type NodeId } from "../foundation/ids.ts";

/** Bytes of the whole record, length bytes included, so that an announcement stays within one packet. */
export const MAX_TXT_BYTES = 400;

const TXT_VERSION = "1";
const KEY = /^[\x20-\x3c\x3e-\x7e]{1,9}$/;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+-]{0,31}$/;

/** What a node says of itself on the LAN. */
export interface Announced {
  readonly nodeId: NodeId;
  /** Version of its program. */
  readonly version: string;
}

/** Returns the strings of the record, in the order RFC 6763 §6.7 recommends: the version first. */
export function formatTxt({ nodeId, version }: Announced): readonly string[] {
  return [`txtvers=${TXT_VERSION}`, `id=${nodeId}`, `v=${version}`];
}

/**
 * Returns what the record says, or undefined when it is too long, of another version, or not what a node announces.
 * Keys nobody knows are passed over, so that later versions may add some; of a repeated key the first counts (§6.4).
 */
export function parseTxt(strings: readonly Uint8Array[]): Announced | undefined {
  if (strings.reduce((sum, text) => sum + 1 + text.length, 0) > MAX_TXT_BYTES) return undefined;
  const values = new Map<string, string>();
  for (const bytes of strings) {
    const [key, value] = split(bytes);
    if (key === undefined) return undefined;
    if (!values.has(key)) values.set(key, value);
  }
  const nodeId = values.get("id");
  const version = values.get("v") ?? "";
  if (values.get("txtvers") !== TXT_VERSION || !isNodeId(nodeId) || !VERSION.test(version)) return undefined;
  return { nodeId, version };
}

/** Returns the key in lower case and its value; a key alone has an empty one, what has no proper key gives none. */
function split(bytes: Uint8Array): readonly [string | undefined, string] {
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    return [undefined, ""];
  }
  const end = text.indexOf("=");
  const key = (end < 0 ? text : text.slice(0, end)).toLowerCase();
  return [KEY.test(key) ? key : undefined, end < 0 ? "" : text.slice(end + 1)];
}
