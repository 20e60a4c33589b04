/** The shapes of API tokens. */

import * as z from "zod";
import { PERMISSIONS } from "../foundation/vocabulary.ts";
import { base64url, name, time, tokenId } from "./schemas.ts";

export const token = z.object({
  id: tokenId,
  name: z.string(),
  /** The first 12 characters of the text, for telling tokens apart. */
  tokenPrefix: z.string(),
  permissions: z.enum(PERMISSIONS),
  scopes: z.array(z.string()),
  /** `fleet`, or `node:<id>` of the peer it belongs to. */
  owner: z.string(),
  status: z.enum(["active", "expired", "revoked"]),
  createdAt: time,
  createdBy: z.string(),
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable(),
  lastUsedFrom: z.string().nullable(),
  useCount: z.int(),
  allowedIps: z.array(z.string()),
});

export const issuedToken = z.object({
  ...token.shape,
  /** The secret, shown this once. */
  token: z.string(),
});

export const generateToken = z.strictObject({
  name,
  permissions: z.enum(PERMISSIONS).default("readOnly"),
  scopes: z.array(z.string()).optional(),
  /** RFC 3339 time, or null for never. */
  expiresAt: z.string().nullable().optional(),
  /** `never`, a duration such as `90d` or `1y`, or a date such as `2027-01-31`. */
  expires: z.string().optional(),
  owner: z.string().optional(),
  allowedIps: z.array(z.string()).optional(),
});

export const endedToken = z.object({
  id: tokenId,
  status: z.enum(["active", "expired", "revoked", "deleted"]),
  connectionsClosed: z.int(),
});

export const proveToken = z.strictObject({ lookup: base64url, nonce: base64url });

export const tokenProved = z.object({ nodeKey: base64url, proof: base64url });
