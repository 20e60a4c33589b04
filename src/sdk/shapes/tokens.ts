/** API tokens. */

import type { Permission } from "../../foundation/vocabulary.ts";

/** A token's record; never its text. */
export interface APIToken {
  readonly id: string;
  readonly name: string;
  /** The first 12 characters of the text, for telling tokens apart. */
  readonly tokenPrefix: string;
  readonly permissions: Permission;
  readonly scopes: readonly string[];
  /** `fleet`, or `node:<id>` of the peer it belongs to. */
  readonly owner: string;
  readonly status: "active" | "expired" | "revoked";
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly lastUsedFrom: string | null;
  readonly useCount: number;
  readonly allowedIps: readonly string[];
  /** Null for no limit. */
  readonly requestsPerMinute: number | null;
  /** The token it took the place of. */
  readonly rotatedFrom?: string | undefined;
  /** The token that takes its place. */
  readonly rotatedTo?: string | undefined;
  /** Until when it is good beside its successor. */
  readonly graceUntil?: string | undefined;
}

/** A record with the text of its token. */
export interface IssuedAPIToken extends APIToken {
  /** The secret, shown this once. */
  readonly token: string;
}

/** Which tokens to list, and in which order. */
export interface ListAPITokens {
  /** Rows of one page, 1 to 1000; all when left out. */
  readonly limit?: number | undefined;
  /** `cursor` of the answer before. */
  readonly cursor?: string | undefined;
  readonly status?: "active" | "expired" | "revoked" | undefined;
  /** `fleet`, or `node:<id>` of a peer. */
  readonly owner?: string | undefined;
  /** Part of the name, or the beginning of the id or of what is shown of the text. */
  readonly q?: string | undefined;
  /** `createdAt` by default; `-` for the other direction. */
  readonly sort?:
    | "createdAt"
    | "-createdAt"
    | "name"
    | "-name"
    | "lastUsedAt"
    | "-lastUsedAt"
    | "expiresAt"
    | "-expiresAt"
    | undefined;
}

/** What a new token is to be. */
export interface GenerateAPIToken {
  readonly name: string;
  /** `readOnly` by default. */
  readonly permissions?: Permission | undefined;
  readonly scopes?: readonly string[] | undefined;
  /** RFC 3339 time, or null for never. Without this and `expires` the node's default applies, 90 days unless configured. */
  readonly expiresAt?: string | null | undefined;
  /** `never`, a duration such as `90d` or `1y`, or a date such as `2027-01-31`. */
  readonly expires?: string | undefined;
  readonly owner?: string | undefined;
  readonly allowedIps?: readonly string[] | undefined;
  /** Null for no limit. */
  readonly requestsPerMinute?: number | null | undefined;
}

/** What is said of a token whose text was made elsewhere. */
export interface RegisterAPIToken extends GenerateAPIToken {
  /** SHA-256 of the text, 64 hex characters. */
  readonly hash: string;
}

/** What is to be different; members left out stay. */
export interface UpdateAPIToken {
  readonly id: string;
  readonly name?: string | undefined;
  readonly permissions?: Permission | undefined;
  /** Alone, it makes the permissions `custom`. */
  readonly scopes?: readonly string[] | undefined;
  readonly expiresAt?: string | null | undefined;
  readonly expires?: string | undefined;
  /** Empty means any. */
  readonly allowedIps?: readonly string[] | undefined;
  /** Null for no limit. */
  readonly requestsPerMinute?: number | null | undefined;
}

/** Which token gives its place to a new one. */
export interface RotateAPIToken {
  readonly id: string;
  /** How long the old text stays good beside the new one: `0`, or a duration up to `30d`; `24h` by default. */
  readonly grace?: string | undefined;
}

/** The token that takes the place of another. */
export interface RotatedAPIToken extends IssuedAPIToken {
  /** The token whose place it takes, and where that one was in use: who must be given the new text. */
  readonly previous: {
    readonly id: string;
    /** Until when the old text is good; null when it ended at once. */
    readonly graceUntil: string | null;
    readonly lastUsedAt: string | null;
    readonly lastUsedFrom: string | null;
  };
  readonly connectionsClosed: number;
}

/** Which tokens end: all, or those that fit every other member. */
export interface RevokeAPITokens {
  readonly all?: boolean | undefined;
  /** `fleet`, or `node:<id>` of a peer. */
  readonly owner?: string | undefined;
  /** `local` or `peer:<id>`: who issued them. */
  readonly createdBy?: string | undefined;
  /** A name in which `*` stands for any characters. */
  readonly name?: string | undefined;
  /** Ids of tokens that stay. */
  readonly except?: readonly string[] | undefined;
}

/** The receipt of a revocation of many tokens. */
export interface RevokedAPITokens {
  /** Ids of the tokens that ended. */
  readonly tokens: readonly string[];
  readonly connectionsClosed: number;
  /** From the beginning of the call until all of them were refused. */
  readonly milliseconds: number;
}

/** The receipt of an end. */
export interface EndedAPIToken {
  readonly id: string;
  readonly status: "active" | "expired" | "revoked" | "deleted";
  /** Connections that were closed with it. */
  readonly connectionsClosed: number;
}

/** A scope or wildcard of tokens. */
export interface ScopeUse {
  readonly scope: string;
  /** Whether a token can hold it. */
  readonly grantable: boolean;
  /** Whether any operation of the node takes it; one that is not in use yet grants nothing for now. */
  readonly inUse: boolean;
  /** The operations of the node that it allows. */
  readonly operations: readonly string[];
}
