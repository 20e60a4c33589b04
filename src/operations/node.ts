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
  const { node } = parts;
  let described = describe(parts);
  /** Returns the same object until the node is renamed; nothing else in it changes. */
  const info = (): OperationOutput<"GetNodeInfo"> => {
    if (described.name !== node.nodeName) described = describe(parts);
    return described;
  };

  return {
    GetHealth: () => healthOf(parts),

    GetNodeInfo: info,

    GetNodeStats: async () => ({ ...(await parts.stats.read()), runningVMCount: 0, totalVMCount: 0 }),

    RenameNode: ({ name }, call) => {
      call.commit([{ type: "node.renamed", name }]);
      return info();
    },

    GetStatus: () => statusOf(parts),

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

function describe({ machine, node, nodeId, version }: Parts): Readonly<OperationOutput<"GetNodeInfo">> {
  return Object.freeze({
    name: node.nodeName,
    nodeId,
    machineModel: machine.model,
    osVersion: machine.osVersion,
    fleetVersion: version,
    cpuCores: machine.cpuCores,
    totalMemoryGB: machine.totalMemoryGB,
  });
}

function healthOf(parts: Parts): OperationOutput<"GetHealth"> {
  const { clock, ledger, node, nodeId, pairing, version } = parts;
  const { state: discovery } = parts.discovery();
  return {
    status: discovery === "degraded" || ledger.trouble() !== undefined ? "degraded" : "ok",
    version,
    nodeId,
    fleetId: node.fleetId,
    name: node.nodeName,
    uptimeSeconds: Math.floor((clock.now() - parts.startedAt) / SECOND),
    pairing: pairing.isOpen ? "open" : "closed",
    discovery,
    tokensEndingSoon: parts.tokenCounts.at(clock.now()).endingSoon,
  };
}

function statusOf(parts: Parts): OperationOutput<"GetStatus"> {
  const { clock, node, nodeId, pairing, version } = parts;
  const { port, addresses, socket, dataDir } = parts.place();
  const tokens = parts.tokenCounts.at(clock.now());
  const discovery = parts.discovery();
  return {
    nodeId,
    fleetId: node.fleetId,
    fingerprint: fingerprintOf(parts.key.publicKey),
    name: node.nodeName,
    version,
    pid: process.pid,
    startedAt: timestamp(parts.startedAt),
    port,
    addresses: [...addresses],
    socket,
    dataDir,
    peers: parts.peers.size,
    tokens: tokens.active,
    tokensEndingSoon: tokens.endingSoon,
    pairing: pairing.isOpen ? "open" : "closed",
    plaintext: parts.settings.plaintext,
    discovery: { ...discovery, interfaces: [...discovery.interfaces] },
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
