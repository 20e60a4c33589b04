/** Names the shapes, for OpenAPI: what their modules export them as, with a capital letter. */

import * as z from "zod";
import * as audit from "./audit-schemas.ts";
import * as bearers from "./bearers-schemas.ts";
import * as doctor from "./doctor-schemas.ts";
import * as events from "./events-schemas.ts";
import * as node from "./node-schemas.ts";
import * as pairing from "./pairing-schemas.ts";
import * as peers from "./peers-schemas.ts";
import * as projects from "./projects-schemas.ts";
import * as elements from "./schemas.ts";
import * as tokens from "./tokens-schemas.ts";

const MODULES: readonly Readonly<Record<string, unknown>>[] = [
  elements,
  node,
  pairing,
  peers,
  tokens,
  projects,
  bearers,
  audit,
  doctor,
  events,
];

/** Returns every shape that has a name of its own, by that name: `issuedToken` of its module is `IssuedToken`. */
export function namedShapes(): ReadonlyMap<string, z.ZodType> {
  const entries = MODULES.flatMap((module) => Object.entries(module));
  return new Map(
    entries.flatMap(([name, shape]) =>
      shape instanceof z.ZodType ? [[name.charAt(0).toUpperCase() + name.slice(1), shape] as const] : [],
    ),
  );
}
