/** The node and its machine. */

import type { OperationOutput } from "../catalogue/operations.ts";
import { timestamp } from "../foundation/clock.ts";
import { SECOND } from "../foundation/durations.ts";
import { fingerprintOf } from "../identity/node-id.ts";
import { effectiveScopes } from "../policy/actor.ts";
import { statusOf } from "../tokens/store.ts";
import type { Handlers } from "./call.ts";
import type { Parts } from "./parts.ts";

type NodeOperation = "GetHealth" | "GetNodeInfo" | "GetNodeStats" | "RenameNode" | "GetStatus" | "GetSelf" | "ListVMs";

export function nodeHandlers(parts: Parts): Pick<Handlers, NodeOperation> {
  const { clock, machine, node, nodeId, pairing, version } = parts;

  const info = (): OperationOutput<"GetNodeInfo"> => ({
    name: node.nodeName,
    nodeId,
    machineModel: machine.model,
    osVersion: machine.osVersion,
    fleetVersion: version,
    cpuCores: machine.cpuCores,
    totalMemoryGB: machine.totalMemoryGB,
  });

  return {
    GetHealth: () => ({
      status: "ok",
      version,
      nodeId,
      fleetId: node.fleetId,
      name: node.nodeName,
      uptimeSeconds: Math.floor((clock.now() - parts.startedAt) / SECOND),
      pairing: pairing.isOpen ? "open" : "closed",
    }),

    GetNodeInfo: info,

    GetNodeStats: async () => ({ ...(await parts.stats.read()), runningVMCount: 0, totalVMCount: 0 }),

    RenameNode: ({ name }, call) => {
      call.commit([{ type: "node.renamed", name }]);
      return info();
    },

    GetStatus: () => ({
      nodeId,
      fleetId: node.fleetId,
      fingerprint: fingerprintOf(parts.key.publicKey),
      name: node.nodeName,
      version,
      pid: process.pid,
      startedAt: timestamp(parts.startedAt),
      ...place(parts),
      peers: parts.peers.size,
      tokens: parts.tokens.list().filter((token) => statusOf(token, clock.now()) === "active").length,
      pairing: pairing.isOpen ? "open" : "closed",
      plaintext: parts.settings.plaintext,
    }),

    GetSelf: (_, { actor }) => ({
      actor: actor.label,
      scopes: [...effectiveScopes(actor)],
      expiresAt: actor.expiresAt === null ? null : timestamp(actor.expiresAt),
    }),

    ListVMs: () => ({ vms: [] }),
  };
}

function place({ place: where }: Parts) {
  const { port, addresses, socket, dataDir } = where();
  return { port, addresses: [...addresses], socket, dataDir };
}
