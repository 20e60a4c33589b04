/** Lists of tokens: filtered, sorted, and cut into pages that stay right while tokens come and go. */

import type { ParsedInput } from "../catalogue/operations.ts";
import { fromBase64url, fromUtf8, toBase64url, utf8 } from "../foundation/bytes.ts";
import { invalid } from "../wire/parse.ts";
import type { TokenView } from "./token-view.ts";

type Query = ParsedInput<"ListAPITokens">;
type SortMember = "createdAt" | "name" | "lastUsedAt" | "expiresAt";

/** Where a row stands in an order: its value, then its id, so that no two stand at one place. */
type Place = readonly [value: string, id: string];

export interface TokenPage {
  readonly tokens: TokenView[];
  /** What the next page begins after; null behind the last. */
  readonly cursor: string | null;
}

/** Returns the tokens that fit the query, in its order, from its cursor on. A cursor of another order is INVALID_REQUEST. */
export function pageOfTokens(all: readonly TokenView[], query: Query): TokenPage {
  const { cursor, limit, sort } = query;
  // As issued: after a clock was set back that is not the order of their times.
  if (sort === "createdAt" && cursor === undefined && limit === undefined) {
    return { tokens: all.filter((token) => fits(token, query)), cursor: null };
  }
  const descending = sort.startsWith("-");
  const member = sort.replace("-", "") as SortMember;
  const compare = (a: Place, b: Place): number => (descending ? -1 : 1) * comparePlaces(a, b);
  const placeOf = (token: TokenView): Place => [sortValue(token, member), token.id];

  const from = cursor === undefined ? undefined : parseCursor(cursor, sort);
  const rows = all
    .filter((token) => fits(token, query))
    .map((token) => ({ token, place: placeOf(token) }))
    .filter(({ place }) => from === undefined || compare(place, from) > 0)
    .sort((a, b) => compare(a.place, b.place));
  const page = limit === undefined ? rows : rows.slice(0, limit);
  const last = page.at(-1);
  const more = last !== undefined && page.length < rows.length;
  return { tokens: page.map(({ token }) => token), cursor: more ? writeCursor(sort, last.place) : null };
}

function fits(token: TokenView, { owner, q, status }: Query): boolean {
  if (status !== undefined && token.status !== status) return false;
  if (owner !== undefined && token.owner !== owner) return false;
  return q === undefined || token.name.toLowerCase().includes(q.toLowerCase()) || token.id.startsWith(q) || isPrefix(token, q);
}

/** A token may be looked for by what of it is shown, or by the whole text that was found somewhere. */
function isPrefix({ tokenPrefix }: TokenView, q: string): boolean {
  return q.startsWith("csk_") && (tokenPrefix.startsWith(q) || (tokenPrefix.length > "csk_".length && q.startsWith(tokenPrefix)));
}

/** What never happens comes last in time; what was never used comes first. */
function sortValue(token: TokenView, member: SortMember): string {
  if (member === "expiresAt") return token.expiresAt ?? "~";
  return token[member] ?? "";
}

function comparePlaces([a, aId]: Place, [b, bId]: Place): number {
  if (a !== b) return a < b ? -1 : 1;
  return aId < bId ? -1 : Number(aId > bId);
}

function writeCursor(sort: string, place: Place): string {
  return toBase64url(utf8(JSON.stringify([sort, ...place])));
}

function parseCursor(cursor: string, sort: string): Place {
  let parts: unknown;
  try {
    parts = JSON.parse(fromUtf8(fromBase64url(cursor)));
  } catch {
    parts = undefined;
  }
  const [order, value, id] = Array.isArray(parts) ? (parts as readonly unknown[]) : [];
  if (order === sort && typeof value === "string" && typeof id === "string") return [value, id];
  throw invalid("cursor", "the cursor of an answer with the same sort");
}
