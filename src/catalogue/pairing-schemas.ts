/** The shapes of pairing: windows, and the messages that are parsed by hand. */

import * as z from "zod";
import { CHANNELS, PEER_KINDS, ROLES, WAYS, WEAKER_CHANNELS } from "../foundation/vocabulary.ts";
import { base64url, name, nodeId, publicKeyHex } from "./schemas.ts";

/** The open window. */
export const pairingWindow = z.object({
  /** Six digits; absent when the window has none or they are spent. */
  code: z.string().optional(),
  /** `cider-fleet://pair?…`; absent when the window has no link. */
  link: z.string().optional(),
  role: z.enum(ROLES),
  ways: z.array(z.enum(WAYS)),
  /** `blind` and `plain` where the opener allowed them; the others always are. */
  channels: z.array(z.enum(CHANNELS)),
  secondsLeft: z.int(),
  attemptsLeft: z.int().nullable(),
  /** Who spent attempts on the digits. */
  addresses: z.array(z.object({ address: z.string(), attempts: z.int() })),
});

/** How a window is to be opened. */
export const openPairing = z.strictObject({
  role: z.enum(ROLES).default("admin"),
  ways: z.array(z.enum(WAYS)).min(1).default(["code", "link"]),
  channels: z.array(z.enum(WEAKER_CHANNELS)).default([]),
  /** Lifetime: 30 s to 10 min; up to 24 h for a window with a link alone. */
  seconds: z.int().min(30).max(86_400).default(120),
  /** The only key that may pair, 130 hex characters. */
  forKey: publicKeyHex.optional(),
});

/** Parsed by hand in `wire/pairing.ts`: these schemas document the messages. */
export const beginPairing = z.looseObject({
  version: z.literal(1),
  maxVersion: z.int(),
  clientKey: base64url,
  name,
  kind: z.enum(PEER_KINDS),
  way: z.enum(WAYS),
  channel: z.enum(CHANNELS),
  role: z.enum(ROLES).optional(),
  share: base64url,
});

/** The node's answer to it. */
export const beganPairing = z.object({
  version: z.int(),
  maxVersion: z.int(),
  sid: base64url,
  nodeKey: base64url,
  nodeName: z.string(),
  role: z.enum(ROLES),
  share: base64url,
  confirm: base64url,
  attemptsLeft: z.int().nullable(),
  secondsLeft: z.int(),
});

/** Second message, from the client. */
export const finishPairing = z.looseObject({ sid: base64url, confirm: base64url, proof: base64url });

/** The node's answer to it: the peer is registered. */
export const finishedPairing = z.object({
  nodeId,
  role: z.enum(ROLES),
  responderNodeId: nodeId,
  responderName: z.string(),
  proof: base64url,
});
