/**
 * What each operation takes and answers. The names and types are those of the catalogue: a test fails to compile when an
 * operation is missing here or differs.
 */

import type { JsonObject } from "../wire/parse.ts";
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
  BeganPairing,
  BeginPairing,
  CreateProjectToken,
  EndedAPIToken,
  Examination,
  ExchangedToken,
  ExchangeToken,
  FinishedPairing,
  FinishPairing,
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
  Subscribe,
  Subscribed,
  UpdateAPIToken,
  UpdatePeer,
} from "./shapes.ts";

interface Entry<Input, Output> {
  readonly input: Input;
  readonly output: Output;
}

/** Operations of the discontinued product that nodes answer OPERATION_UNAVAILABLE so far. */
type Unbuilt =
  | "GetVMSettings"
  | "UpdateVMSettings"
  | "StartVM"
  | "StopVM"
  | "SuspendVM"
  | "StartVMRecovery"
  | "CloneVM"
  | "RenameVM"
  | "DeleteVM"
  | "ListSnapshots"
  | "CreateSnapshot"
  | "RestoreSnapshot"
  | "DeleteSnapshot"
  | "CreateVMOnNode"
  | "GetRemoteResources"
  | "PushImage"
  | "ListRemoteIPSWs"
  | "DownloadIPSWOnNode"
  | "ListRemoteOCIImages"
  | "PullOCIImageOnNode"
  | "ExecCommand"
  | "GetTasks"
  | "GetFleetOverview"
  | "GetFleetEvents";

/** Each operation by its one name. */
export interface Operations extends Readonly<Record<Unbuilt, Entry<JsonObject, never>>> {
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
  readonly Subscribe: Entry<Subscribe, Subscribed>;
  /** Lists virtual machines; nodes have none yet. */
  readonly ListVMs: Entry<JsonObject, { readonly vms: readonly never[] }>;
}

/** The one name of an operation, as the catalogue, the record and the wire have it. */
export type OperationName = keyof Operations;

/** What an operation takes. */
export type OperationInput<N extends OperationName> = Operations[N]["input"];

/** What an operation answers. */
export type OperationOutput<N extends OperationName> = Operations[N]["output"];

/** Operations that one request answers; a stream needs a socket. */
export type CallableName = Exclude<OperationName, "Subscribe">;
