/** Cuts lists into pages. A cursor is a place in the order and not a count, so pages stay right while rows come and go. */

import { fromBase64url, fromUtf8, toBase64url, utf8 } from "../foundation/bytes.ts";
import { invalid } from "../wire/parse.ts";

/** What a page is asked by. */
export interface PageQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  /** Name of a member; `-` before it for the other direction. */
  readonly sort: string;
}

/** Some rows of a list, and how to go on. */
export interface Page<T> {
  readonly rows: T[];
  /** What the next page begins after; null behind the last. */
  readonly cursor: string | null;
}

/** Where a row stands in an order: its value, then its id, so that no two stand at one place. */
type Place = readonly [value: string, id: string];

/**
 * Returns the rows of one page in order. A cursor of another order is INVALID_REQUEST.
 * @param sortedBy what the rows are sorted by
 */
export function pageOf<T extends { readonly id: string }>(
  all: readonly T[],
  { cursor, limit, sort }: PageQuery,
  sortedBy: (row: T) => string,
): Page<T> {
  const direction = sort.startsWith("-") ? -1 : 1;
  const compare = (a: Place, b: Place): number => direction * comparePlaces(a, b);
  const from = cursor === undefined ? undefined : parseCursor(cursor, sort);
  const placed = all
    .map((row) => ({ row, place: [sortedBy(row), row.id] as const }))
    .filter(({ place }) => from === undefined || compare(place, from) > 0)
    .sort((a, b) => compare(a.place, b.place));
  const page = limit === undefined ? placed : placed.slice(0, limit);
  const last = page.at(-1);
  const more = last !== undefined && page.length < placed.length;
  return { rows: page.map(({ row }) => row), cursor: more ? writeCursor(sort, last.place) : null };
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
