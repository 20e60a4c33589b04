/** What the ledger says of peers. A line holds these as JSON; they are parsed again on the way in, like all disk data. */

import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { CHANNELS, type Channel, isWord, PEER_KINDS, type PeerKind, ROLES, type Role, WAYS } from "../foundation/vocabulary.ts";
import type { Change } from "../ledger/line.ts";
import { parseNodeId, parseString, parseWord } from "../wire/parse.ts";

/** How a key came to be trusted: by a pairing secret, or entered by hand. */
export const REGISTERED_BY = [...WAYS, "key"] as const;
/** A way to become a peer. */
export type RegisteredBy = (typeof REGISTERED_BY)[number];

/** A key is trusted from now on, or anew. */
export type PeerRegistered = {
  readonly type: "peer.registered";
  readonly id: NodeId;
  /** 130 hex characters. */
  readonly key: string;
  readonly name: string;
  readonly kind: PeerKind;
  readonly role: Role;
  readonly way: RegisteredBy;
  readonly channel: Channel | null;
  readonly from: string;
};

/** A peer has another name or role. */
export type PeerChanged = {
  readonly type: "peer.changed";
  readonly id: NodeId;
  readonly name: string;
  readonly role: Role;
};

/** A key is trusted no more. */
export type PeerRemoved = {
  readonly type: "peer.removed";
  readonly id: NodeId;
};

/** Any of these. */
export type PeerChange = PeerRegistered | PeerChanged | PeerRemoved;

/** Returns the change as one of peers, or undefined when it is about something else; an unknown one is FORMAT_NEWER. */
export function parsePeerChange(change: Change): PeerChange | undefined {
  switch (change.type) {
    case "peer.registered":
      return {
        type: change.type,
        id: parseNodeId(change, "id"),
        key: parseString(change, "key"),
        name: parseString(change, "name"),
        kind: parseWord(change, "kind", PEER_KINDS),
        role: parseWord(change, "role", ROLES),
        way: parseWord(change, "way", REGISTERED_BY),
        channel: isWord(CHANNELS, change["channel"]) ? change["channel"] : null,
        from: parseString(change, "from"),
      };
    case "peer.changed":
      return {
        type: change.type,
        id: parseNodeId(change, "id"),
        name: parseString(change, "name"),
        role: parseWord(change, "role", ROLES),
      };
    case "peer.removed":
      return { type: change.type, id: parseNodeId(change, "id") };
    default:
      if (change.type.startsWith("peer."))
        throw new FleetError("FORMAT_NEWER", `the ledger holds an unknown change "${change.type}"`);
      return undefined;
  }
}
