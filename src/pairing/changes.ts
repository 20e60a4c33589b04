/**
 * What pairing leaves in the record: plain objects without any secret. Nothing is rebuilt from them; the trust itself
 * is the peer's own change, made from a `Registration`.
 */

import type { PublicKey } from "../crypto/p256.ts";
import type { ErrorCode, FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Channel, PeerKind, Role, Way } from "../foundation/vocabulary.ts";

/** How many guesses came from one address. */
export type AddressAttempts = { readonly address: string; readonly attempts: number };

/** Something that happened to a window. */
export type PairingChange =
  | PairingOpened
  | PairingRenewed
  | PairingAttempted
  | PairingLocked
  | PairingFailed
  | PairingPaired
  | PairingClosed;

/** A window was opened; `forNode` when it takes one known key only. */
export type PairingOpened = {
  readonly type: "pairing.opened";
  readonly by: string;
  readonly role: Role;
  readonly ways: readonly Way[];
  readonly channels: readonly Channel[];
  readonly seconds: number;
  readonly forNode?: NodeId;
};

/** New digits were shown in the same window. */
export type PairingRenewed = { readonly type: "pairing.renewed"; readonly by: string };

/** A `begin` spent an attempt; `attemptsLeft` is null for links. */
export type PairingAttempted = {
  readonly type: "pairing.attempted";
  readonly way: Way;
  readonly channel: Channel;
  readonly address: string;
  readonly nodeId: NodeId;
  readonly name: string;
  readonly kind: PeerKind;
  readonly attemptsLeft: number | null;
};

/** The last attempt was spent and the digits died; a link in the same window still works. */
export type PairingLocked = { readonly type: "pairing.locked"; readonly addresses: readonly AddressAttempts[] };

/** An exchange failed; `unfinished` is what a wrong code looks like, as the client sees it first and goes away. */
export type PairingFailed = {
  readonly type: "pairing.failed";
  readonly why: ErrorCode | "unfinished";
  readonly way: Way;
  readonly address: string;
  readonly nodeId: NodeId;
  readonly name: string;
};

/** A key proved itself; its peer is recorded in the same line. */
export type PairingPaired = {
  readonly type: "pairing.paired";
  readonly way: Way;
  readonly channel: Channel;
  readonly address: string;
  readonly nodeId: NodeId;
  readonly name: string;
  readonly kind: PeerKind;
  readonly role: Role;
};

/** The window ended. */
export type PairingClosed = { readonly type: "pairing.closed"; readonly why: "paired" | "expired" | "closed" | "replaced" };

/** The peer to record, durably, before the answer to `finish` leaves. A key that is a peer already gets this role. */
export interface Registration {
  readonly key: PublicKey;
  readonly nodeId: NodeId;
  readonly name: string;
  readonly kind: PeerKind;
  readonly role: Role;
  readonly channel: Channel;
  readonly way: Way;
  readonly address: string;
}

/** What was decided and what of it belongs in the record; changes are to be recorded beside an error too. */
export type Decision<T> =
  | { readonly changes: readonly PairingChange[]; readonly answer: T }
  | { readonly changes: readonly PairingChange[]; readonly error: FleetError };

/** Returns the line of a new window; members that are secret or no JSON are left behind. */
export function opened({ by, role, ways, channels, seconds, forNode }: Omit<PairingOpened, "type">): PairingOpened {
  return {
    type: "pairing.opened",
    by,
    role,
    ways: [...ways],
    channels: [...channels],
    seconds,
    ...(forNode === undefined ? {} : { forNode }),
  };
}

/** Returns the line of an attempt by whoever would become this peer. */
export function attempted(peer: Registration, attemptsLeft: number | null): PairingAttempted {
  const { way, channel, address, nodeId, name, kind } = peer;
  return { type: "pairing.attempted", way, channel, address, nodeId, name, kind, attemptsLeft };
}

/** Returns the line of an exchange that came to nothing. */
export function failed({ way, address, nodeId, name }: Registration, why: PairingFailed["why"]): PairingFailed {
  return { type: "pairing.failed", why, way, address, nodeId, name };
}

/** Returns the line of a success. */
export function paired({ way, channel, address, nodeId, name, kind, role }: Registration): PairingPaired {
  return { type: "pairing.paired", way, channel, address, nodeId, name, kind, role };
}
