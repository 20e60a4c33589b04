/** Who is asking and how they proved it: a value, made anew for every call and every delivered event. */

import type { Operation } from "../catalogue/operation.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Source } from "../foundation/source.ts";
import { SCOPES } from "../foundation/vocabulary.ts";
import type { Peer } from "../peers/store.ts";
import type { Bearer } from "../tokens/bearers.ts";
import { endOf, type Token } from "../tokens/token.ts";
import { holds, ROLE_SCOPES } from "./rights.ts";

/**
 * What a connection keeps of a proven credential: enough to find it again, and nothing of what it may do.
 * Its text form is also the actor's label in the ledger; a bearer acts under the label of its parent.
 */
export type Credential =
  | { readonly kind: "local" }
  | { readonly kind: "peer"; readonly id: NodeId }
  | { readonly kind: "token"; readonly id: string }
  | { readonly kind: "bearer"; readonly id: string };

/** A credential that is proved by its text alone. */
export type TextCredential = Extract<Credential, { readonly kind: "token" | "bearer" }>;

/** Who is asking, and what they may do at this moment. */
export interface Actor {
  readonly kind: "nobody" | Credential["kind"];
  /** `local`, `peer:<id>`, `token:<id>` or `nobody`. */
  readonly label: string;
  /** Scopes, and wildcards of a token. */
  readonly scopes: ReadonlySet<string>;
  /** Sets of scopes that must each allow a use too: those of a token's owner and successor, and of a bearer's parent. */
  readonly within?: readonly ReadonlySet<string>[];
  /** When the credential ends: milliseconds since the epoch, or null for never. */
  readonly expiresAt: number | null;
  readonly source: Source;
  /** The token that is used: the actor itself, or what its bearer was exchanged for. */
  readonly token?: Token;
}

const NOTHING: ReadonlySet<string> = new Set();
const EVERYTHING: ReadonlySet<string> = new Set(SCOPES);

/** Returns the credential's one text form. */
export function credentialLabel(credential: Credential): string {
  return credential.kind === "local" ? "local" : `${credential.kind}:${credential.id}`;
}

/** Returns the actor who sent no credential, or whose credential was not read. */
export function nobody(source: Source): Actor {
  return { kind: "nobody", label: "nobody", scopes: NOTHING, expiresAt: null, source };
}

/** Returns the actor behind the Unix socket: whoever may open it has all rights. */
export function localActor(source: Source): Actor {
  return { kind: "local", label: "local", scopes: EVERYTHING, expiresAt: null, source };
}

/** Returns the peer as actor, with what its present role holds. */
export function peerActor(peer: Peer, source: Source): Actor {
  return { kind: "peer", label: `peer:${peer.id}`, scopes: ROLE_SCOPES[peer.role], expiresAt: null, source };
}

/**
 * Returns the token as actor. A personal token does what its scopes and its owner's present role both allow, a token in
 * grace what it and its successor both may; `owner` is undefined for a fleet token.
 */
export function tokenActor(token: Token, owner: Peer | undefined, source: Source): Actor {
  const actor: Actor = { kind: "token", label: token.label, scopes: token.scopes, expiresAt: endOf(token), source, token };
  if (owner === undefined && token.successor === undefined) return actor;
  const role = owner === undefined ? [] : [ROLE_SCOPES[owner.role]];
  return { ...actor, within: token.successor === undefined ? role : [...role, token.successor.scopes] };
}

/** Returns the bearer as actor: its parent, with no more than the bearer's scopes and for no longer. */
export function bearerActor({ expiresAt, scopes }: Bearer, parent: Actor): Actor {
  const end = Math.min(expiresAt, parent.expiresAt ?? expiresAt);
  const actor: Actor = { ...parent, kind: "bearer", expiresAt: end };
  return scopes === undefined ? actor : { ...actor, scopes, within: [parent.scopes, ...(parent.within ?? [])] };
}

/** Returns whether the actor holds what the operation needs. */
export function mayPerform(actor: Actor, operation: Pick<Operation, "need" | "verb">): boolean {
  return holds(actor.scopes, operation) && (actor.within === undefined || actor.within.every((held) => holds(held, operation)));
}

/** Returns the actor's scopes and wildcards, without the scopes that its owner's role, its successor or its parent withholds. */
export function effectiveScopes({ scopes, within = [] }: Actor): readonly string[] {
  return [...scopes].filter(
    (scope) => isWildcard(scope) || within.every((held) => held.has(scope) || [...held].some(isWildcard)),
  );
}

function isWildcard(scope: string): boolean {
  return scope.endsWith(":*");
}
