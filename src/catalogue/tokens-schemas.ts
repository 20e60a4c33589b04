/** The shapes of API tokens. */

import * as z from "zod";
import { PERMISSIONS } from "../foundation/vocabulary.ts";
import { base64url, name, pageSize, time, tokenId } from "./schemas.ts";

/** A token's record; never its text. */
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
  /** Null for no limit. */
  requestsPerMinute: z.int().nullable(),
  /** The token it took the place of. */
  rotatedFrom: tokenId.optional(),
  /** The token that takes its place. */
  rotatedTo: tokenId.optional(),
  /** Until when it is good beside its successor. */
  graceUntil: time.optional(),
});

/** A record with the text of its token. */
export const issuedToken = z.object({
  ...token.shape,
  /** The secret, shown this once. */
  token: z.string(),
});

const MOST_REQUESTS = 1_000_000;

const requestsPerMinute = z.int().min(1).max(MOST_REQUESTS).nullable();

/** What a new token is to be. */
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
  /** Null, or left out, for no limit. */
  requestsPerMinute: requestsPerMinute.optional(),
});

/** What is said of a token whose text was made elsewhere. */
export const registerToken = z.strictObject({
  ...generateToken.shape,
  /** SHA-256 of the token's text. */
  hash: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex characters"),
});

const SORTS = ["createdAt", "-createdAt", "name", "-name", "lastUsedAt", "-lastUsedAt", "expiresAt", "-expiresAt"] as const;

/** Which tokens to list, and in which order. */
export const tokenQuery = z.strictObject({
  /** Rows of one page; all when left out. */
  limit: pageSize.optional(),
  /** `cursor` of the answer before. */
  cursor: z.string().optional(),
  status: z.enum(["active", "expired", "revoked"]).optional(),
  /** `fleet`, or `node:<id>` of a peer. */
  owner: z.string().optional(),
  /** Part of the name, or the beginning of the id or of what is shown of the text. */
  q: z.string().optional(),
  /** `-` for the other direction. */
  sort: z.enum(SORTS).default("createdAt"),
});

/** `cursor` is null behind the last row. */
export const tokenPage = z.object({ tokens: z.array(token), cursor: z.string().nullable() });

/** What is to be different; members left out stay. */
export const updateToken = z.strictObject({
  id: tokenId,
  name: name.optional(),
  permissions: z.enum(PERMISSIONS).optional(),
  /** Alone, it makes the permissions `custom`. */
  scopes: z.array(z.string()).optional(),
  expiresAt: z.string().nullable().optional(),
  expires: z.string().optional(),
  /** Empty means any. */
  allowedIps: z.array(z.string()).optional(),
  /** Null takes the limit away. */
  requestsPerMinute: requestsPerMinute.optional(),
});

/** Which token gives its place to a new one. */
export const rotateToken = z.strictObject({
  id: tokenId,
  /** How long the old text stays good beside the new one: `0`, or a duration up to `30d`. */
  grace: z.string().default("24h"),
});

/** The token that takes the place of another. */
export const rotatedToken = z.object({
  ...issuedToken.shape,
  /** The token whose place it takes, and where that one was in use: who must be given the new text. */
  previous: z.object({
    id: tokenId,
    /** Until when the old text is good; null when it ended at once. */
    graceUntil: time.nullable(),
    lastUsedAt: time.nullable(),
    lastUsedFrom: z.string().nullable(),
  }),
  connectionsClosed: z.int(),
});

/** Which tokens end: all, or those that fit every other member. */
export const revokeTokens = z.strictObject({
  /** Every token; instead of the members below. */
  all: z.boolean().optional(),
  /** `fleet`, or `node:<id>` of a peer. */
  owner: z.string().optional(),
  /** `local` or `peer:<id>`: who issued them. */
  createdBy: z.string().optional(),
  /** A name in which `*` stands for any characters. */
  name: z.string().max(64).optional(),
  /** Ids of tokens that stay. */
  except: z.array(tokenId).optional(),
});

/** The receipt of a revocation of many tokens. */
export const revokedTokens = z.object({
  /** Ids of the tokens that ended. */
  tokens: z.array(tokenId),
  connectionsClosed: z.int(),
  /** From the beginning of the call until all of them were refused. */
  milliseconds: z.number(),
});

/** The token or bearer that is to end. */
export const burnToken = z.strictObject({ token: z.string() });

/** What a token can hold. */
export const scopes = z.object({
  scopes: z.array(
    z.object({
      scope: z.string(),
      /** Whether a token can hold it. */
      grantable: z.boolean(),
      /** Whether any operation of this node takes it; one that is not in use yet grants nothing for now. */
      inUse: z.boolean(),
      /** The operations of this node that it allows. */
      operations: z.array(z.string()),
    }),
  ),
});

/** The receipt of an end. */
export const endedToken = z.object({
  id: tokenId,
  status: z.enum(["active", "expired", "revoked", "deleted"]),
  connectionsClosed: z.int(),
});

/** The first 16 bytes of a token's look-up hash, and a nonce of 16 (docs/protocol/05-tokens.md). */
export const proveToken = z.strictObject({ lookup: base64url, nonce: base64url });

/** The node's key, and its proof that it knows the token. */
export const tokenProved = z.object({ nodeKey: base64url, proof: base64url });
