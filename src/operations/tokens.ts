/** API tokens. All but `ListScopes` and `ProveToken` take `tokens:manage`, which no token can hold: the local socket and admin peers have it. */

import type { ParsedInput } from "../catalogue/operations.ts";
import { hmacSha256 } from "../crypto/hash.ts";
import { tokenProof } from "../crypto/token-secret.ts";
import { fromHex, toBase64url } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import { scopesOfPermission } from "../policy/permissions.ts";
import { SCOPE_USES } from "../policy/scope-use.ts";
import { type Edit, editToken } from "../tokens/edit.ts";
import { decideExpiry } from "../tokens/expiry.ts";
import { parseBytes } from "../wire/parse.ts";
import type { Handlers } from "./call.ts";
import { refuseMoreThanHeld } from "./grants.ts";
import type { Parts } from "./parts.ts";
import { tokenIssuer } from "./token-issue.ts";
import { pageOfTokens } from "./token-list.ts";
import { tokenView } from "./token-view.ts";

type TokenOperation =
  | "GenerateAPIToken"
  | "RegisterAPIToken"
  | "ListAPITokens"
  | "GetAPIToken"
  | "UpdateAPIToken"
  | "ListScopes"
  | "ProveToken";

const LOOKUP_LENGTH = 16;
const NONCE_LENGTH = 16;

/** Returns the handlers that issue, show and change tokens. */
export function tokenHandlers(parts: Parts): Pick<Handlers, TokenOperation> {
  const { bearers, clock, random, tokens } = parts;
  /** Makes the proofs for unknown tokens: the same one for the same look-up, so that nobody can tell them from real ones. */
  const decoy = random.bytes(32);

  const view = tokenView(parts);

  const issuer = tokenIssuer(parts);

  return {
    GenerateAPIToken: (input, call) => {
      const { text, token } = issuer.issue(input, call);
      return Object.assign(view(token), { token: text }); // copying twenty members takes a microsecond
    },

    RegisterAPIToken: ({ hash, ...input }, call) => view(issuer.register(input, hash, call)),

    ListAPITokens: (query) => pageOfTokens(tokens.list().map(view), query),

    GetAPIToken: ({ id }) => view(tokens.require(id)),

    UpdateAPIToken: (input, call) => {
      const token = tokens.require(input.id);
      const edit = editOf(input, parts);
      refuseMoreThanHeld(call.actor, edit.scopes ?? token.scopes);
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
      const known = tokens.byLookup(lookup) ?? bearers.byLookup(lookup);
      const hash = known === undefined ? hmacSha256(decoy, lookup) : fromHex(known.hash);
      const { publicKey } = parts.key;
      return { nodeKey: toBase64url(publicKey), proof: toBase64url(tokenProof(hash, nonce, publicKey)) };
    },
  };
}

/** Returns what the input wants different; scopes by themselves make a custom token. */
function editOf(input: ParsedInput<"UpdateAPIToken">, { clock, settings }: Parts): Edit {
  const { allowedIps, name, requestsPerMinute, scopes } = input;
  const permissions = input.permissions ?? (scopes === undefined ? undefined : "custom");
  const hasExpiry = input.expiresAt !== undefined || input.expires !== undefined;
  return {
    ...(name !== undefined && { name }),
    ...(permissions !== undefined && { permissions, scopes: scopesOfPermission(permissions, scopes) }),
    ...(hasExpiry && { expiresAt: decideExpiry(input, settings, clock.now()) }),
    ...(allowedIps !== undefined && { allowedIps }),
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
  };
}
