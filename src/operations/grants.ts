/** Nobody grants more than they hold, be it by a token, a role or a pairing window. An admin's bearer may hold less than the admin. */

import { FleetError } from "../foundation/errors.ts";
import type { Role } from "../foundation/vocabulary.ts";
import type { Actor } from "../policy/actor.ts";
import { mayGrant } from "../policy/permissions.ts";
import { ROLE_SCOPES } from "../policy/rights.ts";

/** Throws INSUFFICIENT_SCOPE with the first of the scopes that the actor does not hold. */
export function refuseMoreThanHeld(actor: Actor, scopes: Iterable<string>): void {
  const excess = [...scopes].find((scope) => !mayGrant(actor, scope));
  if (excess !== undefined) {
    throw new FleetError("INSUFFICIENT_SCOPE", `you cannot grant ${excess}, which you do not hold`, { scope: excess });
  }
}

/** The same for all scopes of a role: whoever opens a window for a role, or adds a key with it, could take the role. */
export function refuseHigherRole(actor: Actor, role: Role): void {
  refuseMoreThanHeld(actor, ROLE_SCOPES[role]);
}
