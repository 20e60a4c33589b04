/** What presenting a token leaves in the record: its first use from an address, and the first refusal there. */

import { HOUR } from "../foundation/durations.ts";
import type { Source } from "../foundation/source.ts";
import type { TokenRefused, TokenUsed } from "./changes.ts";
import { KNOWN_NETWORKS } from "./store.ts";
import type { Token } from "./token.ts";

/** Milliseconds between two entries of a token that already has KNOWN_NETWORKS: one that roams must not fill the record. */
const ROAMING = HOUR;

/**
 * Returns the change to record when the source is not among the latest 64 networks the token was used from, otherwise
 * undefined. The Unix socket has no network and is never recorded.
 */
export function firstUse(token: Token, source: Source, now: number): TokenUsed | undefined {
  if (source.via === "socket" || token.known.has(source.network)) return undefined;
  if (token.known.size >= KNOWN_NETWORKS && now - token.knownSince < ROAMING) return undefined;
  return { type: "token.used", id: token.id, address: source.address, network: source.network };
}

/**
 * Returns the change to record when the token was never refused in this network, otherwise undefined. After 64 networks no
 * more are recorded: whoever holds a leaked text could fill the disk with them.
 */
export function firstRefusal(token: Token, source: Source): TokenRefused | undefined {
  if (token.refused.size >= KNOWN_NETWORKS || token.refused.has(source.network)) return undefined;
  return { type: "token.refused", id: token.id, address: source.address, network: source.network };
}
