/**
 * One WebSocket: greeting, authentication, calls, events, end.
 *
 * It keeps the id of its credential and no Actor. It never outlives the credential: `Sessions` ends it in the tick in
 * which the credential ends.
 */

import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { toBase64url } from "../foundation/bytes.ts";
import { timestamp } from "../foundation/clock.ts";
import { type ErrorCode, FleetError } from "../foundation/errors.ts";
import type { Logger } from "../foundation/logger.ts";
import type { Source } from "../foundation/source.ts";
import type { Operations } from "../operations/operations.ts";
import { type Credential, credentialLabel, effectiveScopes } from "../policy/actor.ts";
import type { EndReason, Sessions } from "../sessions/sessions.ts";
import {
  type Call,
  CLOSE_CODES,
  type Event,
  errorFrame,
  FRAME_CODES,
  FrameFault,
  faultFrame,
  notificationFrame,
  PROTOCOL,
  parseCall,
  resultFrame,
} from "../wire/frames.ts";
import { type JsonObject, parseNodeId, parseString } from "../wire/parse.ts";
import { answerable } from "./answer.ts";
import { idempotencyKey, withoutKey } from "./idempotency.ts";
import { LIMITS } from "./limits.ts";
import { operationOfMethod } from "./socket-methods.ts";
import { Probation } from "./socket-probation.ts";
import { SocketWriter } from "./socket-writer.ts";
import { withoutAliases } from "./surface.ts";

/** What a socket works with. */
export interface SessionParts {
  readonly operations: Operations;
  readonly sessions: Sessions;
  readonly nodeId: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly nonce: () => Uint8Array;
  readonly requestId: () => string;
  /** Called when a credential was accepted: its network may then use the reserved connections. */
  readonly onProven: (source: Source) => void;
  readonly logger: Logger;
}

/** A WebSocket from its greeting to its end. */
export class FleetSocket {
  readonly #socket: WebSocket;
  /** The connection below. */
  readonly #stream: Duplex;
  readonly #writer: SocketWriter;
  readonly #source: Source;
  readonly #parts: SessionParts;
  readonly #closed = new AbortController();
  readonly #nonce: Uint8Array;
  #nonceUsed = false;
  #credential: Credential | undefined;
  #forget: () => void = () => undefined;
  /** While no credential was accepted. */
  #probation: Probation | undefined;
  #ping: NodeJS.Timeout | undefined;
  #answersPings = true;
  #running = 0;

  constructor(socket: WebSocket, stream: Duplex, source: Source, credential: Credential | undefined, parts: SessionParts) {
    this.#socket = socket;
    this.#stream = stream;
    this.#writer = new SocketWriter(socket, stream, this.#close);
    this.#source = source;
    this.#parts = parts;
    this.#nonce = parts.nonce();
    this.#keep(credential);
  }

  /** Sends `hello` and starts to listen. */
  greet(): void {
    const { nodeId, now } = this.#parts;
    const hello = { protocol: PROTOCOL, nodeId, serverTime: timestamp(now()), nonce: toBase64url(this.#nonce) };
    this.#writer.send(notificationFrame("hello", hello));
    this.#socket.on("message", (data, isBinary) => this.#receive(data as Buffer, isBinary));
    this.#socket.on("pong", () => {
      this.#answersPings = true;
    });
    this.#socket.on("error", () => this.#abandon()); // ws has sent its close frame, or cannot
    this.#socket.on("close", () => this.#cleanUp());
    this.#ping = setInterval(() => this.#checkAlive(), LIMITS.socketPingTime).unref();
    if (this.#credential === undefined) this.#probation = new Probation(this.#stream, this.#close);
  }

  /** Sends an event, if whoever holds the credential may see it now. */
  readonly deliver = (event: Event): void => {
    if (!this.#parts.operations.mayReceive(this.#credential, this.#source, event.topic)) return;
    this.#writer.sendEvent(event);
  };

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#closed.signal.aborted) return;
    const requestId = this.#parts.requestId();
    try {
      if (isBinary) throw new FrameFault(FRAME_CODES.invalidRequest, "frames are text", null);
      const call = parseCall(data.toString("utf8"));
      if (this.#running >= LIMITS.socketCalls) {
        this.#close(CLOSE_CODES.tooMany, "too many calls at once");
        return;
      }
      void this.#answer(call, requestId);
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      this.#writer.send(faultFrame(error, requestId));
    }
  }

  /** Answers one call. Never rejects. */
  async #answer(call: Call, requestId: string): Promise<void> {
    this.#running++;
    try {
      const result =
        call.method === "authenticate" ? await this.#authenticate(call.params, requestId) : await this.#perform(call, requestId);
      if (call.id !== undefined) this.#writer.send(resultFrame(call.id, result));
    } catch (thrown) {
      await this.#sendError(call, thrown, requestId);
    } finally {
      this.#running--;
    }
  }

  /** A notification is never answered (JSON-RPC 2.0 §4.1). */
  async #sendError(call: Call, thrown: unknown, requestId: string): Promise<void> {
    if (this.#closed.signal.aborted) return;
    if (thrown instanceof FrameFault) {
      if (call.id !== undefined) this.#writer.send(faultFrame(thrown, requestId));
      return;
    }
    const error = answerable(await this.#parts.operations.judge(thrown, this.#source));
    if (error.code === "INTERNAL") this.#parts.logger.error({ err: error.cause, requestId }, "call failed");
    if (call.id !== undefined) this.#writer.send(errorFrame(call.id, error, requestId));
    if (call.method === "authenticate") this.#close(CLOSE_CODES.credentialEnded, error.code);
  }

  #perform({ id, method, params }: Call, requestId: string): unknown {
    const operation = operationOfMethod(method);
    if (operation === undefined) throw new FrameFault(FRAME_CODES.methodNotFound, "there is no such method", id ?? null);
    return this.#parts.operations.perform({
      operation,
      input: withoutAliases(operation, withoutKey(params)),
      idempotencyKey: idempotencyKey(undefined, params["idempotencyKey"]),
      credential: this.#credential,
      source: this.#source,
      requestId,
      signal: this.#closed.signal,
      deliver: this.deliver,
    });
  }

  /** A socket gets one credential and keeps it. Any attempt uses up the nonce. */
  async #authenticate(params: JsonObject, requestId: string): Promise<JsonObject> {
    if (this.#nonceUsed || this.#credential !== undefined)
      throw new FleetError("TWO_CREDENTIALS", "this socket has its one actor already");
    this.#nonceUsed = true;
    if (this.#source.via === "plain") throw new FleetError("TLS_REQUIRED", "an authenticated WebSocket goes over TLS only");
    const credential = await this.#proven(params);
    if (this.#closed.signal.aborted) throw new FleetError("CONNECTION_CLOSED");
    const actor = this.#parts.operations.admit({ credential, source: this.#source, requestId, operation: "Connect" });
    this.#probation?.end();
    this.#parts.onProven(this.#source);
    this.#keep(credential);
    return { actor: actor.label, scopes: effectiveScopes(actor) };
  }

  #proven(params: JsonObject): Credential | Promise<Credential> {
    const { credentials } = this.#parts.operations;
    const hasToken = params["apiToken"] !== undefined;
    if (hasToken && (params["nodeId"] !== undefined || params["signature"] !== undefined))
      throw new FleetError("TWO_CREDENTIALS");
    if (hasToken) return credentials.bearer(parseString(params, "apiToken"));
    return credentials.socketSignature(this.#nonce, parseNodeId(params, "nodeId"), parseString(params, "signature"));
  }

  /** Registers the session under its credential. One without a credential is registered too, so that a stopping node closes it. */
  #keep(credential: Credential | undefined): void {
    this.#forget();
    this.#credential = credential;
    this.#forget = this.#parts.sessions.open({
      credential: credential === undefined ? "nobody" : credentialLabel(credential),
      address: this.#source.address,
      end: (why: EndReason) => this.#end(why),
    });
  }

  /** A refused credential has not ended, it is good elsewhere: so the reason is the code with which its calls would be refused. */
  #end(why: EndReason): void {
    if (why === "refused") this.#close(CLOSE_CODES.refused, "TOKEN_ADDRESS_REFUSED" satisfies ErrorCode);
    else this.#close(why === "stopping" ? CLOSE_CODES.goingAway : CLOSE_CODES.credentialEnded, why);
  }

  #checkAlive(): void {
    if (!this.#answersPings) {
      this.#socket.terminate();
      return;
    }
    this.#answersPings = false;
    this.#socket.ping();
    this.#sayPosition();
  }

  /** Tells a subscriber up to which entry it was sent everything. A page cannot see pings, so this also shows it that the node is alive. */
  #sayPosition(): void {
    const seq = this.#parts.operations.position(this.deliver);
    if (seq !== undefined) this.#writer.send(notificationFrame("position", { seq }));
  }

  /** Closes the socket. Nothing that arrives afterwards is read, whether or not the other side answers the close. */
  readonly #close = (code: number, why: string): void => {
    if (this.#closed.signal.aborted) return;
    this.#socket.close(code, why);
    this.#abandon();
  };

  #abandon(): void {
    setTimeout(() => this.#socket.terminate(), LIMITS.socketCloseTime).unref();
    this.#cleanUp();
  }

  #cleanUp(): void {
    this.#probation?.end();
    clearInterval(this.#ping);
    this.#forget();
    this.#closed.abort();
    this.#parts.operations.unsubscribe(this.deliver);
  }
}
