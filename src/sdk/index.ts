/** What every platform shares: types, errors, and the parts from which a client is made. */

export { type PublicKey, parsePublicKey } from "../crypto/p256.ts";
export { type DetailsOf, ERRORS, type ErrorCode, type ErrorDetails, FleetError, isFleetError } from "../foundation/errors.ts";
export type { NodeId } from "../foundation/ids.ts";
export type { Signer } from "../identity/signer.ts";
export { inspectToken, type TokenInspection } from "../wire/token.ts";
export { DEFAULT_PORT } from "./address.ts";
export { Caller, type CallerParts } from "./caller.ts";
export { Client, type TokenOptions } from "./client.ts";
export type { CallOptions } from "./deadline.ts";
export type { EventsOptions, EventsState } from "./event-stream.ts";
export type { OperationMethods } from "./methods.ts";
export type { CallableName, OperationInput, OperationName, OperationOutput, Operations } from "./operations.ts";
export { type ClientOptions, DEFAULT_EXEC_TIMEOUT_SECONDS, DEFAULT_TIMEOUT } from "./options.ts";
export type { Credentials, PublicCredentials } from "./pair.ts";
export type { Store } from "./records.ts";
export type * from "./shapes.ts";
export type { FleetSocket } from "./socket.ts";
export type { SocketLike, SocketListener, Transport, TransportAnswer, TransportRequest, UpgradeRequest } from "./transport.ts";
