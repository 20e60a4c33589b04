/** Rotation: by whoever manages tokens, with a time in which both texts are good; by the token itself where configured. */

import type { OperationOutput } from "../catalogue/operations.ts";
import { timestamp } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import { boundedEnd } from "../tokens/expiry.ts";
import { predecessorOf } from "../tokens/revoke.ts";
import { lifeOf, parseGrace, rotateToken } from "../tokens/rotate.ts";
import { statusOf, type Token } from "../tokens/token.ts";
import type { ChangeCall, Handlers } from "./call.ts";
import { refuseMoreThanHeld } from "./grants.ts";
import type { Parts } from "./parts.ts";
import { tokenView } from "./token-view.ts";

interface Terms {
  /** Milliseconds. */
  readonly grace: number;
  /** RFC 3339 UTC, or null for never. */
  readonly expiresAt: string | null;
}

/** Returns the handlers of rotation. */
export function tokenRotationHandlers(parts: Parts): Pick<Handlers, "RotateAPIToken" | "RotateSelf"> {
  const { activity, clock, random, settings, tokens } = parts;
  const view = tokenView(parts);

  const rotate = (token: Token, terms: Terms, call: ChangeCall): OperationOutput<"RotateAPIToken"> => {
    const used = activity.usageOf(token.label);
    const order = { ...terms, token, predecessor: predecessorOf(token, tokens), createdBy: call.actor.label };
    const { changes, id, text } = rotateToken(order, clock, random);
    const { connectionsClosed } = call.commit(changes);
    const { graceUntil = 0 } = tokens.require(token.id);
    const previous = {
      id: token.id,
      graceUntil: statusOf(tokens.require(token.id), clock.now()) === "active" ? timestamp(graceUntil) : null,
      lastUsedAt: used?.lastUsedAt ?? null,
      lastUsedFrom: used?.lastUsedFrom ?? null,
    };
    return { ...view(tokens.require(id)), token: text, previous, connectionsClosed };
  };

  return {
    RotateAPIToken: ({ grace, id }, call) => {
      const token = tokens.require(id);
      refuseMoreThanHeld(call.actor, token.scopes);
      return rotate(token, { grace: parseGrace(grace), expiresAt: boundedEnd(lifeOf(token), settings, clock.now()) }, call);
    },

    /** Gives the holder nothing it did not have: the same rights and no later end, and the old text ends at once. */
    RotateSelf: (_, call) => {
      if (!settings.selfRotation) throw new FleetError("SELF_ROTATION_OFF");
      const { actor } = call;
      if (actor.kind !== "token") throw new FleetError("INVALID_REQUEST", "only a token rotates itself");
      const token = tokens.require(actor.label.slice("token:".length));
      const expiresAt = token.expiresAt === null ? null : timestamp(token.expiresAt);
      return rotate(token, { grace: 0, expiresAt }, call);
    },
  };
}
