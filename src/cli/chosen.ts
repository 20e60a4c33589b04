/** Finds the token or peer a person means. */

import type { APIToken, FleetClient } from "../sdk-node/index.ts";
import { SHOWN_CHARACTERS, TOKEN_PREFIX } from "../wire/token.ts";
import { choose } from "./choose.ts";

/**
 * Returns the token that `typed` names: among those that are in use first, so that a successor is meant and not the tokens
 * it took the place of. Throws CommandError NOT_FOUND, or a UsageError when several fit.
 */
export function chooseToken(tokens: readonly APIToken[], typed: string): APIToken {
  const text = withoutSecret(typed);
  const current = tokens.filter(({ rotatedTo, status }) => status === "active" && rotatedTo === undefined);
  const named = current.filter(({ name }) => name === text);
  const starts = ({ id, tokenPrefix }: APIToken) => [id, tokenPrefix];
  return choose(named.length === 1 ? named : tokens, text, { what: "token", list: "token list", starts });
}

/** Resolves to the peer that `typed` names. */
export async function findPeer(client: FleetClient, typed: string) {
  const { peers } = await client.listPeers();
  return choose(peers, typed, { what: "peer", list: "peers list", starts: ({ id }) => [id] });
}

/** A leaked token may be pasted whole: its first characters find it, and no message repeats the rest. */
export function withoutSecret(typed: string): string {
  return typed.startsWith(TOKEN_PREFIX) ? typed.slice(0, SHOWN_CHARACTERS) : typed;
}
