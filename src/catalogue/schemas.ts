/** The shapes that operations take and answer. Times are RFC 3339 UTC with milliseconds; GB are 2^30 bytes. */

import * as z from "zod";
import { isNodeId, isUuid, type NodeId } from "../foundation/ids.ts";
import { isName } from "../wire/names.ts";
import { CHANNELS, PEER_KINDS, PERMISSIONS, ROLES, WAYS } from "../foundation/vocabulary.ts";
import { TOPICS } from "./topics.ts";

export const nothing = z.strictObject({});

export const nodeId = z.custom<NodeId>(isNodeId, "must be a node id (a UUIDv8 in lower case)");
export const tokenId = z.string().refine(isUuid, "must be a token id (a UUID in lower case)");
export const name = z.string().refine(isName, "must be 1 to 64 bytes of UTF-8 without control or direction characters");
const time = z.string();
const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/, "must be base64url without padding");
const publicKeyHex = z.string().regex(/^04[0-9a-f]{128}$/, "must be 130 lower-case hex characters beginning with 04");

export const nodeInfo = z.object({
  name: z.string(),
  nodeId,
  machineModel: z.string(),
  osVersion: z.string(),
  fleetVersion: z.string(),
  cpuCores: z.int(),
  totalMemoryGB: z.number(),
});

export const nodeStats = z.object({
  cpuUsagePercent: z.number(),
  memoryUsedGB: z.number(),
  memoryTotalGB: z.number(),
  diskUsedGB: z.number(),
  diskTotalGB: z.number(),
  runningVMCount: z.int(),
  totalVMCount: z.int(),
});

export const health = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  nodeId,
  fleetId: z.string(),
  name: z.string(),
  uptimeSeconds: z.int(),
  pairing: z.enum(["open", "closed"]),
});

export const nodeStatus = z.object({
  nodeId,
  fleetId: z.string(),
  fingerprint: z.string(),
  name: z.string(),
  version: z.string(),
  pid: z.int(),
  startedAt: time,
  port: z.int(),
  /** Addresses clients on the LAN can use, without port. */
  addresses: z.array(z.string()),
  socket: z.string(),
  dataDir: z.string(),
  peers: z.int(),
  /** Active ones. */
  tokens: z.int(),
  pairing: z.enum(["open", "closed"]),
  plaintext: z.enum(["loopback", "lan", "never"]),
});

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

export const openPairing = z.strictObject({
  role: z.enum(ROLES).default("admin"),
  ways: z.array(z.enum(WAYS)).min(1).default(["code", "link"]),
  channels: z.array(z.enum(["blind", "plain"])).default([]),
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

export const finishPairing = z.looseObject({ sid: base64url, confirm: base64url, proof: base64url });

export const finishedPairing = z.object({
  nodeId,
  role: z.enum(ROLES),
  responderNodeId: nodeId,
  responderName: z.string(),
  proof: base64url,
});

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

export const token = z.object({
  id: tokenId,
  name: z.string(),
  /** The first 12 characters of the text, for telling tokens apart. */
  tokenPrefix: z.string(),
  permissions: z.enum(PERMISSIONS),
  scopes: z.array(z.string()),
  /** `fleet`, or `node:<id>` of the peer it belongs to. */
  owner: z.string(),
  status: z.enum(["active", "expired", "revoked"]),
  createdAt: time,
  createdBy: z.string(),
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable(),
  lastUsedFrom: z.string().nullable(),
  useCount: z.int(),
  allowedIps: z.array(z.string()),
});

export const issuedToken = z.object({
  ...token.shape,
  /** The secret, shown this once. */
  token: z.string(),
});

export const generateToken = z.strictObject({
  name,
  permissions: z.enum(PERMISSIONS).default("readOnly"),
  scopes: z.array(z.string()).optional(),
  /** RFC 3339 time, or null for never. */
  expiresAt: z.string().nullable().optional(),
  /** `never`, a duration such as `90d` or `1y`, or a date such as `2027-01-31`. */
  expires: z.string().optional(),
  owner: z.string().optional(),
  allowedIps: z.array(z.string()).optional(),
});

export const endedToken = z.object({
  id: tokenId,
  status: z.enum(["active", "expired", "revoked", "deleted"]),
  connectionsClosed: z.int(),
});

export const proveToken = z.strictObject({ lookup: base64url, nonce: base64url });
export const tokenProved = z.object({ nodeKey: base64url, proof: base64url });

export const self = z.object({
  /** `local`, `peer:<id>` or `token:<id>`. */
  actor: z.string(),
  /** Scopes, and wildcards of a custom token. */
  scopes: z.array(z.string()),
  expiresAt: time.nullable(),
});

export const subscription = z.strictObject({
  topics: z.array(z.enum(TOPICS)).max(TOPICS.length),
  /** Seconds between `node.stats` events. */
  interval: z.int().min(1).max(3600).default(5),
});

export const subscribed = z.object({ topics: z.array(z.enum(TOPICS)), seq: z.int() });
