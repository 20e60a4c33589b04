/** The keys this node trusts: kept state, built from `peer.*` changes and from nothing else. */

import { type PublicKey, publicKeyFromHex, publicKeyToHex } from "../crypto/p256.ts";
import { type VerifyingKey, verifyingKey } from "../crypto/signing.node.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Channel, PeerKind, Role } from "../foundation/vocabulary.ts";
import type { Fold } from "../ledger/fold.ts";
import type { Change, Line } from "../ledger/line.ts";
import { parseObject, parseString } from "../wire/parse.ts";
import type { PeerChanged, PeerRegistered, PeerRemoved, RegisteredBy } from "./changes.ts";
import { parsePeerChange } from "./changes.ts";

/** A trusted key, with all that is known of it. */
export interface Peer {
  readonly id: NodeId;
  readonly key: PublicKey;
  /** The same key as node:crypto verifies with it. */
  readonly verifyingKey: VerifyingKey;
  readonly name: string;
  readonly kind: PeerKind;
  readonly role: Role;
  readonly way: RegisteredBy;
  readonly channel: Channel | null;
  /** RFC 3339 UTC. */
  readonly pairedAt: string;
  readonly pairedFrom: string;
}

/** All peers, by id. */
export class PeerStore implements Fold {
  readonly name = "peers";
  readonly endings = ["peer.removed"];
  readonly #peers = new Map<NodeId, Peer>();

  get(id: NodeId): Peer | undefined {
    return this.#peers.get(id);
  }

  /** Returns the peer; throws NOT_FOUND. */
  require(id: NodeId): Peer {
    const peer = this.#peers.get(id);
    if (peer === undefined) throw new FleetError("NOT_FOUND", "there is no peer with this id");
    return peer;
  }

  /** Returns all peers in the order of their first registration. */
  list(): readonly Peer[] {
    return [...this.#peers.values()];
  }

  get size(): number {
    return this.#peers.size;
  }

  /**
   * Throws CONFLICT when another key is known under this id. Ids are 122 bits of a hash: it does not happen by chance,
   * and a made collision must not take over a peer's rights.
   */
  refuseOtherKey(id: NodeId, key: PublicKey): void {
    const known = this.#peers.get(id);
    if (known !== undefined && publicKeyToHex(known.key) !== publicKeyToHex(key)) {
      throw new FleetError("CONFLICT", "another key is known under this node id");
    }
  }

  apply(change: Change, line: Line): void {
    const parsed = parsePeerChange(change);
    switch (parsed?.type) {
      case "peer.registered":
        this.#register(parsed, line.at);
        return;
      case "peer.changed":
        this.#change(parsed);
        return;
      case "peer.removed":
        this.#remove(parsed);
        return;
      case undefined:
    }
  }

  snapshot(): unknown {
    return this.list().map(({ verifyingKey: _, key, ...rest }) => ({ ...rest, key: publicKeyToHex(key) }));
  }

  restore(snapshot: unknown): void {
    this.#peers.clear();
    if (!Array.isArray(snapshot)) return;
    for (const row of snapshot) {
      const stored = parseObject(row, "peer");
      const at = parseString(stored, "pairedAt");
      const change = parsePeerChange({ ...stored, type: "peer.registered", from: stored["pairedFrom"] });
      if (change?.type === "peer.registered") this.#register(change, at);
    }
  }

  #register(change: PeerRegistered, at: string): void {
    const key = publicKeyFromHex(change.key);
    const { id, name, kind, role, way, channel } = change;
    this.#peers.set(id, {
      id,
      key,
      verifyingKey: verifyingKey(key),
      name,
      kind,
      role,
      way,
      channel,
      pairedAt: at,
      pairedFrom: change.from,
    });
  }

  #change({ id, name, role }: PeerChanged): void {
    const peer = this.#peers.get(id);
    if (peer !== undefined) this.#peers.set(id, { ...peer, name, role });
  }

  #remove({ id }: PeerRemoved): void {
    this.#peers.delete(id);
  }
}
