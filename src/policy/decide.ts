/** The one place where a call is allowed or refused. */

import type { Operation } from "../catalogue/operation.ts";
import { FleetError } from "../foundation/errors.ts";
import { type Actor, mayPerform } from "./actor.ts";

/**
 * Returns if the actor may perform the operation. Throws TLS_REQUIRED for an answer with a secret over plain HTTP,
 * AUTHENTICATION_REQUIRED for nobody, and INSUFFICIENT_SCOPE with the missing `scope` for everyone else. An operation
 * without a need does not compile, and a scope that is not held means no.
 */
export function decide(actor: Actor, operation: Operation): void {
  if (operation.secret && actor.source.via === "plain")
    throw new FleetError("TLS_REQUIRED", "an answer with a secret goes over TLS only");
  if (operation.need === "public") return;
  if (actor.kind === "nobody") throw new FleetError("AUTHENTICATION_REQUIRED");
  if (operation.need === "self" || mayPerform(actor, operation)) return;
  throw new FleetError("INSUFFICIENT_SCOPE", `this takes the scope ${operation.need}, which ${say(actor)} does not hold`, {
    scope: operation.need,
  });
}

function say(actor: Actor): string {
  return actor.kind === "peer" ? "the role of this peer" : `this ${actor.kind}`;
}
