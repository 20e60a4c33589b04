/**
 * The one table of operations. RPC, REST, WebSocket, OpenAPI, metrics, ledger, CLI and the clients' types come from it;
 * the key is the operation's one name.
 */

import * as z from "zod";
import { parseBeginRequest, parseFinishRequest } from "../wire/pairing.ts";
import type { Method, Need, Operation, Route, Verb } from "./operation.ts";
import * as shape from "./schemas.ts";

const route = (method: Method, path: `/${string}`, status: 200 | 201 = 200): Route => ({ method, path, status });

/** An operation of the discontinued product that is not built yet: its name is answered, with what is missing. */
const unbuilt = <const V extends Verb, const N extends Need>(verb: V, need: N, missing: string, summary: string) =>
  ({
    kind: verb === "read" ? "read" : "task",
    need,
    verb,
    rest: null,
    input: z.looseObject({}),
    output: z.never(),
    since: "0.1.0",
    summary,
    missing,
  }) as const satisfies Operation;

const NO_VMS = "this node does not manage virtual machines yet";
const NO_IMAGES = "this node does not fetch or push machine images yet";
const NO_COMMANDS = "this node does not run commands yet";
const NO_FLEET = "this node does not join other nodes to a fleet yet";
const NO_TASKS = "this node has no operation that runs as a task yet";

export const OPERATIONS = {
  GetHealth: {
    kind: "read",
    need: "public",
    verb: "read",
    rest: route("GET", "/api/health"),
    input: shape.nothing,
    output: shape.health,
    since: "0.1.0",
    summary: "Tells whether the node is well; for monitors and for finding it on the LAN.",
  },
  GetNodeInfo: {
    kind: "read",
    need: "machines:read",
    verb: "read",
    rest: route("GET", "/v1/node"),
    input: shape.nothing,
    output: shape.nodeInfo,
    since: "0.1.0",
    summary: "Describes the node and its machine.",
  },
  GetNodeStats: {
    kind: "read",
    need: "machines:read",
    verb: "read",
    rest: route("GET", "/v1/node/stats"),
    input: shape.nothing,
    output: shape.nodeStats,
    since: "0.1.0",
    summary: "Measures the machine: CPU, memory, disk.",
  },
  RenameNode: {
    kind: "change",
    need: "machines:write",
    verb: "update",
    rest: route("PATCH", "/v1/node"),
    input: z.strictObject({ name: shape.name }),
    output: shape.nodeInfo,
    since: "0.1.0",
    summary: "Gives the node another name.",
  },
  GetStatus: {
    kind: "read",
    need: "permissions:manage",
    verb: "read",
    rest: route("GET", "/v1/status"),
    input: shape.nothing,
    output: shape.nodeStatus,
    since: "0.1.0",
    summary: "Tells whoever runs the node where it listens and keeps its data.",
  },
  GetSelf: {
    kind: "read",
    need: "self",
    verb: "read",
    rest: route("GET", "/v1/self"),
    input: shape.nothing,
    output: shape.self,
    since: "0.1.0",
    summary: "Tells the caller who it is to this node, and what it may do.",
  },

  GetPairing: {
    kind: "read",
    need: "pairing:manage",
    verb: "read",
    rest: route("GET", "/v1/pairing"),
    input: shape.nothing,
    output: shape.pairingWindow,
    since: "0.1.0",
    summary: "Shows the open pairing window.",
    secret: true,
  },
  OpenPairing: {
    kind: "change",
    need: "pairing:manage",
    verb: "create",
    rest: route("POST", "/v1/pairing", 201),
    input: shape.openPairing,
    output: shape.pairingWindow,
    since: "0.1.0",
    summary: "Opens a pairing window with a code, a link, or both.",
    secret: true,
  },
  RenewPairingCode: {
    kind: "change",
    need: "pairing:manage",
    verb: "update",
    rest: route("POST", "/v1/pairing/code"),
    input: shape.nothing,
    output: shape.pairingWindow,
    since: "0.1.0",
    summary: "Replaces the digits of the open window, as after five wrong codes.",
    secret: true,
  },
  ClosePairing: {
    kind: "change",
    need: "pairing:manage",
    verb: "delete",
    rest: route("DELETE", "/v1/pairing"),
    input: shape.nothing,
    output: z.object({ closed: z.boolean() }),
    since: "0.1.0",
    summary: "Closes the pairing window; its code and link are worth nothing from then on.",
    message: "pairing window closed",
  },
  BeginPairing: {
    kind: "change",
    need: "public",
    verb: "create",
    rest: route("POST", "/v1/pairing/begin"),
    input: shape.beginPairing,
    parse: parseBeginRequest,
    output: shape.beganPairing,
    since: "0.1.0",
    summary: "First round trip of SPAKE2+ pairing.",
  },
  FinishPairing: {
    kind: "change",
    need: "public",
    verb: "create",
    rest: route("POST", "/v1/pairing/finish"),
    input: shape.finishPairing,
    parse: parseFinishRequest,
    output: shape.finishedPairing,
    since: "0.1.0",
    summary: "Second round trip of SPAKE2+ pairing; registers the client's key as a peer.",
  },

  ListPeers: {
    kind: "read",
    need: "peers:manage",
    verb: "read",
    rest: route("GET", "/v1/peers"),
    input: shape.nothing,
    output: z.object({ peers: z.array(shape.peer) }),
    since: "0.1.0",
    summary: "Lists the keys this node trusts.",
  },
  RemovePeer: {
    kind: "change",
    need: "peers:manage",
    verb: "delete",
    rest: route("DELETE", "/v1/peers/:id"),
    input: z.strictObject({ id: shape.nodeId }),
    output: z.object({ id: shape.nodeId, tokensRevoked: z.int(), connectionsClosed: z.int() }),
    since: "0.1.0",
    summary: "Ends trust in a key, with its connections and personal tokens.",
    message: "peer removed",
  },

  GenerateAPIToken: {
    kind: "change",
    need: "tokens:manage",
    verb: "create",
    rest: route("POST", "/v1/tokens", 201),
    input: shape.generateToken,
    output: shape.issuedToken,
    since: "0.1.0",
    summary: "Issues a token; its text is in this answer and nowhere else.",
    secret: true,
  },
  ListAPITokens: {
    kind: "read",
    need: "tokens:manage",
    verb: "read",
    rest: route("GET", "/v1/tokens"),
    input: shape.nothing,
    output: z.object({ tokens: z.array(shape.token) }),
    since: "0.1.0",
    summary: "Lists tokens, never their texts.",
  },
  GetAPIToken: {
    kind: "read",
    need: "tokens:manage",
    verb: "read",
    rest: route("GET", "/v1/tokens/:id"),
    input: z.strictObject({ id: shape.tokenId }),
    output: shape.token,
    since: "0.1.0",
    summary: "Shows one token's record.",
    aliases: { tokenID: "id" },
  },
  RevokeAPIToken: {
    kind: "change",
    need: "tokens:manage",
    verb: "delete",
    rest: route("POST", "/v1/tokens/:id/revoke"),
    input: z.strictObject({ id: shape.tokenId }),
    output: shape.endedToken,
    since: "0.1.0",
    summary: "Ends a token at once and keeps its record; this cannot be undone.",
    message: "token revoked",
    aliases: { tokenID: "id" },
  },
  DeleteAPIToken: {
    kind: "change",
    need: "tokens:manage",
    verb: "delete",
    rest: route("DELETE", "/v1/tokens/:id"),
    input: z.strictObject({ id: shape.tokenId }),
    output: shape.endedToken,
    since: "0.1.0",
    summary: "Ends a token at once and removes its record.",
    message: "token deleted",
    aliases: { tokenID: "id" },
  },
  ProveToken: {
    kind: "read",
    need: "public",
    verb: "read",
    rest: route("POST", "/v1/tokens/prove"),
    input: shape.proveToken,
    output: shape.tokenProved,
    since: "0.1.0",
    summary: "Proves to a token's holder that this node knows the token, before the holder sends it.",
  },

  Subscribe: {
    kind: "stream",
    need: "self",
    verb: "read",
    rest: null,
    input: shape.subscription,
    output: shape.subscribed,
    since: "0.1.0",
    summary: "Replaces the set of topics whose events this WebSocket is sent.",
  },

  ListVMs: {
    kind: "read",
    need: "machines:read",
    verb: "read",
    rest: null,
    input: z.looseObject({}),
    output: z.object({ vms: z.array(z.never()) }),
    since: "0.1.0",
    summary: "Lists virtual machines; this node has none yet.",
  },
  GetVMSettings: unbuilt("read", "machines:read", NO_VMS, "Shows a virtual machine's settings."),
  UpdateVMSettings: unbuilt("update", "machines:write", NO_VMS, "Changes a virtual machine's settings."),
  StartVM: unbuilt("update", "machines:write", NO_VMS, "Starts a virtual machine."),
  StopVM: unbuilt("update", "machines:write", NO_VMS, "Stops a virtual machine."),
  SuspendVM: unbuilt("update", "machines:write", NO_VMS, "Suspends a virtual machine."),
  StartVMRecovery: unbuilt("update", "machines:write", NO_VMS, "Starts a virtual machine in recovery."),
  CloneVM: unbuilt("create", "machines:write", NO_VMS, "Copies a virtual machine."),
  RenameVM: unbuilt("update", "machines:write", NO_VMS, "Renames a virtual machine."),
  DeleteVM: unbuilt("delete", "machines:write", NO_VMS, "Deletes a virtual machine."),
  ListSnapshots: unbuilt("read", "machines:read", NO_VMS, "Lists a virtual machine's snapshots."),
  CreateSnapshot: unbuilt("create", "machines:write", NO_VMS, "Takes a snapshot of a virtual machine."),
  RestoreSnapshot: unbuilt("update", "machines:write", NO_VMS, "Restores a snapshot."),
  DeleteSnapshot: unbuilt("delete", "machines:write", NO_VMS, "Deletes a snapshot."),
  CreateVMOnNode: unbuilt("create", "machines:write", NO_VMS, "Creates a virtual machine."),
  GetRemoteResources: unbuilt("read", "machines:read", NO_VMS, "Tells what is left for virtual machines."),
  PushImage: unbuilt("create", "machines:write", NO_IMAGES, "Pushes a virtual machine to a registry."),
  ListRemoteIPSWs: unbuilt("read", "machines:read", NO_IMAGES, "Lists restore images."),
  DownloadIPSWOnNode: unbuilt("create", "machines:write", NO_IMAGES, "Downloads a restore image."),
  ListRemoteOCIImages: unbuilt("read", "machines:read", NO_IMAGES, "Lists OCI images."),
  PullOCIImageOnNode: unbuilt("create", "machines:write", NO_IMAGES, "Pulls an OCI image."),
  ExecCommand: unbuilt("execute", "commands:execute", NO_COMMANDS, "Runs a command."),
  GetTasks: unbuilt("read", "machines:read", NO_TASKS, "Lists running tasks."),
  GetFleetOverview: unbuilt("read", "machines:read", NO_FLEET, "Sums up all nodes of the fleet."),
  GetFleetEvents: unbuilt("read", "machines:read", NO_FLEET, "Lists recent events of the fleet."),
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof OPERATIONS;

/** What a caller may send: members with defaults are optional. */
export type OperationInput<N extends OperationName> = z.input<(typeof OPERATIONS)[N]["input"]>;

/** What a handler receives: defaults filled in, or what the hand-written parser made. */
export type ParsedInput<N extends OperationName> = (typeof OPERATIONS)[N] extends {
  readonly parse: (input: unknown) => infer Parsed;
}
  ? Parsed
  : z.output<(typeof OPERATIONS)[N]["input"]>;

/** What is answered. */
export type OperationOutput<N extends OperationName> = z.output<(typeof OPERATIONS)[N]["output"]>;

/** All names, in the table's order. */
export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];

/** Returns the entry as the general type, for code that treats all operations alike. */
export function operationOf(operation: OperationName): Operation {
  return OPERATIONS[operation];
}

/** Returns whether `text` names an operation. */
export function isOperationName(text: string): text is OperationName {
  return Object.hasOwn(OPERATIONS, text);
}
