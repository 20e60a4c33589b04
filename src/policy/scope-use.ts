/** Which scopes allow what on this node today: computed from the table of operations, so that no list can be out of date. */

import { OPERATION_NAMES, type OperationName, operationOf } from "../catalogue/operations.ts";
import { isWord, SCOPES } from "../foundation/vocabulary.ts";
import { type Actor, mayPerform } from "./actor.ts";
import { GRANTABLE_SCOPES, holds, WILDCARDS } from "./rights.ts";

/** A scope or wildcard, and what it allows. */
export interface ScopeUse {
  readonly scope: string;
  /** Whether a token can hold it. */
  readonly grantable: boolean;
  /** Whether any operation of this node takes it. */
  readonly inUse: boolean;
  readonly operations: readonly OperationName[];
}

const BUILT = OPERATION_NAMES.filter((name) => operationOf(name).missing === undefined);

/** Every scope and wildcard with the built operations it allows. */
export const SCOPE_USES: readonly ScopeUse[] = [...SCOPES, ...WILDCARDS].map((scope) => {
  const held = new Set([scope]);
  const operations = BUILT.filter((name) => holds(held, operationOf(name)));
  const grantable = !isWord(SCOPES, scope) || GRANTABLE_SCOPES.includes(scope);
  return { scope, grantable, inUse: operations.length > 0, operations };
});

const UNUSED = SCOPE_USES.filter(({ grantable, inUse }) => grantable && !inUse).map(({ scope }) => scope);

/** Returns the scopes as a sentence lists them to whoever chooses, with those marked that nothing uses yet. */
export function listScopes(scopes: readonly string[]): string {
  return scopes.map((scope) => (UNUSED.includes(scope) ? `${scope} (nothing uses it yet)` : scope)).join(", ");
}

/** Returns the built operations that the actor may perform now. */
export function operationsOf(actor: Actor): readonly OperationName[] {
  return BUILT.filter((name) => {
    const operation = operationOf(name);
    return operation.need === "public" || operation.need === "self" || mayPerform(actor, operation);
  });
}
