/** The keys this node trusts. */

import type { OperationOutput, ParsedInput } from "../catalogue/operations.ts";
import { type PublicKey, publicKeyFromHex, publicKeyToHex } from "../crypto/p256.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { fingerprintOf, nodeIdOf } from "../identity/node-id.ts";
import type { PeerChanged, PeerRegistered } from "../peers/changes.ts";
import type { Peer } from "../peers/store.ts";
import { credentialLabel } from "../policy/actor.ts";
import { revocations } from "../tokens/revoke.ts";
import { invalid } from "../wire/parse.ts";
import type { Handlers } from "./call.ts";
import { refuseHigherRole } from "./grants.ts";
import { pageOf } from "./pages.ts";
import type { Parts } from "./parts.ts";

type PeerOperation = "ListPeers" | "AddPeer" | "UpdatePeer" | "RemovePeer";
type PeerView = OperationOutput<"ListPeers">["peers"][number];
type SortMember = "pairedAt" | "name" | "lastSeenAt";

/** Returns the handlers of peers. */
export function peerHandlers(parts: Parts): Pick<Handlers, PeerOperation> {
  const { activity, clock, peers, tokens } = parts;

  const view = peerView(activity);

  return {
    ListPeers: (query) => {
      const { cursor, rows } = pageOf(
        peers
          .list()
          .map(view)
          .filter((peer) => fits(peer, query)),
        query,
        (peer) => peer[query.sort.replace("-", "") as SortMember] ?? "",
      );
      return { peers: rows, cursor };
    },

    AddPeer: ({ publicKey, ...peer }, call) => {
      refuseHigherRole(call.actor, peer.role);
      const id = newPeerId(publicKey, parts);
      const from = call.actor.source.address;
      const added: PeerRegistered = { type: "peer.registered", id, key: publicKey, ...peer, way: "key", channel: null, from };
      call.commit([added]);
      return view(peers.require(id));
    },

    UpdatePeer: ({ id, ...changed }, call) => {
      const { name, role } = peers.require(id);
      if (changed.role !== undefined) refuseHigherRole(call.actor, changed.role);
      const change: PeerChanged = { type: "peer.changed", id, name: changed.name ?? name, role: changed.role ?? role };
      if (change.name !== name || change.role !== role) call.commit([change]);
      return view(peers.require(id));
    },

    /** The peer's tokens end in the same line, so that all of it is on disk or none. */
    RemovePeer: ({ id, withCreated }, call) => {
      peers.require(id);
      const ending = tokens
        .list()
        .filter(({ createdBy, owner }) => owner === `node:${id}` || (withCreated && createdBy === `peer:${id}`));
      const revoked = revocations(ending, tokens, clock.now());
      const { connectionsClosed } = call.commit([...revoked, { type: "peer.removed", id }]);
      activity.forget(credentialLabel({ kind: "peer", id }));
      return { id, tokensRevoked: revoked.length, connectionsClosed };
    },
  };
}

function peerView(activity: Parts["activity"]): (peer: Peer) => PeerView {
  return ({ id, key, verifyingKey: _, ...peer }) => {
    const usage = activity.usageOf(credentialLabel({ kind: "peer", id }));
    return {
      id,
      publicKey: publicKeyToHex(key),
      fingerprint: fingerprintOf(key),
      ...peer,
      lastSeenAt: usage?.lastUsedAt ?? null,
      lastSeenFrom: usage?.lastUsedFrom ?? null,
    };
  };
}

/** Returns the id of a key that may become a peer; throws PAIRING_OWN_KEY, and CONFLICT for one that is known. */
function newPeerId(publicKey: string, { nodeId, peers }: Parts): NodeId {
  const key = parsePublicKey(publicKey);
  const id = nodeIdOf(key);
  if (id === nodeId) throw new FleetError("PAIRING_OWN_KEY");
  peers.refuseOtherKey(id, key);
  if (peers.get(id) === undefined) return id;
  throw new FleetError("CONFLICT", "this key is trusted already; change its role or name instead", { id });
}

function parsePublicKey(hex: string): PublicKey {
  try {
    return publicKeyFromHex(hex);
  } catch {
    throw invalid("publicKey", "a point on P-256, 130 lower-case hex characters beginning with 04");
  }
}

function fits({ id, name, role }: PeerView, { q, role: asked }: ParsedInput<"ListPeers">): boolean {
  if (asked !== undefined && role !== asked) return false;
  return q === undefined || name.toLowerCase().includes(q.toLowerCase()) || id.startsWith(q);
}
