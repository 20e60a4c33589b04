/** The node and its machine, and who asks. GB are 2^30 bytes. */

import type { NodeId } from "../../foundation/ids.ts";

/** How the node is, for anyone who asks. */
export interface NodeHealth {
  readonly status: "ok" | "degraded";
  readonly version: string;
  readonly nodeId: NodeId;
  readonly fleetId: string;
  readonly name: string;
  readonly uptimeSeconds: number;
  readonly pairing: "open" | "closed";
  /** Whether the node announces itself on the LAN; `degraded`: it should and cannot. */
  readonly discovery: "on" | "off" | "degraded";
  /** Active tokens that end within 14 days. */
  readonly tokensEndingSoon: number;
}

/** The node and its machine. */
export interface NodeInfo {
  readonly name: string;
  readonly nodeId: NodeId;
  readonly machineModel: string;
  readonly osVersion: string;
  readonly fleetVersion: string;
  readonly cpuCores: number;
  readonly totalMemoryGB: number;
}

/** The machine's figures at this moment. */
export interface NodeStats {
  readonly cpuUsagePercent: number;
  readonly memoryUsedGB: number;
  readonly memoryTotalGB: number;
  readonly diskUsedGB: number;
  readonly diskTotalGB: number;
  readonly runningVMCount: number;
  readonly totalVMCount: number;
}

/** What the node's announcement on the LAN is doing. */
export interface NodeDiscovery {
  readonly state: "on" | "off" | "degraded";
  /** What is wrong, when degraded. */
  readonly reason: string | null;
  /** Interfaces on which the node is announced. */
  readonly interfaces: readonly string[];
}

/** What whoever runs the node may know of it. */
export interface NodeStatus {
  readonly nodeId: NodeId;
  readonly fleetId: string;
  readonly fingerprint: string;
  readonly name: string;
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly port: number;
  /** Addresses clients on the LAN can use, without port. */
  readonly addresses: readonly string[];
  readonly socket: string;
  readonly dataDir: string;
  readonly peers: number;
  readonly tokens: number;
  /** Those of them that end within 14 days. */
  readonly tokensEndingSoon: number;
  readonly pairing: "open" | "closed";
  readonly plaintext: "loopback" | "lan" | "never";
  readonly discovery: NodeDiscovery;
}

/** Who the caller is to the node, and what it may do. */
export interface Self {
  /** `local`, `peer:<id>` or `token:<id>`. */
  readonly actor: string;
  /** Scopes, and wildcards of a custom token. */
  readonly scopes: readonly string[];
  /** What it is called; null for whoever uses the local socket. */
  readonly name: string | null;
  /** The operations of the node it may perform. */
  readonly operations: readonly string[];
  readonly expiresAt: string | null;
  /** The token that takes its place, where it was rotated. */
  readonly rotatedTo: string | null;
}
