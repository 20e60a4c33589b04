/** REST: the routes of the table, path, query and body as one flat input. */

import findMyWay from "find-my-way";
import { OPERATION_NAMES, type OperationName, operationOf } from "../catalogue/operations.ts";
import { queryMembers } from "../catalogue/query-members.ts";
import { FleetError } from "../foundation/errors.ts";
import { invalid, isJsonObject, type JsonObject } from "../wire/parse.ts";
import { errorHeaders, reasonPhrase } from "./answer.ts";
import { NO_JSON, parseJsonBody } from "./body.ts";
import { methodRefused, withHead } from "./methods.ts";
import { bearerCredential, type Match, type Surface } from "./surface.ts";
import { parseQuery, type Target } from "./target.ts";

const METHODS = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"] as const;

type Method = (typeof METHODS)[number];
type NamedEntry = Pick<Match, "operation" | "entry">;
type Router = ReturnType<typeof findMyWay>;

/** Returns the REST surface over all routes of the table. */
export function restSurface(): Surface {
  /** Made at the first path that `fixed` does not hold, because making it at every start would take 3 ms. */
  let router: Router | undefined;
  const find = (method: Method, path: string) => {
    router ??= routerOf();
    return router.find(method, path);
  };
  /** Routes without members in their path, by method and path: found in half the time the router takes. */
  const fixed = new Map<string, Map<string, Match>>(METHODS.map((method) => [method, new Map()]));
  for (const operation of OPERATION_NAMES) {
    const entry = operationOf(operation);
    const { rest } = entry;
    if (rest === null || rest.path.includes(":")) continue;
    for (const method of withHead([rest.method])) fixed.get(method)?.set(rest.path, { operation, entry, params: NO_JSON });
  }

  const methods = (path: string): readonly string[] => {
    const taken = METHODS.filter((method) => find(method, path) !== null);
    if (taken.length === 0) throw new FleetError("NOT_FOUND", "there is nothing at this path");
    return taken;
  };

  return {
    methods,

    match(method, path) {
      const known = fixed.get(method)?.get(path);
      if (known !== undefined) return known;
      const found = isMethod(method) ? find(method, path) : null;
      if (found !== null) return { ...(found.store as NamedEntry), params: found.params };
      throw methodRefused(methods(path));
    },

    parseBody: parseJsonBody,
    fieldCredential: bearerCredential,
    bodyCredential: () => undefined,
    claimedCaller: () => undefined,
    keyInBody: () => undefined,

    input({ operation, params }, query, body) {
      return merge(query === "" ? params : merge(params, readQuery(operation, parseQuery(query))), body);
    },

    render({ entry: { bare, mediaType: type, rest } }, output, target) {
      const status = rest?.status ?? 200;
      if (bare === undefined || !isJsonObject(output)) return { status, body: output };
      return { status, body: output[bare], headers: nextPage(output["cursor"], target), ...(type !== undefined && { type }) };
    },

    renderError: (error, requestId) => ({
      status: error.status,
      body: restErrorBody(error, requestId),
      headers: errorHeaders(error),
    }),
  };
}

function routerOf(): Router {
  const router: Router = findMyWay();
  for (const operation of OPERATION_NAMES) {
    const entry = operationOf(operation);
    const { rest } = entry;
    if (rest === null) continue;
    for (const method of withHead([rest.method])) router.on(method, rest.path, unused, { operation, entry } satisfies NamedEntry);
  }
  return router;
}

/** Returns the body of a REST error; also what is said before any surface is known. */
export function restErrorBody(error: FleetError, requestId: string): JsonObject {
  return { ...error.details, error: reasonPhrase(error.status), message: error.message, code: error.code, requestId };
}

/** Returns the Link field to the next page (RFC 8288), which repeats what was asked with another cursor. */
function nextPage(cursor: unknown, { path, query }: Target): readonly string[] {
  if (typeof cursor !== "string") return [];
  const next = new URLSearchParams(query);
  next.set("cursor", cursor);
  return ["Link", `<${path}?${next.toString()}>; rel="next"`];
}

function isMethod(method: string): method is Method {
  return (METHODS as readonly string[]).includes(method);
}

/** How a value that is not text must be written in a query. */
const FORMS = { boolean: /^(true|false)$/, integer: /^[0-9]{1,15}$/ } as const;

/** Returns the query with numbers and booleans parsed where the input has them; what is malformed stays text, for the schema to refuse. */
function readQuery(operation: OperationName, query: Readonly<Record<string, string>>): JsonObject {
  const entries = Object.entries(query);
  if (entries.length === 0) return query;
  const members = queryMembers(operation);
  return Object.fromEntries(
    entries.map(([name, text]) => {
      const form = members.get(name);
      return [name, form !== undefined && FORMS[form].test(text) ? JSON.parse(text) : text] as const;
    }),
  );
}

/** Returns both objects as one; a member in both is INVALID_REQUEST, for nobody could say which one counts. */
function merge(a: JsonObject, b: JsonObject): JsonObject {
  if (b === NO_JSON) return a;
  const twice = Object.keys(b).find((member) => Object.hasOwn(a, member));
  if (twice !== undefined) throw invalid(twice, "given in one place only");
  return { ...a, ...b };
}

/** Given to the router, which insists on a handler; only the store beside it is used. */
function unused(): never {
  throw new Error("routes are looked up, never run");
}
