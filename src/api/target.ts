/** The request target in origin form (RFC 9112 §3.2.1), taken apart and never decoded here. */

import { OPERATION_NAMES, operationOf } from "../catalogue/operations.ts";
import { FleetError } from "../foundation/errors.ts";

/** A request target. */
export interface Target {
  readonly path: string;
  /** Without `?`; empty when there is none. */
  readonly query: string;
}

/** Paths of the table without members. They need no check, and most requests are for one of them. */
const KNOWN: ReadonlyMap<string, Target> = new Map(
  OPERATION_NAMES.map((name) => operationOf(name).rest?.path ?? "")
    .filter((path) => path !== "" && !path.includes(":"))
    .map((path) => [path, { path, query: "" }]),
);

/** Visible ASCII that may stand in a path and query, escapes being a percent sign and two hex digits. */
const ORIGIN_FORM = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?[\]|^`{}"<>\\]|%[0-9A-Fa-f]{2})*$/;

/** Returns path and query; throws INVALID_REQUEST for absolute form, `//…`, a fragment or a broken escape. */
export function parseTarget(url: string): Target {
  const known = KNOWN.get(url);
  if (known !== undefined) return known;
  if (!ORIGIN_FORM.test(url) || url.startsWith("//")) {
    throw new FleetError("INVALID_REQUEST", "the request target must be a path in origin form with valid escapes");
  }
  const mark = url.indexOf("?");
  return mark < 0 ? { path: url, query: "" } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

const NO_MEMBERS = {};

/** Returns the query's members; throws INVALID_REQUEST for one that is given twice. */
export function parseQuery(query: string): Readonly<Record<string, string>> {
  if (query === "") return NO_MEMBERS;
  const members = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (members.has(name)) throw new FleetError("INVALID_REQUEST", `more than one ${name} in the query`, { field: name });
    members.set(name, value);
  }
  return Object.fromEntries(members);
}
