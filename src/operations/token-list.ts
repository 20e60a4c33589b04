/** Lists of tokens: filtered, sorted, and cut into pages. */

import type { ParsedInput } from "../catalogue/operations.ts";
import { pageOf } from "./pages.ts";
import type { TokenView } from "./token-view.ts";

type Query = ParsedInput<"ListAPITokens">;
type SortMember = "createdAt" | "name" | "lastUsedAt" | "expiresAt";

/** A page of tokens. */
export interface TokenPage {
  readonly tokens: TokenView[];
  readonly cursor: string | null;
}

/** Returns the tokens that fit the query, in its order, from its cursor on. A cursor of another order is INVALID_REQUEST. */
export function pageOfTokens(all: readonly TokenView[], query: Query): TokenPage {
  const fitting = all.filter((token) => fits(token, query));
  // The order of issue, which is not the order of their times when the clock was set back in between.
  if (query.sort === "createdAt" && query.cursor === undefined && query.limit === undefined)
    return { tokens: fitting, cursor: null };
  const member = query.sort.replace("-", "") as SortMember;
  const { cursor, rows } = pageOf(fitting, query, (token) => sortValue(token, member));
  return { tokens: rows, cursor };
}

function fits(token: TokenView, { owner, q, status }: Query): boolean {
  if (status !== undefined && token.status !== status) return false;
  if (owner !== undefined && token.owner !== owner) return false;
  if (q === undefined) return true;
  return token.name.toLowerCase().includes(q.toLowerCase()) || token.id.startsWith(q) || token.tokenPrefix.startsWith(q);
}

/** Returns the value a row is sorted by. A token that never expires comes after all that do, one never used before all that were. */
function sortValue(token: TokenView, member: SortMember): string {
  if (member === "expiresAt") return token.expiresAt ?? "~";
  return token[member] ?? "";
}
