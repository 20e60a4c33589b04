/** What presenting a token leaves in the record: its first use from an address, and the first refusal there. */

import { HOUR } from "../foundation/durations.ts";
import type { Source } from "../foundation/source.ts";
import type { TokenRefused, TokenUsed } from "./changes.ts";
import { KNOWN_NETWORKS } from "./store.ts";
import type { Token } from "./token.ts";

/** Milliseconds between two entries of a token that knows as many places as it can: one that roams must not fill the record. */
const ROAMING = HOUR;

/**
 * Returns the change when the token was never used from there, or not among its latest 64 places. The Unix socket is no
 * place.
 */
export function firstUse(token: Token, source: Source, now: number): TokenUsed | undefined {
  if (source.via === "socket" || token.known.has(source.network)) return undefined;
  if (token.known.size >= KNOWN_NETWORKS && now - token.knownSince < ROAMING) return undefined;
  return { type: "token.used", id: token.id, address: source.address, network: source.network };
}

/**
 * Returns the change when the token was never refused there. After 64 places a token's refusals are no longer written
 * down one by one: whoever holds a leaked text could fill the disk with them.
 */
export function firstRefusal(token: Token, source: Source): TokenRefused | undefined {
  if (token.refused.size >= KNOWN_NETWORKS || token.refused.has(source.network)) return undefined;
  return { type: "token.refused", id: token.id, address: source.address, network: source.network };
}
