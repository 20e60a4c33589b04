/** Operations on peers, the keys this node trusts. */

import * as z from "zod";
import { type Operation, route } from "./operation.ts";
import * as shape from "./peers-schemas.ts";
import { nodeId } from "./schemas.ts";

/** Listing, trusting, changing and removing keys. */
export const PEER_OPERATIONS = {
  ListPeers: {
    kind: "read",
    need: "peers:manage",
    verb: "read",
    rest: route("GET", "/v1/peers"),
    input: shape.peerQuery,
    output: shape.peerPage,
    since: "0.1.0",
    summary: "Lists the keys this node trusts.",
  },
  AddPeer: {
    kind: "change",
    need: "peers:manage",
    verb: "create",
    rest: route("POST", "/v1/peers", 201),
    input: shape.addPeer,
    output: shape.peer,
    since: "0.1.0",
    summary: "Trusts a key that was made elsewhere, without pairing.",
  },
  UpdatePeer: {
    kind: "change",
    need: "peers:manage",
    verb: "update",
    rest: route("PATCH", "/v1/peers/:id"),
    input: shape.updatePeer,
    output: shape.peer,
    since: "0.1.0",
    summary: "Gives a peer another name or role; open connections feel it at their next call and event.",
  },
  RemovePeer: {
    kind: "change",
    need: "peers:manage",
    verb: "delete",
    rest: route("DELETE", "/v1/peers/:id"),
    input: shape.removePeer,
    output: z.object({ id: nodeId, tokensRevoked: z.int(), connectionsClosed: z.int() }),
    since: "0.1.0",
    summary: "Ends trust in a key, with its connections and personal tokens.",
    message: "peer removed",
  },
} as const satisfies Readonly<Record<string, Operation>>;
