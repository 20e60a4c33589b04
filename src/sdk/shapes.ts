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
  /** Whether the node announces itself on the LAN; `degraded`: it should and cannot. */
  readonly discovery: "on" | "off" | "degraded";
  /** Active tokens that end within 14 days. */
  readonly tokensEndingSoon: number;
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

/** What the node's announcement on the LAN is doing. */
export interface NodeDiscovery {
  readonly state: "on" | "off" | "degraded";
  /** What is wrong, when degraded. */
  readonly reason: string | null;
  /** Interfaces on which the node is announced. */
  readonly interfaces: readonly string[];
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
  /** Those of them that end within 14 days. */
  readonly tokensEndingSoon: number;
  readonly pairing: "open" | "closed";
  readonly plaintext: "loopback" | "lan" | "never";
  readonly discovery: NodeDiscovery;
}

/** Who the caller is to the node, and what it may do. */
export interface Self {
  /** `local`, `peer:<id>` or `token:<id>`. */
  readonly actor: string;
  /** Scopes, and wildcards of a custom token. */
  readonly scopes: readonly string[];
  /** What it is called; null for whoever uses the local socket. */
  readonly name: string | null;
  /** The operations of the node it may perform. */
  readonly operations: readonly string[];
  readonly expiresAt: string | null;
  /** The token that takes its place, where it was rotated. */
  readonly rotatedTo: string | null;
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

/** A key that was made elsewhere, to be trusted. */
export interface AddPeer {
  /** 130 hex characters. */
  readonly publicKey: string;
  readonly name: string;
  readonly role: Role;
  /** `sdk` by default. */
  readonly kind?: PeerKind | undefined;
}

export interface UpdatePeer {
  readonly id: NodeId;
  readonly name?: string | undefined;
  readonly role?: Role | undefined;
}

export interface RemovePeer {
  readonly id: NodeId;
  /** Whether fleet tokens that it issued end too; its personal tokens always do. */
  readonly withCreated?: boolean | undefined;
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
  /** Null for no limit. */
  readonly requestsPerMinute: number | null;
  /** The token it took the place of. */
  readonly rotatedFrom?: string | undefined;
  /** The token that takes its place. */
  readonly rotatedTo?: string | undefined;
  /** Until when it is good beside its successor. */
  readonly graceUntil?: string | undefined;
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
  /** Null for no limit. */
  readonly requestsPerMinute?: number | null | undefined;
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

/** Which peers to list, and in which order. */
export interface ListPeers {
  /** Rows of one page, 1 to 1000; all when left out. */
  readonly limit?: number | undefined;
  /** `cursor` of the answer before. */
  readonly cursor?: string | undefined;
  readonly role?: Role | undefined;
  /** Part of the name, or the beginning of the id. */
  readonly q?: string | undefined;
  /** `pairedAt` by default; `-` for the other direction. */
  readonly sort?: "pairedAt" | "-pairedAt" | "name" | "-name" | "lastSeenAt" | "-lastSeenAt" | undefined;
}

/** What is said of a token whose text was made elsewhere. */
export interface RegisterAPIToken extends GenerateAPIToken {
  /** SHA-256 of the text, 64 hex characters. */
  readonly hash: string;
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

/** A token as services show it that keep tokens by project. */
export interface ProjectToken {
  readonly id: string;
  /** The secret when it was just made, `redacted` ever after. */
  readonly token: string;
  readonly name: string;
  /** Scopes; `read:*` stands for all of readOnly. */
  readonly permissions: readonly string[];
  readonly createdAt: string;
}

export interface ListProjectTokens {
  readonly fleetId: string;
  /** 100 by default. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface CreateProjectToken {
  readonly fleetId: string;
  readonly name: string;
  /** Scopes; `["read:*"]`, which is the default, is readOnly. */
  readonly permissions?: readonly string[] | undefined;
  readonly expiresAt?: string | null | undefined;
  readonly expires?: string | undefined;
}

export interface EndedAPIToken {
  readonly id: string;
  readonly status: "active" | "expired" | "revoked" | "deleted";
  /** Connections that were closed with it. */
  readonly connectionsClosed: number;
}

/** RFC 6749 §4.4.2. */
export interface ExchangeToken {
  /** `client_credentials` */
  readonly grant_type: string;
  /** Scopes separated by a space; all that the caller holds when left out. */
  readonly scope?: string | undefined;
}

/** A bearer: a secret that acts as whoever asked for it, for minutes (RFC 6749 §5.1). */
export interface ExchangedToken {
  readonly access_token: string;
  readonly token_type: "bearer";
  /** Seconds. */
  readonly expires_in: number;
  readonly expires: string;
  readonly scope: string;
}

/** What a node says of a presented token (RFC 7662 §2.2); all but `active` is there only when it is good. */
export interface Introspection {
  readonly active: boolean;
  readonly scope?: string | undefined;
  /** Id of the token or peer that it is, or was exchanged for. */
  readonly client_id?: string | undefined;
  /** `token:<id>` or `peer:<id>`. */
  readonly sub?: string | undefined;
  readonly token_type?: "bearer" | undefined;
  /** Unix seconds. */
  readonly exp?: number | undefined;
  readonly iat?: number | undefined;
}

/** What a socket can subscribe to; each event needs the topic's scope when it is delivered. */
export type Topic = "node" | "node.stats" | "pairing" | "peers" | "tokens" | "audit";

/** One call that changed something, or was refused. */
export interface AuditEntry {
  readonly seq: number;
  /** 64 hex characters; each line's is over the one before. */
  readonly hash: string;
  readonly at: string;
  /** `local`, `system`, `nobody`, `peer:<id>` or `token:<id>`. */
  readonly actor: string;
  /** The call's request id; empty where nobody asked. */
  readonly request: string;
  readonly operation: string;
  /** Address of the caller; null for the local socket and the node's own doing. */
  readonly from: string | null;
  readonly outcome: "done" | "refused";
  /** The error's code when it was refused; null otherwise. */
  readonly refusal: string | null;
  readonly changes: readonly AuditChange[];
}

export interface AuditChange {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** Which entries; all members that are given must fit. */
export interface AuditQuery {
  /** Most entries of one answer: 1 to 1000, 100 by default. */
  readonly limit?: number | undefined;
  /** `cursor` of the answer before. */
  readonly cursor?: string | undefined;
  /** RFC 3339: not made before. */
  readonly after?: string | undefined;
  /** RFC 3339: made before. */
  readonly before?: string | undefined;
  readonly actor?: string | undefined;
  /** By this token, or about it. */
  readonly token?: string | undefined;
  /** By this peer, or about it. */
  readonly peer?: NodeId | undefined;
  readonly operation?: string | undefined;
  readonly outcome?: "done" | "refused" | undefined;
  readonly request?: string | undefined;
  readonly address?: string | undefined;
}

export interface AuditPage {
  /** Newest first; may be empty though a cursor follows. */
  readonly entries: readonly AuditEntry[];
  /** Null behind the oldest entry. */
  readonly cursor: string | null;
}

/** The end of a node's record, signed by the node. */
export interface AuditHead {
  readonly nodeId: NodeId;
  /** 65 bytes, base64url. */
  readonly nodeKey: string;
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
  /** 64 bytes, base64url. */
  readonly signature: string;
}

/** What the chain of a record is worth. */
export interface AuditVerification {
  readonly ok: boolean;
  /** Number of the oldest line there is. */
  readonly from: number;
  /** The last line that verified. */
  readonly seq: number;
  readonly hash: string;
  readonly segments: number;
  /** The first thing that is not as it should be. */
  readonly fault: AuditFault | null;
}

export interface AuditFault {
  readonly file: string;
  /** Line of the file, counted from 1. */
  readonly line: number;
  /** Number of the line that is bad or missing. */
  readonly seq: number;
  readonly reason: string;
}

/** Which rows of the summary; all members that are given must fit. */
export interface ActivityQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly actor?: string | undefined;
  /** An operation, or the code by which calls of nobody were refused. */
  readonly operation?: string | undefined;
  readonly address?: string | undefined;
}

export interface ActivityPage {
  /** Newest first. `*` stands for all that had no row of its own. */
  readonly rows: readonly ActivityRow[];
  readonly cursor: string | null;
}

/** How often an actor used an operation from an address. */
export interface ActivityRow {
  readonly operation: string;
  readonly actor: string;
  readonly from: string;
  readonly count: number;
  readonly last: string;
}

export interface Subscribed {
  readonly topics: readonly Topic[];
  /** The ledger's number up to which nothing will be sent again. */
  readonly seq: number;
}

/** What an examination of a node found. */
export interface Examination {
  readonly findings: readonly Finding[];
  /** Codes of what was ill and is well now. */
  readonly mended: readonly string[];
}

export interface Finding {
  /** What was looked at, as in docs/doctor.md; newer nodes look at more. */
  readonly code: string;
  readonly level: "ok" | "warn" | "error";
  /** What was found. */
  readonly what: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do; null when it is well. */
  readonly remedy: string | null;
  /** Whether `fix` mends it. */
  readonly fixable: boolean;
}
