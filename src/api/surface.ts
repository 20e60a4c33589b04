/** What a surface is: how a request names an operation and its input, and how output and errors are written. */

import type { Operation } from "../catalogue/operation.ts";
import { type OperationName, operationOf } from "../catalogue/operations.ts";
import type { FleetError } from "../foundation/errors.ts";
import type { Credentials } from "../operations/credentials.ts";
import type { Credential } from "../policy/actor.ts";
import type { JsonObject } from "../wire/parse.ts";
import { bearerToken } from "./bearer.ts";
import type { Fields } from "./fields.ts";
import { methodRefused } from "./methods.ts";
import type { Target } from "./target.ts";

const POST = ["POST"] as const;

/** Proves a credential, at once or later; throws or rejects when it is not good. */
export type Proof = () => Credential | Promise<Credential>;

/** An answer as a surface writes it, before it is bytes. */
export interface Rendered {
  readonly status: number;
  readonly body: unknown;
  /** Media type of a body that is text as it is; JSON otherwise. */
  readonly type?: string;
  /** Header fields beside the usual ones, as a flat list. */
  readonly headers?: readonly string[];
}

/** What a request asks for. */
export interface Match {
  readonly operation: OperationName;
  /** What the table says of it. */
  readonly entry: Operation;
  /** Members of the input that stand in the path. */
  readonly params: JsonObject;
}

/** An HTTP surface. None names a single operation in code: all they know of operations is in the table. */
export interface Surface {
  /** Returns the methods that the path takes, HEAD among them where GET is; throws NOT_FOUND. OPTIONS is no surface's. */
  methods(path: string): readonly string[];
  /** Returns the operation; throws NOT_FOUND, or METHOD_NOT_ALLOWED with `allow`. */
  match(method: string, path: string): Match;
  /** Returns the members of the body; throws UNSUPPORTED_MEDIA_TYPE or INVALID_REQUEST. */
  parseBody(bytes: Uint8Array, fields: Fields): JsonObject;
  /** Returns what the Authorization field proves; throws TOKEN_INVALID. */
  fieldCredential(authorization: string, credentials: Credentials): Credential;
  /**
   * Returns the function that checks the credential in the body, undefined where there is none. It is not called when the
   * header fields held another: two credentials are refused before either is checked. `here` are this node's names as audience.
   */
  bodyCredential(body: JsonObject, credentials: Credentials, here: () => readonly string[]): Proof | undefined;
  /** Returns the node id the body claims to come from; it counts for nothing without a signature by that key. */
  claimedCaller(body: JsonObject): string | undefined;
  /** Returns the member of the body that is the idempotency key, where the surface has one there. */
  keyInBody(body: JsonObject): unknown;
  /** Returns the operation's input as one flat object. */
  input(match: Match, query: string, body: JsonObject): unknown;
  /** Returns success as it is written; `target` is what was asked, for answers that name what follows. */
  render(match: Match, output: unknown, target: Target): Rendered;
  /** Returns an error as it is written. */
  renderError(error: FleetError, requestId: string): Rendered;
}

/** Returns the matching of a surface where each path is one operation, reached by POST; `operationAt` throws NOT_FOUND. */
export function postOnly(operationAt: (path: string) => OperationName): Pick<Surface, "methods" | "match"> {
  return {
    methods(path) {
      operationAt(path);
      return POST;
    },
    match(method, path) {
      const operation = operationAt(path);
      if (method !== "POST") throw methodRefused(POST);
      return { operation, entry: operationOf(operation), params: {} };
    },
  };
}

/** Returns the credential of a bearer token in the field, the only kind that most surfaces take. */
export function bearerCredential(authorization: string, credentials: Credentials): Credential {
  return credentials.bearer(bearerToken(authorization));
}

/** Returns the input with members of the discontinued product renamed to today's; a member given under both names stays, to be refused. */
export function withoutAliases(operation: OperationName, input: JsonObject): JsonObject {
  const { aliases } = operationOf(operation);
  if (aliases === undefined) return input;
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => {
      const today = aliases[name];
      return today === undefined || Object.hasOwn(input, today) ? [name, value] : [today, value];
    }),
  );
}
