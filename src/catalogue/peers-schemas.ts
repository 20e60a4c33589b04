/** The shapes of peers. */

import * as z from "zod";
import { CHANNELS, PEER_KINDS, ROLES, WAYS } from "../foundation/vocabulary.ts";
import { name, nodeId, publicKeyHex, time } from "./schemas.ts";

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

export const addPeer = z.strictObject({
  publicKey: publicKeyHex,
  name,
  role: z.enum(ROLES),
  kind: z.enum(PEER_KINDS).default("sdk"),
});

export const updatePeer = z.strictObject({ id: nodeId, name: name.optional(), role: z.enum(ROLES).optional() });

export const removePeer = z.strictObject({
  id: nodeId,
  /** Whether fleet tokens that it issued end too; its personal tokens always do. */
  withCreated: z.boolean().default(false),
});
