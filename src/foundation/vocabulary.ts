/** The words that travel and rest on disk: roles, kinds, ways, channels, permissions, scopes. */

/** Rights of a peer, weakest first. */
export const ROLES = ["viewer", "operator", "admin"] as const;
/** What a peer may do. */
export type Role = (typeof ROLES)[number];

/** What a peer calls itself; a label that grants nothing. */
export const PEER_KINDS = ["app", "sdk", "cli", "browser", "node"] as const;
/** A kind of peer. */
export type PeerKind = (typeof PEER_KINDS)[number];

/** How a pairing secret reached the client. */
export const WAYS = ["code", "link"] as const;
/** A way by which the secret came. */
export type Way = (typeof WAYS)[number];

/** What the client saw of its connection while pairing. */
export const CHANNELS = ["pinned", "loopback", "blind", "plain"] as const;
/** A kind of connection, as its client sees it. */
export type Channel = (typeof CHANNELS)[number];

/** Those on which the client cannot tell whom it talks to; a window allows them only if its opener said so. */
export const WEAKER_CHANNELS = ["blind", "plain"] as const satisfies readonly Channel[];
/** A channel that must be allowed. */
export type WeakerChannel = (typeof WEAKER_CHANNELS)[number];

/** What a token is issued with: a preset, or scopes of its own. */
export const PERMISSIONS = ["readOnly", "fullAccess", "custom"] as const;
/** What a token is issued with. */
export type Permission = (typeof PERMISSIONS)[number];

/** Every right there is, in the order of docs/permissions.md. */
export const SCOPES = [
  "machines:read",
  "metrics:read",
  "machines:write",
  "commands:execute",
  "files:read",
  "files:write",
  "schedules:manage",
  "agent:invoke",
  "audit:read",
  "tokens:manage",
  "peers:manage",
  "pairing:manage",
  "permissions:manage",
] as const;
/** A right. */
export type Scope = (typeof SCOPES)[number];

/** Returns whether `value` is one of `words`. */
export function isWord<W extends string>(words: readonly W[], value: unknown): value is W {
  return (words as readonly unknown[]).includes(value);
}
