/** What an operation is, as data. The table in `operations.ts` is the only list of what a node can do. */

import type * as z from "zod";
import type { Scope } from "../foundation/vocabulary.ts";

/**
 * `read` answers; `change` is synchronous and commits to the ledger; `task` answers an id and reports by events;
 * `stream` sends items over a WebSocket until it is replaced or closed.
 */
export type Kind = "read" | "change" | "task" | "stream";

/** `public`: anybody, and no credential is read. `self`: whoever proved who they are. Otherwise the scope it takes. */
export type Need = "public" | "self" | Scope;

/** What the wildcard scopes of custom tokens cover: `read:*` covers `read`, nothing covers `execute`. */
export type Verb = "read" | "create" | "update" | "delete" | "execute";

/** Methods that routes take. */
export type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";

/** Where REST has an operation. */
export interface Route {
  readonly method: Method;
  /** Path with `:name` for members of the input. */
  readonly path: `/${string}`;
  /** Status of success. */
  readonly status: 200 | 201;
}

/** Returns a route of the table. */
export const route = (method: Method, path: `/${string}`, status: 200 | 201 = 200): Route => ({ method, path, status });

/** One entry of the table. */
export interface Operation {
  readonly kind: Kind;
  readonly need: Need;
  readonly verb: Verb;
  readonly rest: Route | null;
  /** Its routes on the OAuth surface, where bodies are forms. */
  readonly oauth?: readonly Route[];
  /** The member of the output that is REST's whole answer: an array, or text. A `cursor` beside it becomes `Link` (RFC 8288). */
  readonly bare?: string;
  /** Path, query and body as one flat object. */
  readonly input: z.ZodType;
  /** A hand-written parser of a message that other programs must produce; `input` then only documents it. */
  readonly parse?: (input: unknown) => unknown;
  readonly output: z.ZodType;
  /** Version of the package that brought it. */
  readonly since: string;
  /** One sentence for OpenAPI and the documents. */
  readonly summary: string;
  /** Whether the answer holds a secret: it then never leaves over plain HTTP to another host. */
  readonly secret?: true;
  /** The sentence that RPC answers beside `success: true`, where the discontinued product did. */
  readonly message?: string;
  /** Other names an input member had in the discontinued product; RPC and WebSocket accept them. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Media type of the `bare` member, when REST answers it as text instead of JSON. */
  readonly mediaType?: string;
  /** What this node still lacks for it; such an operation answers OPERATION_UNAVAILABLE. */
  readonly missing?: string;
}
