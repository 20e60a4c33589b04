/** How a page reaches an address: by which scheme, and so over which channel it pairs (docs/protocol/03-pairing.md). */

import type { Channel } from "../foundation/vocabulary.ts";
import { type Address, authorityOf } from "../sdk/address.ts";

/** Where requests go, and what is seen of the way there. */
export interface Way {
  /** `https:`, or `http:` on this machine. */
  readonly base: URL;
  /** `blind`: the browser checks the certificate, and the page never sees it. */
  readonly channel: Extract<Channel, "blind" | "loopback">;
}

/**
 * Returns the way to the address. It leads over TLS, except to this machine, where nobody stands between and no
 * certificate has to be trusted first; a page that came from that very address over TLS stays with TLS.
 * @param page the page's own origin; undefined where there is none
 */
export function wayTo(address: Address, page: string | undefined): Way {
  const base = new URL(`https://${authorityOf(address)}`);
  base.port = String(address.port);
  if (!isLoopback(base.hostname) || page === base.origin) return { base, channel: "blind" };
  const plain = new URL(`http://${base.hostname}`);
  plain.port = String(address.port);
  return { base: plain, channel: "loopback" };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
