/** Operations on API tokens. */

import * as z from "zod";
import { type Operation, route } from "./operation.ts";
import { nothing, tokenId } from "./schemas.ts";
import * as shape from "./tokens-schemas.ts";

export const TOKEN_OPERATIONS = {
  GenerateAPIToken: {
    kind: "change",
    need: "tokens:manage",
    verb: "create",
    rest: route("POST", "/v1/tokens", 201),
    input: shape.generateToken,
    output: shape.issuedToken,
    since: "0.1.0",
    summary: "Issues a token; its text is in this answer and nowhere else.",
    secret: true,
  },
  ListAPITokens: {
    kind: "read",
    need: "tokens:manage",
    verb: "read",
    rest: route("GET", "/v1/tokens"),
    input: nothing,
    output: z.object({ tokens: z.array(shape.token) }),
    since: "0.1.0",
    summary: "Lists tokens, never their texts.",
  },
  GetAPIToken: {
    kind: "read",
    need: "tokens:manage",
    verb: "read",
    rest: route("GET", "/v1/tokens/:id"),
    input: z.strictObject({ id: tokenId }),
    output: shape.token,
    since: "0.1.0",
    summary: "Shows one token's record.",
    aliases: { tokenID: "id" },
  },
  RevokeAPIToken: {
    kind: "change",
    need: "tokens:manage",
    verb: "delete",
    rest: route("POST", "/v1/tokens/:id/revoke"),
    input: z.strictObject({ id: tokenId }),
    output: shape.endedToken,
    since: "0.1.0",
    summary: "Ends a token at once and keeps its record; this cannot be undone.",
    message: "token revoked",
    aliases: { tokenID: "id" },
  },
  DeleteAPIToken: {
    kind: "change",
    need: "tokens:manage",
    verb: "delete",
    rest: route("DELETE", "/v1/tokens/:id"),
    input: z.strictObject({ id: tokenId }),
    output: shape.endedToken,
    since: "0.1.0",
    summary: "Ends a token at once and removes its record.",
    message: "token deleted",
    aliases: { tokenID: "id" },
  },
  ProveToken: {
    kind: "read",
    need: "public",
    verb: "read",
    rest: route("POST", "/v1/tokens/prove"),
    input: shape.proveToken,
    output: shape.tokenProved,
    since: "0.1.0",
    summary: "Proves to a token's holder that this node knows the token, before the holder sends it.",
  },
} as const satisfies Readonly<Record<string, Operation>>;
