/** What a surface is: how a request names an operation and its input, and how output and errors are written. */

import { type OperationName, operationOf } from "../catalogue/operations.ts";
import type { FleetError } from "../foundation/errors.ts";
import type { JsonObject } from "../wire/parse.ts";

export interface Match {
  readonly operation: OperationName;
  /** Members of the input that stand in the path. */
  readonly params: JsonObject;
}

/** An HTTP surface. None names an operation: all they know is in the table. */
export interface Surface {
  /** Returns the operation; throws NOT_FOUND, or METHOD_NOT_ALLOWED with `allow`. */
  match(method: string, path: string): Match;
  /** Returns the token in the body, where the surface has one there. */
  bodyToken(body: JsonObject): string | undefined;
  /** Returns the node id the body claims to come from; it counts for nothing without a signature by that key. */
  claimedCaller(body: JsonObject): string | undefined;
  /** Returns the operation's input as one flat object. */
  input(match: Match, query: string, body: JsonObject): unknown;
  /** Returns status and body of success. */
  render(operation: OperationName, output: unknown): { readonly status: number; readonly body: unknown };
  /** Returns the body of an error. */
  renderError(error: FleetError, requestId: string): JsonObject;
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
