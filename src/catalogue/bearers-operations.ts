/** Operations of the token exchange: short-lived bearers for tokens and peers. */

import * as z from "zod";
import * as shape from "./bearers-schemas.ts";
import { type Operation, route } from "./operation.ts";

/** Exchange, introspection and revocation, also by OAuth's own paths. */
export const BEARER_OPERATIONS = {
  ExchangeToken: {
    kind: "read",
    need: "self",
    verb: "read",
    rest: null,
    oauth: [route("POST", "/oauth/token"), route("POST", "/login")],
    input: shape.exchangeToken,
    output: shape.exchangedToken,
    since: "0.1.0",
    summary: "Gives a token or peer a bearer that lives for minutes, may do less if asked so, and ends with it.",
    secret: true,
  },
  IntrospectToken: {
    kind: "read",
    need: "self",
    verb: "read",
    rest: null,
    oauth: [route("POST", "/oauth/introspect")],
    input: shape.presentedToken,
    output: shape.introspection,
    since: "0.1.0",
    summary: "Tells whoever holds a token's text whether it is good, for what and until when (RFC 7662).",
  },
  BurnToken: {
    kind: "change",
    need: "public",
    verb: "delete",
    rest: null,
    oauth: [route("POST", "/oauth/revoke")],
    input: shape.presentedToken,
    output: z.object({}),
    since: "0.1.0",
    summary: "Ends the very token or bearer whose text is presented; says nothing of whether there was one (RFC 7009).",
  },
} as const satisfies Readonly<Record<string, Operation>>;
