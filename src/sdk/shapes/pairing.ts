/** Pairing windows, and the messages of pairing. Bytes are base64url without padding. */

import type { NodeId } from "../../foundation/ids.ts";
import type { Channel, PeerKind, Role, Way } from "../../foundation/vocabulary.ts";
import type { JsonObject } from "../../wire/parse.ts";

/** The open window. */
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

/** How a window is to be opened. */
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

/** First message of pairing; `FleetClient.pair` sends it. Bytes are base64url without padding. */
export interface BeginPairing extends JsonObject {
  readonly version: 1;
  readonly maxVersion: number;
  readonly clientKey: string;
  readonly name: string;
  readonly kind: PeerKind;
  readonly way: Way;
  readonly channel: Channel;
  readonly role?: Role | undefined;
  readonly share: string;
}

/** The node's answer to it. */
export interface BeganPairing {
  readonly version: number;
  readonly maxVersion: number;
  readonly sid: string;
  readonly nodeKey: string;
  readonly nodeName: string;
  readonly role: Role;
  readonly share: string;
  readonly confirm: string;
  readonly attemptsLeft: number | null;
  readonly secondsLeft: number;
}

/** Second message of pairing. */
export interface FinishPairing extends JsonObject {
  readonly sid: string;
  readonly confirm: string;
  readonly proof: string;
}

/** The node's answer to it: the peer is registered. */
export interface FinishedPairing {
  readonly nodeId: NodeId;
  readonly role: Role;
  readonly responderNodeId: NodeId;
  readonly responderName: string;
  readonly proof: string;
}
