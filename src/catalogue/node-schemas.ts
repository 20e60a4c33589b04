/** The shapes of the node and its machine. GB are 2^30 bytes. */

import * as z from "zod";
import { nodeId, time, tokenId } from "./schemas.ts";

/** The node and its machine. */
export const nodeInfo = z.object({
  name: z.string(),
  nodeId,
  machineModel: z.string(),
  osVersion: z.string(),
  fleetVersion: z.string(),
  cpuCores: z.int(),
  totalMemoryGB: z.number(),
});

/** The machine's figures at this moment. */
export const nodeStats = z.object({
  cpuUsagePercent: z.number(),
  memoryUsedGB: z.number(),
  memoryTotalGB: z.number(),
  diskUsedGB: z.number(),
  diskTotalGB: z.number(),
  runningVMCount: z.int(),
  totalVMCount: z.int(),
});

const discovery = z.enum(["on", "off", "degraded"]);

/** How the node is, for anyone who asks. */
export const health = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  nodeId,
  fleetId: z.string(),
  name: z.string(),
  uptimeSeconds: z.int(),
  pairing: z.enum(["open", "closed"]),
  /** Whether the node announces itself on the LAN; `degraded`: it should and cannot. */
  discovery,
  /** Active tokens that end within 14 days. */
  tokensEndingSoon: z.int(),
});

/** What whoever runs the node may know of it. */
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
  /** Those of them that end within 14 days. */
  tokensEndingSoon: z.int(),
  pairing: z.enum(["open", "closed"]),
  plaintext: z.enum(["loopback", "lan", "never"]),
  discovery: z.object({
    state: discovery,
    /** What is wrong, when degraded. */
    reason: z.string().nullable(),
    /** Interfaces on which the node is announced. */
    interfaces: z.array(z.string()),
  }),
});

/** Who the caller is to the node, and what it may do. */
export const self = z.object({
  /** `local`, `peer:<id>` or `token:<id>`. */
  actor: z.string(),
  /** Scopes, and wildcards of a custom token. */
  scopes: z.array(z.string()),
  /** What it is called: of a peer or a token; null for whoever uses the local socket. */
  name: z.string().nullable(),
  /** The operations of this node it may perform. */
  operations: z.array(z.string()),
  /** When the credential ends by time; null for never. */
  expiresAt: time.nullable(),
  /** The token that takes its place, where it was rotated. */
  rotatedTo: tokenId.nullable(),
});
