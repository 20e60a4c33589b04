/** Peers: the keys a node trusts. */

import type { NodeId } from "../../foundation/ids.ts";
import type { Channel, PeerKind, Role, Way } from "../../foundation/vocabulary.ts";

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

/** A key that was made elsewhere, to be trusted. */
export interface AddPeer {
  /** 130 hex characters. */
  readonly publicKey: string;
  readonly name: string;
  readonly role: Role;
  /** `sdk` by default. */
  readonly kind?: PeerKind | undefined;
}

/** What is to be different; members left out stay. */
export interface UpdatePeer {
  readonly id: NodeId;
  readonly name?: string | undefined;
  readonly role?: Role | undefined;
}

/** Which peer to trust no longer. */
export interface RemovePeer {
  readonly id: NodeId;
  /** Whether fleet tokens that it issued end too; its personal tokens always do. */
  readonly withCreated?: boolean | undefined;
}

/** The receipt of a removal. */
export interface RemovedPeer {
  readonly id: NodeId;
  readonly tokensRevoked: number;
  readonly connectionsClosed: number;
}
