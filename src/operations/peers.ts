/** The keys this node trusts. */

import type { OperationOutput } from "../catalogue/operations.ts";
import { publicKeyToHex } from "../crypto/p256.ts";
import { fingerprintOf } from "../identity/node-id.ts";
import type { Peer } from "../peers/store.ts";
import { credentialLabel } from "../policy/actor.ts";
import type { Handlers } from "./call.ts";
import type { Parts } from "./parts.ts";

type PeerView = OperationOutput<"ListPeers">["peers"][number];

export function peerHandlers(parts: Parts): Pick<Handlers, "ListPeers" | "RemovePeer"> {
  const { activity, peers, tokens } = parts;

  const view = ({ id, key, verifyingKey: _, ...peer }: Peer): PeerView => {
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

  return {
    ListPeers: () => ({ peers: peers.list().map(view) }),

    /** Its personal tokens end in the same line: either all of that is on disk, or none. */
    RemovePeer: ({ id }, call) => {
      peers.require(id);
      const personal = tokens.ownedBy(`node:${id}`).filter((token) => !token.revoked);
      const { connectionsClosed } = call.commit([
        ...personal.map((token) => ({ type: "token.revoked", id: token.id })),
        { type: "peer.removed", id },
      ]);
      activity.forget(credentialLabel({ kind: "peer", id }));
      return { id, tokensRevoked: personal.length, connectionsClosed };
    },
  };
}
