/**
 * What operations take and answer, as plain types. The catalogue's schemas are the source; these say the same without
 * zod, so that a program which installs this package needs no schema library to be type-checked. A test holds both equal.
 *
 * Times are RFC 3339 UTC with milliseconds; GB are 2^30 bytes.
 */

import type { NodeId } from "../foundation/ids.ts";
import type { Channel, PeerKind, Permission, Role, Way } from "../foundation/vocabulary.ts";

/** An input without members. */
export type Nothing = Readonly<Record<string, never>>;

export interface NodeHealth {
  readonly status: "ok" | "degraded";
  readonly version: string;
  readonly nodeId: NodeId;
  readonly fleetId: string;
  readonly name: string;
  readonly uptimeSeconds: number;
  readonly pairing: "open" | "closed";
}

export interface NodeInfo {
  readonly name: string;
  readonly nodeId: NodeId;
  readonly machineModel: string;
  readonly osVersion: string;
  readonly fleetVersion: string;
  readonly cpuCores: number;
  readonly totalMemoryGB: number;
}

export interface NodeStats {
  readonly cpuUsagePercent: number;
  readonly memoryUsedGB: number;
  readonly memoryTotalGB: number;
  readonly diskUsedGB: number;
  readonly diskTotalGB: number;
  readonly runningVMCount: number;
  readonly totalVMCount: number;
}

/** What whoever runs the node may know of it. */
export interface NodeStatus {
  readonly nodeId: NodeId;
  readonly fleetId: string;
  readonly fingerprint: string;
  readonly name: string;
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly port: number;
  /** Addresses clients on the LAN can use, without port. */
  readonly addresses: readonly string[];
  readonly socket: string;
  readonly dataDir: string;
  readonly peers: number;
  readonly tokens: number;
  readonly pairing: "open" | "closed";
  readonly plaintext: "loopback" | "lan" | "never";
}

/** Who the caller is to the node, and what it may do. */
export interface Self {
  /** `local`, `peer:<id>` or `token:<id>`. */
  readonly actor: string;
  /** Scopes, and wildcards of a custom token. */
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
}

export interface PairingWindow {
  /** Six digits; absent when the window has none or they are spent. */
  readonly code?: string | undefined;
  /** `cider-fleet://pair?…`; absent when the window has no link. */
  readonly link?: string | undefined;
  readonly role: Role;
  readonly ways: readonly Way[];
  /** `blind` and `plain` where the opener allowed them; the others always are. */
  readonly channels: readonly Channel[];
  readonly secondsLeft: number;
  readonly attemptsLeft: number | null;
  /** Who spent attempts on the digits. */
  readonly addresses: readonly { readonly address: string; readonly attempts: number }[];
}

export interface OpenPairing {
  /** What whoever pairs may do; `admin` by default. */
  readonly role?: Role | undefined;
  /** Both by default. */
  readonly ways?: readonly Way[] | undefined;
  /** Kinds of connection allowed beside the safe ones; none by default. */
  readonly channels?: readonly ("blind" | "plain")[] | undefined;
  /** Lifetime: 30 s to 10 min, 120 by default; up to 24 h for a window with a link alone. */
  readonly seconds?: number | undefined;
  /** The only key that may pair, 130 hex characters. */
  readonly forKey?: string | undefined;
}

/** A key the node trusts. */
export interface Peer {
  readonly id: NodeId;
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly name: string;
  readonly kind: PeerKind;
  readonly role: Role;
  /** How it was paired; `key` when its key was entered by hand. */
  readonly way: Way | "key";
  readonly channel: Channel | null;
  readonly pairedAt: string;
  readonly pairedFrom: string;
  readonly lastSeenAt: string | null;
  readonly lastSeenFrom: string | null;
}

export interface RemovedPeer {
  readonly id: NodeId;
  readonly tokensRevoked: number;
  readonly connectionsClosed: number;
}

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
}

export interface IssuedAPIToken extends APIToken {
  /** The secret, shown this once. */
  readonly token: string;
}

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
}

export interface EndedAPIToken {
  readonly id: string;
  readonly status: "active" | "expired" | "revoked" | "deleted";
  /** Connections that were closed with it. */
  readonly connectionsClosed: number;
}

/** What a socket can subscribe to; each event needs the topic's scope when it is delivered. */
export type Topic = "node" | "node.stats" | "pairing" | "peers" | "tokens" | "audit";

export interface Subscribed {
  readonly topics: readonly Topic[];
  /** The ledger's number up to which nothing will be sent again. */
  readonly seq: number;
}
