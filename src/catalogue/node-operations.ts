/** Operations of the node and its machine. */

import * as z from "zod";
import * as shape from "./node-schemas.ts";
import { type Operation, route } from "./operation.ts";
import { name, nothing } from "./schemas.ts";

/** Health, figures, name, and who is asking. */
export const NODE_OPERATIONS = {
  GetHealth: {
    kind: "read",
    need: "public",
    verb: "read",
    rest: route("GET", "/api/health"),
    input: nothing,
    output: shape.health,
    since: "0.1.0",
    summary: "Tells whether the node is well; for monitors and for finding it on the LAN.",
  },
  GetNodeInfo: {
    kind: "read",
    need: "machines:read",
    verb: "read",
    rest: route("GET", "/v1/node"),
    input: nothing,
    output: shape.nodeInfo,
    since: "0.1.0",
    summary: "Describes the node and its machine.",
  },
  GetNodeStats: {
    kind: "read",
    need: "machines:read",
    verb: "read",
    rest: route("GET", "/v1/node/stats"),
    input: nothing,
    output: shape.nodeStats,
    since: "0.1.0",
    summary: "Measures the machine: CPU, memory, disk.",
  },
  RenameNode: {
    kind: "change",
    need: "machines:write",
    verb: "update",
    rest: route("PATCH", "/v1/node"),
    input: z.strictObject({ name: name }),
    output: shape.nodeInfo,
    since: "0.1.0",
    summary: "Gives the node another name.",
  },
  GetStatus: {
    kind: "read",
    need: "permissions:manage",
    verb: "read",
    rest: route("GET", "/v1/status"),
    input: nothing,
    output: shape.nodeStatus,
    since: "0.1.0",
    summary: "Tells whoever runs the node where it listens and keeps its data.",
  },
  GetSelf: {
    kind: "read",
    need: "self",
    verb: "read",
    rest: route("GET", "/v1/self"),
    input: nothing,
    output: shape.self,
    since: "0.1.0",
    summary: "Tells the caller who it is to this node, and what it may do.",
  },
} as const satisfies Readonly<Record<string, Operation>>;
