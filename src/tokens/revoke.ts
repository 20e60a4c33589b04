/** What ends with a token, and which tokens a sweeping revocation means. */

import { FleetError } from "../foundation/errors.ts";
import type { TokenRevoked } from "./changes.ts";
import type { TokenStore } from "./store.ts";
import { isInGrace, statusOf, type Token } from "./token.ts";

/** Which tokens to revoke: those that fit every member given. */
export interface Selection {
  /** Means every token; the members that narrow the selection must then be left out. */
  readonly all?: boolean | undefined;
  readonly owner?: string | undefined;
  readonly createdBy?: string | undefined;
  /** A name, in which `*` stands for any characters. */
  readonly name?: string | undefined;
  /** Ids of tokens that stay. */
  readonly except?: readonly string[] | undefined;
}

/** Returns the revocations of these tokens and of the predecessors that stand beside them, except those named. */
export function revocations(
  tokens: readonly Token[],
  store: TokenStore,
  now: number,
  except: readonly string[] = [],
): readonly TokenRevoked[] {
  const ids = new Set<string>();
  for (const token of tokens) {
    if (!token.revoked) ids.add(token.id);
    const predecessor = predecessorOf(token, store);
    if (predecessor !== undefined && isInGrace(predecessor, now)) ids.add(predecessor.id);
  }
  for (const id of except) ids.delete(id);
  return [...ids].map((id) => ({ type: "token.revoked", id }));
}

/** Returns the token that this one took the place of, while its record exists. */
export function predecessorOf({ rotatedFrom }: Token, store: TokenStore): Token | undefined {
  return rotatedFrom === undefined ? undefined : store.get(rotatedFrom);
}

/** Returns the active tokens that are meant; throws INVALID_REQUEST when nothing says which, or `all` comes with more. */
export function selectTokens(store: TokenStore, selection: Selection, now: number): readonly Token[] {
  const { all = false, createdBy, except = [], name, owner } = selection;
  const narrowed = owner !== undefined || createdBy !== undefined || name !== undefined;
  if (all === narrowed)
    throw new FleetError("INVALID_REQUEST", "give either all: true, or one or more of owner, createdBy and name");
  return store
    .list()
    .filter(
      (token) =>
        statusOf(token, now) === "active" &&
        !except.includes(token.id) &&
        (owner === undefined || token.owner === owner) &&
        (createdBy === undefined || token.createdBy === createdBy) &&
        (name === undefined || fits(token.name, name)),
    );
}

/** Returns whether the name fits a pattern in which `*` stands for any characters; in linear time, unlike an expression. */
function fits(name: string, pattern: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  const tail = rest.pop();
  if (tail === undefined) return name === head;
  if (!name.startsWith(head) || !name.endsWith(tail)) return false;
  let from = head.length;
  for (const part of rest) {
    const found = name.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return from <= name.length - tail.length;
}
