/** Nobody grants more than they hold, whatever it is granted by: a token, a role, a window. A bearer of an admin may hold less than the admin. */

import { FleetError } from "../foundation/errors.ts";
import type { Role } from "../foundation/vocabulary.ts";
import type { Actor } from "../policy/actor.ts";
import { mayGrant } from "../policy/permissions.ts";
import { ROLE_SCOPES } from "../policy/rights.ts";

/** Throws INSUFFICIENT_SCOPE that names the first scope the actor does not hold: by issue, edit or rotation. */
export function refuseMoreThanHeld(actor: Actor, scopes: Iterable<string>): void {
  const excess = [...scopes].find((scope) => !mayGrant(actor, scope));
  if (excess !== undefined) {
    throw new FleetError("INSUFFICIENT_SCOPE", `you cannot grant ${excess}, which you do not hold`, { scope: excess });
  }
}

/** The same for all that a role holds: whoever learns a code for it, or may name a key for it, could become it. */
export function refuseHigherRole(actor: Actor, role: Role): void {
  refuseMoreThanHeld(actor, ROLE_SCOPES[role]);
}
