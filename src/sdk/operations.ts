/**
 * Every operation as a typed method. The names and types are those of the catalogue: a test fails to compile when an
 * operation is missing here or differs.
 */

import type { NodeId } from "../foundation/ids.ts";
import type { Channel, PeerKind, Role, Way } from "../foundation/vocabulary.ts";
import type { JsonObject } from "../wire/parse.ts";
import type { CallOptions } from "./deadline.ts";
import type {
  ActivityPage,
  ActivityQuery,
  AddPeer,
  APIToken,
  AuditEntry,
  AuditHead,
  AuditPage,
  AuditQuery,
  AuditVerification,
  CreateProjectToken,
  EndedAPIToken,
  Examination,
  ExchangedToken,
  ExchangeToken,
  GenerateAPIToken,
  Introspection,
  IssuedAPIToken,
  ListAPITokens,
  ListPeers,
  ListProjectTokens,
  NodeHealth,
  NodeInfo,
  NodeStats,
  NodeStatus,
  Nothing,
  OpenPairing,
  PairingWindow,
  Peer,
  ProjectToken,
  RegisterAPIToken,
  RemovedPeer,
  RemovePeer,
  RevokeAPITokens,
  RevokedAPITokens,
  RotateAPIToken,
  RotatedAPIToken,
  ScopeUse,
  Self,
  Subscribed,
  Topic,
  UpdateAPIToken,
  UpdatePeer,
} from "./shapes.ts";

interface Entry<Input, Output> {
  readonly input: Input;
  readonly output: Output;
}

/** An operation of the discontinued product that nodes answer OPERATION_UNAVAILABLE so far. */
type Unbuilt = Entry<JsonObject, never>;

/** What each operation takes and answers. */
export interface Operations {
  /** Tells whether the node is well; needs no credential. */
  readonly GetHealth: Entry<Nothing, NodeHealth>;
  /** Describes the node and its machine. */
  readonly GetNodeInfo: Entry<Nothing, NodeInfo>;
  /** Measures the machine: CPU, memory, disk. */
  readonly GetNodeStats: Entry<Nothing, NodeStats>;
  /** Gives the node another name. */
  readonly RenameNode: Entry<{ readonly name: string }, NodeInfo>;
  /** Tells whoever runs the node where it listens and keeps its data. */
  readonly GetStatus: Entry<Nothing, NodeStatus>;
  /** Tells the caller who it is to this node, and what it may do. */
  readonly GetSelf: Entry<Nothing, Self>;
  /** Shows the open pairing window; NOT_FOUND when there is none. */
  readonly GetPairing: Entry<Nothing, PairingWindow>;
  /** Opens a pairing window with a code, a link, or both. */
  readonly OpenPairing: Entry<OpenPairing, PairingWindow>;
  /** Replaces the digits of the open window, as after five wrong codes. */
  readonly RenewPairingCode: Entry<Nothing, PairingWindow>;
  /** Closes the pairing window. */
  readonly ClosePairing: Entry<Nothing, { readonly closed: boolean }>;
  /** First round trip of pairing; `FleetClient.pair` makes it. */
  readonly BeginPairing: Entry<BeginPairing, BeganPairing>;
  /** Second round trip of pairing; `FleetClient.pair` makes it. */
  readonly FinishPairing: Entry<FinishPairing, FinishedPairing>;
  /** Lists the keys this node trusts. */
  readonly ListPeers: Entry<ListPeers, { readonly peers: readonly Peer[]; readonly cursor: string | null }>;
  /** Trusts a key that was made elsewhere, without pairing. */
  readonly AddPeer: Entry<AddPeer, Peer>;
  /** Gives a peer another name or role. */
  readonly UpdatePeer: Entry<UpdatePeer, Peer>;
  /** Ends trust in a key, with its connections and personal tokens. */
  readonly RemovePeer: Entry<RemovePeer, RemovedPeer>;
  /** Issues a token; its text is in this answer and nowhere else. */
  readonly GenerateAPIToken: Entry<GenerateAPIToken, IssuedAPIToken>;
  /** Lists tokens, never their texts. */
  readonly ListAPITokens: Entry<ListAPITokens, { readonly tokens: readonly APIToken[]; readonly cursor: string | null }>;
  /** Registers a token by the hash of its text, so that one token is good on many nodes. */
  readonly RegisterAPIToken: Entry<RegisterAPIToken, APIToken>;
  /** Lists the fleet's active tokens as project tokens. */
  readonly ListProjectTokens: Entry<
    ListProjectTokens,
    { readonly tokens: readonly ProjectToken[]; readonly cursor: string | null }
  >;
  /** Issues a token as a project token. */
  readonly CreateProjectToken: Entry<CreateProjectToken, ProjectToken>;
  /** Shows one token's record. */
  readonly GetAPIToken: Entry<{ readonly id: string }, APIToken>;
  /** Changes a token's name, rights, expiry or addresses; its text stays. */
  readonly UpdateAPIToken: Entry<UpdateAPIToken, APIToken>;
  /** Issues a token in the place of another, which stays good for a grace. */
  readonly RotateAPIToken: Entry<RotateAPIToken, RotatedAPIToken>;
  /** Gives the calling token another text, where that is configured; the old one ends at once. */
  readonly RotateSelf: Entry<Nothing, RotatedAPIToken>;
  /** Ends all tokens, or those of an owner, a creator or a name. */
  readonly RevokeAPITokens: Entry<RevokeAPITokens, RevokedAPITokens>;
  /** Revokes the very token that is presented; needs no credential. */
  readonly BurnAPIToken: Entry<{ readonly token: string }, EndedAPIToken>;
  /** Lists the scopes a token can hold, and which of them allow anything yet. */
  readonly ListScopes: Entry<Nothing, { readonly scopes: readonly ScopeUse[] }>;
  /** Ends a token at once and keeps its record. */
  readonly RevokeAPIToken: Entry<{ readonly id: string }, EndedAPIToken>;
  /** Ends a token at once and removes its record. */
  readonly DeleteAPIToken: Entry<{ readonly id: string }, EndedAPIToken>;
  /** Asks the node to prove that it knows a token; clients do so by themselves. */
  readonly ProveToken: Entry<
    { readonly lookup: string; readonly nonce: string },
    { readonly nodeKey: string; readonly proof: string }
  >;
  /** Gives the caller, a token or a peer, a bearer that lives for minutes. */
  readonly ExchangeToken: Entry<ExchangeToken, ExchangedToken>;
  /** Tells whether a token or bearer is good, by its text. */
  readonly IntrospectToken: Entry<{ readonly token: string }, Introspection>;
  /** Ends the very token or bearer whose text is given; needs no other credential. */
  readonly BurnToken: Entry<{ readonly token: string }, Nothing>;
  /** Tells whether the node can carry out changes; NOT_READY when it cannot. */
  readonly GetReady: Entry<Nothing, { readonly ready: true }>;
  /** Measures the node itself, in the text format of Prometheus. */
  readonly GetMetrics: Entry<Nothing, { readonly text: string }>;
  /** Lists what was changed and refused, newest first. */
  readonly ListAuditEntries: Entry<AuditQuery, AuditPage>;
  /** Shows the entry of a request id or number. */
  readonly GetAuditEntry: Entry<{ readonly id: string }, AuditEntry>;
  /** Signs the end of the record; `checkAudit` keeps it and compares. */
  readonly GetAuditHead: Entry<Nothing, AuditHead>;
  /** Verifies every line of the record, and that a head signed before is still part of it. */
  readonly VerifyAudit: Entry<{ readonly head?: AuditHead | undefined }, AuditVerification>;
  /** Counts who used what, from where. */
  readonly ListActivity: Entry<ActivityQuery, ActivityPage>;
  /** Examines the node from inside, and mends what is safe to mend where that is asked for. */
  readonly RunDoctor: Entry<{ readonly fix?: boolean | undefined }, Examination>;
  /** Replaces the topics of a socket; `FleetSocket.subscribe` calls it. */
  readonly Subscribe: Entry<SubscribeInput, Subscribed>;
  /** Lists virtual machines; nodes have none yet. */
  readonly ListVMs: Entry<JsonObject, { readonly vms: readonly never[] }>;
  readonly GetVMSettings: Unbuilt;
  readonly UpdateVMSettings: Unbuilt;
  readonly StartVM: Unbuilt;
  readonly StopVM: Unbuilt;
  readonly SuspendVM: Unbuilt;
  readonly StartVMRecovery: Unbuilt;
  readonly CloneVM: Unbuilt;
  readonly RenameVM: Unbuilt;
  readonly DeleteVM: Unbuilt;
  readonly ListSnapshots: Unbuilt;
  readonly CreateSnapshot: Unbuilt;
  readonly RestoreSnapshot: Unbuilt;
  readonly DeleteSnapshot: Unbuilt;
  readonly CreateVMOnNode: Unbuilt;
  readonly GetRemoteResources: Unbuilt;
  readonly PushImage: Unbuilt;
  readonly ListRemoteIPSWs: Unbuilt;
  readonly DownloadIPSWOnNode: Unbuilt;
  readonly ListRemoteOCIImages: Unbuilt;
  readonly PullOCIImageOnNode: Unbuilt;
  readonly ExecCommand: Unbuilt;
  readonly GetTasks: Unbuilt;
  readonly GetFleetOverview: Unbuilt;
  readonly GetFleetEvents: Unbuilt;
}

interface SubscribeInput {
  readonly topics: readonly Topic[];
  readonly interval?: number | undefined;
  readonly since?: number | undefined;
}

/** First message of pairing; `FleetClient.pair` sends it. Bytes are base64url without padding. */
interface BeginPairing extends JsonObject {
  readonly version: 1;
  readonly maxVersion: number;
  readonly clientKey: string;
  readonly name: string;
  readonly kind: PeerKind;
  readonly way: Way;
  readonly channel: Channel;
  readonly role?: Role | undefined;
  readonly share: string;
}

interface BeganPairing {
  readonly version: number;
  readonly maxVersion: number;
  readonly sid: string;
  readonly nodeKey: string;
  readonly nodeName: string;
  readonly role: Role;
  readonly share: string;
  readonly confirm: string;
  readonly attemptsLeft: number | null;
  readonly secondsLeft: number;
}

interface FinishPairing extends JsonObject {
  readonly sid: string;
  readonly confirm: string;
  readonly proof: string;
}

interface FinishedPairing {
  readonly nodeId: NodeId;
  readonly role: Role;
  readonly responderNodeId: NodeId;
  readonly responderName: string;
  readonly proof: string;
}

export type OperationName = keyof Operations;
export type OperationInput<N extends OperationName> = Operations[N]["input"];
export type OperationOutput<N extends OperationName> = Operations[N]["output"];

/** Operations that one request answers; a stream needs a socket. */
export type CallableName = Exclude<OperationName, "Subscribe">;

type Takes<N extends OperationName> = OperationInput<N> extends Nothing ? "nothing" : "input";

/** Every operation with whether its method takes an input; leaving one out does not compile. */
const CALLABLE = {
  GetHealth: "nothing",
  GetNodeInfo: "nothing",
  GetNodeStats: "nothing",
  RenameNode: "input",
  GetStatus: "nothing",
  GetSelf: "nothing",
  GetPairing: "nothing",
  OpenPairing: "input",
  RenewPairingCode: "nothing",
  ClosePairing: "nothing",
  BeginPairing: "input",
  FinishPairing: "input",
  ListPeers: "input",
  AddPeer: "input",
  UpdatePeer: "input",
  RemovePeer: "input",
  GenerateAPIToken: "input",
  RegisterAPIToken: "input",
  ListAPITokens: "input",
  ListProjectTokens: "input",
  CreateProjectToken: "input",
  GetAPIToken: "input",
  UpdateAPIToken: "input",
  RotateAPIToken: "input",
  RotateSelf: "nothing",
  RevokeAPITokens: "input",
  BurnAPIToken: "input",
  ListScopes: "nothing",
  RevokeAPIToken: "input",
  DeleteAPIToken: "input",
  ProveToken: "input",
  GetReady: "nothing",
  GetMetrics: "nothing",
  ListAuditEntries: "input",
  GetAuditEntry: "input",
  GetAuditHead: "nothing",
  VerifyAudit: "input",
  ListActivity: "input",
  RunDoctor: "input",
  ExchangeToken: "input",
  IntrospectToken: "input",
  BurnToken: "input",
  ListVMs: "input",
  GetVMSettings: "input",
  UpdateVMSettings: "input",
  StartVM: "input",
  StopVM: "input",
  SuspendVM: "input",
  StartVMRecovery: "input",
  CloneVM: "input",
  RenameVM: "input",
  DeleteVM: "input",
  ListSnapshots: "input",
  CreateSnapshot: "input",
  RestoreSnapshot: "input",
  DeleteSnapshot: "input",
  CreateVMOnNode: "input",
  GetRemoteResources: "input",
  PushImage: "input",
  ListRemoteIPSWs: "input",
  DownloadIPSWOnNode: "input",
  ListRemoteOCIImages: "input",
  PullOCIImageOnNode: "input",
  ExecCommand: "input",
  GetTasks: "input",
  GetFleetOverview: "input",
  GetFleetEvents: "input",
} as const satisfies { readonly [N in CallableName]: Takes<N> };

type Method<Input, Output> = Input extends Nothing
  ? (options?: CallOptions) => Promise<Output>
  : Partial<Input> extends Input
    ? (input?: Input, options?: CallOptions) => Promise<Output>
    : (input: Input, options?: CallOptions) => Promise<Output>;

/** One method for each operation, by its name with a small first letter. */
export type OperationMethods = {
  readonly [N in CallableName as Uncapitalize<N>]: Method<OperationInput<N>, OperationOutput<N>>;
};

/** Whoever can send a call. */
interface Calling {
  call(operation: CallableName, input: object, options?: CallOptions): Promise<unknown>;
}

/** Operations whose method is written by hand, in the form the discontinued product had. */
export type WrittenOut =
  | "generateAPIToken"
  | "listAPITokens"
  | "getAPIToken"
  | "revokeAPIToken"
  | "deleteAPIToken"
  | "removePeer";

/** Returns a class with all methods of the table but those; a subclass brings `call`. */
export function operationMethods(): abstract new () => Omit<OperationMethods, WrittenOut> {
  abstract class Methods implements Calling {
    abstract call(operation: CallableName, input: object, options?: CallOptions): Promise<unknown>;
  }
  for (const [operation, takes] of entriesOf(CALLABLE)) {
    const value =
      takes === "nothing"
        ? function (this: Calling, options?: CallOptions) {
            return this.call(operation, {}, options);
          }
        : function (this: Calling, input: object = {}, options?: CallOptions) {
            return this.call(operation, input, options);
          };
    Object.defineProperty(Methods.prototype, methodName(operation), { value, writable: true, configurable: true });
  }
  // The loop made the methods that the type names: both come from CALLABLE.
  return Methods as unknown as abstract new () => Omit<OperationMethods, WrittenOut>;
}

function methodName(operation: CallableName): string {
  return operation.charAt(0).toLowerCase() + operation.slice(1);
}

function entriesOf<K extends string, V>(table: Readonly<Record<K, V>>): readonly (readonly [K, V])[] {
  return Object.entries(table) as [K, V][];
}
