/** API tokens. Only the local socket and admin peers reach these: no token holds `tokens:manage`. */

import type { ParsedInput } from "../catalogue/operations.ts";
import { hmacSha256 } from "../crypto/hash.ts";
import { tokenProof } from "../crypto/token-secret.ts";
import { fromHex, toBase64url } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import { isNodeId } from "../foundation/ids.ts";
import { isWord, SCOPES } from "../foundation/vocabulary.ts";
import { type Actor, mayPerform } from "../policy/actor.ts";
import { scopesOfPermission } from "../policy/permissions.ts";
import { SCOPE_USES } from "../policy/scope-use.ts";
import { type Edit, editToken } from "../tokens/edit.ts";
import { decideExpiry } from "../tokens/expiry.ts";
import { issueToken } from "../tokens/issue.ts";
import { invalid, parseBytes } from "../wire/parse.ts";
import type { Handlers } from "./call.ts";
import type { Parts } from "./parts.ts";
import { tokenView } from "./token-view.ts";

type TokenOperation = "GenerateAPIToken" | "ListAPITokens" | "GetAPIToken" | "UpdateAPIToken" | "ListScopes" | "ProveToken";

const LOOKUP_LENGTH = 16;
const NONCE_LENGTH = 16;

export function tokenHandlers(parts: Parts): Pick<Handlers, TokenOperation> {
  const { clock, peers, random, tokens } = parts;
  /** Key of the answers for tokens this node does not know: one per look-up, so that they look like the others. */
  const decoy = random.bytes(32);

  const view = tokenView(parts);

  const ownerOf = ({ owner = "fleet" }: ParsedInput<"GenerateAPIToken">): string => {
    const id = owner.startsWith("node:") ? owner.slice("node:".length) : undefined;
    if (owner === "fleet" || (isNodeId(id) && peers.get(id) !== undefined)) return owner;
    throw invalid("owner", '"fleet" or "node:" and the id of a peer of this node');
  };

  return {
    GenerateAPIToken: (input, call) => {
      const { actor } = call;
      const scopes = scopesOfPermission(input.permissions, input.scopes);
      refuseMoreThanHeld(actor, scopes);
      const { text, change } = issueToken(
        {
          name: input.name,
          permissions: input.permissions,
          scopes,
          owner: ownerOf(input),
          createdBy: actor.label,
          expiresAt: decideExpiry(input, parts.settings, clock.now()),
          allowedIps: input.allowedIps ?? [],
        },
        clock,
        random,
      );
      call.commit([change]);
      return { ...view(tokens.require(change.id)), token: text };
    },

    ListAPITokens: () => ({ tokens: tokens.list().map(view) }),

    GetAPIToken: ({ id }) => view(tokens.require(id)),

    UpdateAPIToken: (input, call) => {
      const token = tokens.require(input.id);
      const edit = editOf(input, parts);
      if (edit.scopes !== undefined) refuseMoreThanHeld(call.actor, edit.scopes);
      const change = editToken(token, edit, clock.now());
      if (change !== undefined) call.commit([change]);
      return view(tokens.require(token.id));
    },

    ListScopes: () => ({ scopes: SCOPE_USES.map((use) => ({ ...use, operations: [...use.operations] })) }),

    ProveToken: (input, { actor: { source } }) => {
      const retryAfter = source.via === "socket" ? 0 : parts.proofs.add(source.network);
      if (retryAfter > 0)
        throw new FleetError("RATE_LIMITED", "too many proofs were asked for from this network", { retryAfter });
      const lookup = parseBytes(input, "lookup", LOOKUP_LENGTH);
      const nonce = parseBytes(input, "nonce", NONCE_LENGTH);
      const token = tokens.byLookup(lookup);
      const hash = token === undefined ? hmacSha256(decoy, lookup) : fromHex(token.hash);
      const { publicKey } = parts.key;
      return { nodeKey: toBase64url(publicKey), proof: toBase64url(tokenProof(hash, nonce, publicKey)) };
    },
  };
}

/** Returns what the input wants different; scopes by themselves make a custom token. */
function editOf(input: ParsedInput<"UpdateAPIToken">, { clock, settings }: Parts): Edit {
  const { allowedIps, name, scopes } = input;
  const permissions = input.permissions ?? (scopes === undefined ? undefined : "custom");
  const hasExpiry = input.expiresAt !== undefined || input.expires !== undefined;
  return {
    ...(name !== undefined && { name }),
    ...(permissions !== undefined && { permissions, scopes: scopesOfPermission(permissions, scopes) }),
    ...(hasExpiry && { expiresAt: decideExpiry(input, settings, clock.now()) }),
    ...(allowedIps !== undefined && { allowedIps }),
  };
}

/** Nobody grants more than they hold. A wildcard is granted by who holds every grantable right of its verb: an admin. */
function refuseMoreThanHeld(actor: Actor, scopes: readonly string[]): void {
  const excess = scopes.find((scope) => isWord(SCOPES, scope) && !mayPerform(actor, { need: scope, verb: "execute" }));
  if (excess !== undefined) {
    throw new FleetError("INSUFFICIENT_SCOPE", `you cannot grant ${excess}, which you do not hold`, { scope: excess });
  }
}
