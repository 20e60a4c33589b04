/** The token exchange: issuing bearers, and introspection of tokens and bearers. None of it is recorded. */

import { OPERATION_NAMES, type OperationOutput, operationOf } from "../catalogue/operations.ts";
import { timestamp } from "../foundation/clock.ts";
import { SECOND } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";
import { isNodeId } from "../foundation/ids.ts";
import { LOCAL_SOURCE } from "../foundation/source.ts";
import { isWord, SCOPES } from "../foundation/vocabulary.ts";
import { type Actor, credentialLabel, effectiveScopes, mayPerform, type TextCredential } from "../policy/actor.ts";
import { WILDCARDS } from "../policy/rights.ts";
import type { BearerParent } from "../tokens/bearers.ts";
import type { Handlers } from "./call.ts";
import type { Parts } from "./parts.ts";

type BearerOperation = "ExchangeToken" | "IntrospectToken";

/** The one grant (RFC 6749 §4.4): the client is whoever proved to be a token or a peer. */
const GRANT = "client_credentials";

/** Returns the handlers of exchange and introspection. */
export function bearerHandlers(parts: Parts): Pick<Handlers, BearerOperation> {
  const { bearers, clock, credentials, tokens } = parts;

  const describe = (credential: TextCredential): OperationOutput<"IntrospectToken"> => {
    // As if from the local socket: the address list is not about whoever asks, and is nobody else's business.
    const actor = credentials.actorOf(credential, LOCAL_SOURCE);
    const bearer = credential.kind === "bearer" ? bearers.get(credential.id) : undefined;
    const parent = bearer?.parent ?? credential;
    const issuedAt = bearer?.issuedAt ?? Date.parse(tokens.require(credential.id).createdAt);
    return {
      active: true,
      scope: effectiveScopes(actor).join(" "),
      client_id: parent.id,
      sub: credentialLabel(parent),
      token_type: "bearer",
      ...(actor.expiresAt !== null && { exp: seconds(actor.expiresAt) }),
      iat: seconds(issuedAt),
    };
  };

  return {
    ExchangeToken: ({ grant_type, scope }, { actor }) => {
      if (grant_type !== GRANT) throw new FleetError("GRANT_UNSUPPORTED");
      const parent = parentOf(actor);
      const scopes = scope === undefined ? undefined : narrowed(actor, scope);
      const now = clock.now();
      const expiresAt = Math.min(now + parts.settings.bearerLife, actor.expiresAt ?? Number.POSITIVE_INFINITY);
      const { text, bearer } = bearers.issue(parent, expiresAt, scopes);
      return {
        access_token: text,
        token_type: "bearer",
        expires_in: seconds(bearer.expiresAt - now),
        expires: timestamp(bearer.expiresAt),
        scope: [...(scopes ?? effectiveScopes(actor))].join(" "),
      };
    },

    IntrospectToken: ({ token }) => {
      const credential = credentials.find(token);
      return (credential && unlessRefused(() => describe(credential))) ?? { active: false };
    },
  };
}

/** Returns what `look` returns, or undefined when it throws a coded error: the credential is then not active. */
function unlessRefused<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof FleetError) return undefined;
    throw error;
  }
}

/** Returns the token or peer that the actor is; throws NOT_EXCHANGEABLE for anything else, bearers included. */
function parentOf({ kind, label }: Actor): BearerParent {
  const id = label.slice(kind.length + 1);
  if (kind === "token") return { kind, id };
  if (kind === "peer" && isNodeId(id)) return { kind, id };
  throw new FleetError("NOT_EXCHANGEABLE");
}

/** Returns the scopes asked for; throws INVALID_REQUEST for an unknown one, INSUFFICIENT_SCOPE for one not held. */
function narrowed(actor: Actor, scope: string): ReadonlySet<string> {
  const asked = scope.split(" ");
  const unknown = asked.find((word) => !isWord(SCOPES, word) && !isWord(WILDCARDS, word));
  if (unknown !== undefined) {
    throw new FleetError("INVALID_REQUEST", `scope must name scopes separated by one space: ${SCOPES.join(", ")}`, {
      field: "scope",
    });
  }
  const excess = asked.find((word) => !covers(actor, word));
  if (excess !== undefined)
    throw new FleetError("INSUFFICIENT_SCOPE", `the credential does not hold ${excess}`, { scope: excess });
  return new Set(asked);
}

/** Returns whether the actor holds the scope, or may perform any operation it allows. Each use of the bearer is checked against its parent anyway. */
function covers(actor: Actor, scope: string): boolean {
  if (effectiveScopes(actor).includes(scope)) return true;
  return OPERATION_NAMES.map(operationOf).some((operation) => {
    return (
      (operation.need === scope || `${operation.verb}:*` === scope) && operation.need !== "public" && mayPerform(actor, operation)
    );
  });
}

function seconds(ms: number): number {
  return Math.floor(ms / SECOND);
}
