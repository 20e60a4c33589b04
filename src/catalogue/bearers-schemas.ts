/** The shapes of the token exchange: members as RFC 6749, RFC 7009 and RFC 7662 name them. */

import * as z from "zod";
import { time } from "./schemas.ts";

/** RFC 6749 §4.4.2. */
export const exchangeToken = z.strictObject({
  grant_type: z.string(),
  /** Scopes separated by a space; all that the caller holds when left out. */
  scope: z.string().optional(),
});

/** RFC 6749 §5.1. */
export const exchangedToken = z.object({
  access_token: z.string(),
  token_type: z.literal("bearer"),
  /** Seconds. */
  expires_in: z.int(),
  expires: time,
  scope: z.string(),
});

/** A token or bearer that somebody holds. */
export const presentedToken = z.strictObject({ token: z.string() });

/** RFC 7662 §2.2. Times are Unix seconds. */
export const introspection = z.object({
  active: z.boolean(),
  scope: z.string().optional(),
  /** Id of the token or peer that it is, or was exchanged for. */
  client_id: z.string().optional(),
  /** `token:<id>` or `peer:<id>`, as the record names who acts. */
  sub: z.string().optional(),
  token_type: z.literal("bearer").optional(),
  exp: z.int().optional(),
  iat: z.int().optional(),
});
