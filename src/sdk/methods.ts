/** Every operation as a typed method, for clients to inherit. */

import type { CallOptions } from "./deadline.ts";
import type { CallableName, OperationInput, OperationName, OperationOutput } from "./operations.ts";
import type { Nothing } from "./shapes.ts";

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
