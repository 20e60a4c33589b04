/** The names clients send in the TLS handshake (SNI, RFC 6066 §3) so that a node shows its own chain. They resolve nowhere. */

import type { NodeId } from "../foundation/ids.ts";

/** Names below this always mean the node's own chain, never an owner's certificate. */
export const NODE_DOMAIN = "cider-fleet.internal";

/** What a client sends that knows no node id yet. */
export const UNKNOWN_NODE_NAME = `node.${NODE_DOMAIN}`;

/** Returns what a client sends that knows which node it means. */
export function sniNameOf(nodeId: NodeId): string {
  return `${nodeId}.${NODE_DOMAIN}`;
}
