/** The shapes of peers. */

import * as z from "zod";
import { CHANNELS, PEER_KINDS, ROLES, WAYS } from "../foundation/vocabulary.ts";
import { name, nodeId, pageSize, publicKeyHex, time } from "./schemas.ts";

/** A key the node trusts. */
export const peer = z.object({
  id: nodeId,
  publicKey: publicKeyHex,
  fingerprint: z.string(),
  name: z.string(),
  kind: z.enum(PEER_KINDS),
  role: z.enum(ROLES),
  /** How it was paired; `key` when its key was entered by hand. */
  way: z.enum([...WAYS, "key"]),
  channel: z.enum(CHANNELS).nullable(),
  pairedAt: time,
  pairedFrom: z.string(),
  lastSeenAt: time.nullable(),
  lastSeenFrom: z.string().nullable(),
});

const SORTS = ["pairedAt", "-pairedAt", "name", "-name", "lastSeenAt", "-lastSeenAt"] as const;

/** Which peers to list, and in which order. */
export const peerQuery = z.strictObject({
  /** Rows of one page; all when left out. */
  limit: pageSize.optional(),
  /** `cursor` of the answer before. */
  cursor: z.string().optional(),
  role: z.enum(ROLES).optional(),
  /** Part of the name, or the beginning of the id. */
  q: z.string().optional(),
  /** `-` for the other direction. */
  sort: z.enum(SORTS).default("pairedAt"),
});

/** `cursor` is null behind the last row. */
export const peerPage = z.object({ peers: z.array(peer), cursor: z.string().nullable() });

/** A key that was made elsewhere, to be trusted. */
export const addPeer = z.strictObject({
  publicKey: publicKeyHex,
  name,
  role: z.enum(ROLES),
  kind: z.enum(PEER_KINDS).default("sdk"),
});

/** What is to be different; members left out stay. */
export const updatePeer = z.strictObject({ id: nodeId, name: name.optional(), role: z.enum(ROLES).optional() });

/** Which peer to trust no longer. */
export const removePeer = z.strictObject({
  id: nodeId,
  /** Whether fleet tokens that it issued end too; its personal tokens always do. */
  withCreated: z.boolean().default(false),
});
