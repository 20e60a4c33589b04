/** How tokens come to be: made here, or registered by the hash of a text that was made elsewhere. */

import type { ParsedInput } from "../catalogue/operations.ts";
import { FleetError } from "../foundation/errors.ts";
import { isNodeId } from "../foundation/ids.ts";
import { scopesOfPermission } from "../policy/permissions.ts";
import { decideExpiry } from "../tokens/expiry.ts";
import { type IssueOrder, issueToken, registerToken } from "../tokens/issue.ts";
import { statusOf, type Token } from "../tokens/token.ts";
import { invalid } from "../wire/parse.ts";
import type { ChangeCall } from "./call.ts";
import { refuseMoreThanHeld } from "./grants.ts";
import type { Parts } from "./parts.ts";

type Wanted = ParsedInput<"GenerateAPIToken">;

/** Issues tokens for every operation that does. */
export interface TokenIssuer {
  /** Commits a new token; its text is in the answer and nowhere else. */
  issue(wanted: Wanted, call: ChangeCall): { readonly token: Token; readonly text: string };
  /**
   * Commits a token whose text this node has never seen. The same once more, as a play-book does, changes nothing; another
   * name or other rights, and a hash of a token that has ended, are CONFLICT.
   */
  register(wanted: Wanted, hash: string, call: ChangeCall): Token;
}

/** Returns an issuer that asks these parts. */
export function tokenIssuer({ clock, peers, random, settings, tokens }: Parts): TokenIssuer {
  const ownerOf = ({ owner = "fleet" }: Wanted): string => {
    const id = owner.startsWith("node:") ? owner.slice("node:".length) : undefined;
    if (owner === "fleet" || (isNodeId(id) && peers.get(id) !== undefined)) return owner;
    throw invalid("owner", '"fleet" or "node:" and the id of a peer of this node');
  };

  const orderOf = (wanted: Wanted, { actor }: ChangeCall): IssueOrder => {
    const scopes = scopesOfPermission(wanted.permissions, wanted.scopes);
    refuseMoreThanHeld(actor, scopes);
    return {
      name: wanted.name,
      permissions: wanted.permissions,
      scopes,
      owner: ownerOf(wanted),
      createdBy: actor.label,
      expiresAt: decideExpiry(wanted, settings, clock.now()),
      allowedIps: wanted.allowedIps ?? [],
      requestsPerMinute: wanted.requestsPerMinute ?? null,
    };
  };

  return {
    issue(wanted, call) {
      const { change, text } = issueToken(orderOf(wanted, call), clock, random);
      call.commit([change]);
      return { token: tokens.require(change.id), text };
    },

    register(wanted, hash, call) {
      const order = orderOf(wanted, call);
      const known = tokens.byHash(hash);
      if (known !== undefined) {
        if (statusOf(known, clock.now()) === "active" && isSame(known, order)) return known;
        throw new FleetError(
          "CONFLICT",
          "this hash is registered already, otherwise; a token that has ended is not brought back",
        );
      }
      const change = registerToken(order, hash, clock, random);
      call.commit([change]);
      return tokens.require(change.id);
    },
  };
}

function isSame(known: Token, order: IssueOrder): boolean {
  const sameScopes = known.scopes.size === order.scopes.length && order.scopes.every((scope) => known.scopes.has(scope));
  return known.name === order.name && known.owner === order.owner && sameScopes;
}
