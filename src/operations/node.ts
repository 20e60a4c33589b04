/** The node and its machine. */

import type { OperationOutput } from "../catalogue/operations.ts";
import { timestamp } from "../foundation/clock.ts";
import { SECOND } from "../foundation/durations.ts";
import { isNodeId } from "../foundation/ids.ts";
import { fingerprintOf } from "../identity/node-id.ts";
import { type Actor, effectiveScopes } from "../policy/actor.ts";
import { operationsOf } from "../policy/scope-use.ts";
import type { Token } from "../tokens/token.ts";
import type { Handlers } from "./call.ts";
import type { Parts } from "./parts.ts";

type NodeOperation = "GetHealth" | "GetNodeInfo" | "GetNodeStats" | "RenameNode" | "GetStatus" | "GetSelf" | "ListVMs";

/** Returns the handlers of the node and its machine. */
export function nodeHandlers(parts: Parts): Pick<Handlers, NodeOperation> {
  const { clock, machine, node, nodeId, pairing, version } = parts;

  const describe = (): Readonly<OperationOutput<"GetNodeInfo">> =>
    Object.freeze({
      name: node.nodeName,
      nodeId,
      machineModel: machine.model,
      osVersion: machine.osVersion,
      fleetVersion: version,
      cpuCores: machine.cpuCores,
      totalMemoryGB: machine.totalMemoryGB,
    });
  let described = describe();
  /** The same object while the node has the same name, all else being constant. */
  const info = (): OperationOutput<"GetNodeInfo"> => {
    if (described.name !== node.nodeName) described = describe();
    return described;
  };

  return {
    GetHealth: () => ({
      status: parts.discovery().state === "degraded" || parts.ledger.trouble() !== undefined ? "degraded" : "ok",
      version,
      nodeId,
      fleetId: node.fleetId,
      name: node.nodeName,
      uptimeSeconds: Math.floor((clock.now() - parts.startedAt) / SECOND),
      pairing: pairing.isOpen ? "open" : "closed",
      discovery: parts.discovery().state,
      tokensEndingSoon: parts.tokenCounts.at(clock.now()).endingSoon,
    }),

    GetNodeInfo: info,

    GetNodeStats: async () => ({ ...(await parts.stats.read()), runningVMCount: 0, totalVMCount: 0 }),

    RenameNode: ({ name }, call) => {
      call.commit([{ type: "node.renamed", name }]);
      return info();
    },

    GetStatus: () => {
      const tokens = parts.tokenCounts.at(clock.now());
      return {
        nodeId,
        fleetId: node.fleetId,
        fingerprint: fingerprintOf(parts.key.publicKey),
        name: node.nodeName,
        version,
        pid: process.pid,
        startedAt: timestamp(parts.startedAt),
        ...place(parts),
        peers: parts.peers.size,
        tokens: tokens.active,
        tokensEndingSoon: tokens.endingSoon,
        pairing: pairing.isOpen ? "open" : "closed",
        plaintext: parts.settings.plaintext,
        discovery: { ...parts.discovery(), interfaces: [...parts.discovery().interfaces] },
      };
    },

    GetSelf: (_, { actor }) => ({
      actor: actor.label,
      name: nameOf(actor, parts),
      scopes: [...effectiveScopes(actor)],
      operations: [...operationsOf(actor)],
      expiresAt: actor.expiresAt === null ? null : timestamp(actor.expiresAt),
      rotatedTo: tokenOf(actor, parts)?.rotatedTo ?? null,
    }),

    ListVMs: () => ({ vms: [] }),
  };
}

/** Returns the token that the actor is, or that its bearer was exchanged for. */
function tokenOf({ label }: Actor, { tokens }: Parts): Token | undefined {
  return label.startsWith("token:") ? tokens.get(label.slice("token:".length)) : undefined;
}

function nameOf(actor: Actor, parts: Parts): string | null {
  const id = actor.label.startsWith("peer:") ? actor.label.slice("peer:".length) : undefined;
  return (isNodeId(id) ? parts.peers.get(id)?.name : tokenOf(actor, parts)?.name) ?? null;
}

function place({ place: where }: Parts) {
  const { port, addresses, socket, dataDir } = where();
  return { port, addresses: [...addresses], socket, dataDir };
}
