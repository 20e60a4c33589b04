/** A client of one node: one method per operation, and a socket. How it reaches the node was settled by who made it. */

import { FleetError } from "../foundation/errors.ts";
import { isNodeId } from "../foundation/ids.ts";
import type { JsonObject } from "../wire/parse.ts";
import { invalidAnswer } from "./answer.ts";
import type { Caller } from "./caller.ts";
import type { CallOptions } from "./deadline.ts";
import { type EventsOptions, streamEvents } from "./event-stream.ts";
import { operationMethods } from "./methods.ts";
import type { CallableName, OperationInput, OperationOutput } from "./operations.ts";
import type {
  APIToken,
  EndedAPIToken,
  FleetEvent,
  GenerateAPIToken,
  IssuedAPIToken,
  ListAPITokens,
  RemovedPeer,
  RemovePeer,
  Topic,
} from "./shapes.ts";
import type { FleetSocket } from "./socket.ts";

/** What a token can be given beside its name and permissions. */
export type TokenOptions = Omit<GenerateAPIToken, "name" | "permissions"> & CallOptions;

/** What ends with a peer, and how long to wait for it. */
export type RemovePeerOptions = Pick<RemovePeer, "withCreated"> & CallOptions;

/** A client of one node, on whatever platform. */
export class Client extends operationMethods() {
  readonly #caller: Caller;

  /** @internal */
  constructor(caller: Caller) {
    super();
    this.#caller = caller;
  }

  /** Calls an operation by its name. Rejects with the node's error code, or one of the client's: TIMEOUT, ABORTED, NODE_MISMATCH … */
  async call<N extends CallableName>(operation: N, input: OperationInput<N>, options?: CallOptions): Promise<OperationOutput<N>> {
    const answer: JsonObject = await this.#caller.call(operation, input, options);
    // The node proved who it is; its answers are typed by the catalogue both sides are built from.
    return answer as OperationOutput<N>;
  }

  /**
   * Issues a token: `token` of the answer is the secret, shown this once; `id` is for revoking it. Takes name and
   * permissions, or everything as one object.
   */
  generateAPIToken(name: string, permissions?: GenerateAPIToken["permissions"], options?: TokenOptions): Promise<IssuedAPIToken>;
  generateAPIToken(input: GenerateAPIToken, options?: CallOptions): Promise<IssuedAPIToken>;
  generateAPIToken(
    first: string | GenerateAPIToken,
    second?: GenerateAPIToken["permissions"] | CallOptions,
    third: TokenOptions = {},
  ): Promise<IssuedAPIToken> {
    if (typeof first !== "string") return this.call("GenerateAPIToken", first, typeof second === "object" ? second : {});
    const { idempotencyKey, signal, timeout, ...rest } = third;
    const permissions = typeof second === "string" ? { permissions: second } : {};
    return this.call("GenerateAPIToken", { name: first, ...permissions, ...rest }, { idempotencyKey, signal, timeout });
  }

  /** Lists all tokens, or those that fit, never their texts. */
  async listAPITokens(options: ListAPITokens & CallOptions = {}): Promise<readonly APIToken[]> {
    const { idempotencyKey: _, signal, timeout, ...query } = options;
    const { tokens } = await this.call("ListAPITokens", query, { signal, timeout });
    const claimed: unknown = tokens;
    if (!Array.isArray(claimed)) throw invalidAnswer("no list of tokens");
    return tokens;
  }

  /** Shows one token's record. */
  getAPIToken(id: string, options?: CallOptions): Promise<APIToken> {
    return this.call("GetAPIToken", { id }, options);
  }

  /** Ends a token at once and for good, with its connections, and keeps its record. */
  revokeAPIToken(id: string, options?: CallOptions): Promise<EndedAPIToken> {
    return this.call("RevokeAPIToken", { id }, options);
  }

  /** Ends a token at once, with its connections, and removes its record. */
  deleteAPIToken(id: string, options?: CallOptions): Promise<EndedAPIToken> {
    return this.call("DeleteAPIToken", { id }, options);
  }

  /** Ends trust in a key, with its connections and personal tokens; `withCreated` ends the fleet tokens it issued too. */
  async removePeer(id: string, options: RemovePeerOptions = {}): Promise<RemovedPeer> {
    if (!isNodeId(id)) throw new FleetError("INVALID_OPTIONS", "id must be the id of a peer, as listPeers shows it");
    const { withCreated, ...rest } = options;
    return this.call("RemovePeer", { id, ...(withCreated !== undefined && { withCreated }) }, rest);
  }

  /** Opens a WebSocket as this client, for calls and events. */
  connect(options?: CallOptions): Promise<FleetSocket> {
    return this.#caller.connect(options);
  }

  /**
   * Returns the events of these topics, for as long as they are asked for: `for await (const event of client.events(["tokens"]))`.
   * Connects at the first `next`, which rejects when that fails; later losses are outlasted, and what was missed comes first.
   * Ends when it is left or the signal aborts (ABORTED), or with the error that does not pass: CREDENTIAL_ENDED,
   * TOKEN_REVOKED, INSUFFICIENT_SCOPE, NODE_MISMATCH, RESUME_GONE (read the state anew, then begin without `since`) ….
   * Throws INVALID_OPTIONS.
   */
  events<T extends Topic>(topics: readonly T[], options: EventsOptions = {}): AsyncIterableIterator<FleetEvent<T>> {
    return streamEvents(this.#caller, topics, options);
  }

  /** Closes idle connections. A later call connects again. */
  close(): void {
    this.#caller.close();
  }
}
