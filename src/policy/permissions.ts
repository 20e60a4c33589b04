/** Turns what a person asks for, a preset or single scopes, into the scopes that are written into a token. */

import { FleetError } from "../foundation/errors.ts";
import { isWord, type Permission, SCOPES } from "../foundation/vocabulary.ts";
import { type Actor, mayPerform } from "./actor.ts";
import { GRANTABLE_SCOPES, ROLE_SCOPES, WILDCARDS } from "./rights.ts";
import { listScopes } from "./scope-use.ts";

const VALID: readonly string[] = [...GRANTABLE_SCOPES, ...WILDCARDS];

/**
 * Returns the scopes of a preset; `custom` takes those asked for. Throws INVALID_REQUEST, which lists the valid ones and
 * marks those that nothing uses yet.
 */
export function scopesOfPermission(permission: Permission, asked: readonly string[] | undefined): readonly string[] {
  if (permission !== "custom") {
    if (asked !== undefined) throw refused('scopes must be left out unless permissions is "custom"');
    return [...ROLE_SCOPES[permission === "readOnly" ? "viewer" : "operator"]];
  }
  if (asked === undefined || asked.length === 0 || !asked.every((scope) => VALID.includes(scope))) {
    throw refused(`scopes must name at least one of ${listScopes(VALID)}`, VALID);
  }
  return [...new Set(asked)];
}

/** Returns whether the actor may grant the scope: it must hold it. A wildcard covers future operations too, so it takes every grantable scope. */
export function mayGrant(actor: Actor, scope: string): boolean {
  const covered = isWord(SCOPES, scope) ? [scope] : GRANTABLE_SCOPES;
  return covered.every((need) => mayPerform(actor, { need, verb: "execute" }));
}

function refused(message: string, valid?: readonly string[]): FleetError {
  return new FleetError("INVALID_REQUEST", message, { field: "scopes", ...(valid && { valid }) });
}
