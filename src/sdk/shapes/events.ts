/** Subscriptions, and what their events hold. Newer nodes may send further types below a topic. */

import type { ErrorCode } from "../../foundation/errors.ts";
import type { NodeId } from "../../foundation/ids.ts";
import type { Channel, PeerKind, Permission, Role, Way } from "../../foundation/vocabulary.ts";
import type { AuditChange } from "./audit.ts";
import type { NodeStats } from "./node.ts";

/** What a socket can subscribe to; each event needs the topic's scope when it is delivered. */
export type Topic = "node" | "node.stats" | "pairing" | "peers" | "tokens" | "audit";

/** What a socket is to be told. */
export interface Subscribe {
  readonly topics: readonly Topic[];
  readonly interval?: number | undefined;
  readonly since?: number | undefined;
}

/** What a socket will be told from here on. */
export interface Subscribed {
  readonly topics: readonly Topic[];
  /** The ledger's number up to which nothing will be sent again. */
  readonly seq: number;
}

/** What the record says of the node itself. */
export type NodeChange =
  | { readonly type: "node.created"; readonly fleetId: string; readonly name: string }
  | { readonly type: "node.renamed"; readonly name: string };

/** What the machine is doing. */
export type MachineFigures = Omit<NodeStats, "runningVMCount" | "totalVMCount">;

/** Who tries to pair. */
interface Pairing {
  readonly way: Way;
  readonly address: string;
  readonly nodeId: NodeId;
  readonly name: string;
}

/** What the record says of the pairing window. */
export type PairingChange =
  | {
      readonly type: "pairing.opened";
      readonly by: string;
      readonly role: Role;
      readonly ways: readonly Way[];
      readonly channels: readonly Channel[];
      readonly seconds: number;
      /** The only peer that may pair. */
      readonly forNode?: NodeId;
    }
  | { readonly type: "pairing.renewed"; readonly by: string }
  | (Pairing & {
      readonly type: "pairing.attempted";
      readonly channel: Channel;
      readonly kind: PeerKind;
      /** Null for links. */
      readonly attemptsLeft: number | null;
    })
  | {
      readonly type: "pairing.locked";
      readonly addresses: readonly { readonly address: string; readonly attempts: number }[];
    }
  /** `unfinished` is what a wrong code looks like. */
  | (Pairing & { readonly type: "pairing.failed"; readonly why: ErrorCode | "unfinished" })
  | (Pairing & { readonly type: "pairing.paired"; readonly channel: Channel; readonly kind: PeerKind; readonly role: Role })
  | { readonly type: "pairing.closed"; readonly why: "paired" | "expired" | "closed" | "replaced" };

/** What the record says of peers. */
export type PeerChange =
  | {
      readonly type: "peer.registered";
      readonly id: NodeId;
      /** 130 hex characters. */
      readonly key: string;
      readonly name: string;
      readonly kind: PeerKind;
      readonly role: Role;
      readonly way: Way | "key";
      readonly channel: Channel | null;
      readonly from: string;
    }
  | { readonly type: "peer.changed"; readonly id: NodeId; readonly name: string; readonly role: Role }
  | { readonly type: "peer.removed"; readonly id: NodeId };

/** What a token may do and until when. */
interface TokenRights {
  readonly id: string;
  readonly name: string;
  readonly permissions: Permission;
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  readonly allowedIps: readonly string[];
  readonly requestsPerMinute: number | null;
}

/** Where a token was met for the first time. */
interface TokenMet {
  readonly id: string;
  readonly address: string;
  readonly network: string;
}

/** What the record says of tokens. */
export type TokenChange =
  | (TokenRights & {
      readonly type: "token.issued";
      readonly tokenPrefix: string;
      /** `fleet` or `node:<id>`. */
      readonly owner: string;
      readonly createdBy: string;
      /** The token this one takes the place of. */
      readonly rotatedFrom?: string;
    })
  | (TokenRights & { readonly type: "token.edited" })
  | { readonly type: "token.rotated"; readonly id: string; readonly to: string; readonly graceUntil: string }
  | (TokenMet & { readonly type: "token.used" })
  | (TokenMet & { readonly type: "token.refused" })
  | { readonly type: "token.expired" | "token.revoked" | "token.deleted"; readonly id: string };

/** An entry of the record, without its number and time, which are the event's. */
export interface RecordedCall {
  readonly actor: string;
  readonly request: string;
  readonly operation: string;
  /** Address of the caller; missing for the local socket and the node's own doing. */
  readonly from?: string;
  readonly changes: readonly AuditChange[];
}

/** What the events of each topic hold. */
export interface TopicData {
  readonly node: NodeChange;
  readonly "node.stats": MachineFigures;
  readonly pairing: PairingChange;
  readonly peers: PeerChange;
  readonly tokens: TokenChange;
  readonly audit: RecordedCall;
}

/** What happened: a union on `topic`, or the events of one topic. */
export type FleetEvent<T extends Topic = Topic> = {
  readonly [K in T]: Numbered<K> & {
    readonly topic: K;
    /** When it happened, by the node's clock. */
    readonly at: string;
    readonly data: TopicData[K];
  };
}[T];

/** Momentary events have no number of the record. */
type Numbered<T extends Topic> = T extends "node.stats" ? { readonly seq?: undefined } : { readonly seq: number };
