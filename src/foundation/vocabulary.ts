/** The words that travel and rest on disk: roles, kinds, ways, channels, permissions, scopes. */

/** Rights of a peer, weakest first. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** What a peer calls itself; a label that grants nothing. */
export const PEER_KINDS = ["app", "sdk", "cli", "browser", "node"] as const;
export type PeerKind = (typeof PEER_KINDS)[number];

/** How a pairing secret reached the client. */
export const WAYS = ["code", "link"] as const;
export type Way = (typeof WAYS)[number];

/** What the client saw of its connection while pairing. */
export const CHANNELS = ["pinned", "loopback", "blind", "plain"] as const;
export type Channel = (typeof CHANNELS)[number];

/** Those on which the client cannot tell whom it talks to; a window allows them only if its opener said so. */
export const WEAKER_CHANNELS = ["blind", "plain"] as const satisfies readonly Channel[];
export type WeakerChannel = (typeof WEAKER_CHANNELS)[number];

export const PERMISSIONS = ["readOnly", "fullAccess", "custom"] as const;
export type Permission = (typeof PERMISSIONS)[number];

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
export type Scope = (typeof SCOPES)[number];

/** Returns whether `value` is one of `words`. */
export function isWord<W extends string>(words: readonly W[], value: unknown): value is W {
  return (words as readonly unknown[]).includes(value);
}
