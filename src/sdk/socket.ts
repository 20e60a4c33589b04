/**
 * One WebSocket to a node (docs/protocol/07-websocket.md): JSON-RPC 2.0 calls by operation name, and events of topics.
 * It never reconnects by itself: how it ended is an error with a code, and what to do then is the owner's choice.
 */

import { FleetError } from "../foundation/errors.ts";
import { SOCKET_NONCE_LENGTH } from "../signatures/socket.ts";
import { type AnsweredError, callFrame, type Incoming, PROTOCOL, parseIncoming } from "../wire/frames.ts";
import { isJsonObject, type JsonObject, parseBytes } from "../wire/parse.ts";
import { invalidAnswer, readError } from "./answer.ts";
import { closeError, NORMAL_CLOSURE } from "./close-codes.ts";
import type { Contact } from "./contact.ts";
import { type CallOptions, untilAborted, withDeadline } from "./deadline.ts";
import { eventsAmong, type Notice, NoticeQueue, parseNotice } from "./events.ts";
import type { CallableName, OperationInput, OperationOutput } from "./operations.ts";
import type { FleetEvent, Subscribed, Topic } from "./shapes.ts";
import type { SocketLike, Transport, UpgradeRequest } from "./transport.ts";

/** Close code for a node that does not speak the protocol (RFC 6455 §7.4.1). */
const PROTOCOL_ERROR = 1002;

/**
 * Milliseconds in which a subscriber hears at least once: the node sends `position` every 30 s. A page sees no pings, and
 * who only listens is told by nobody that the network is gone.
 */
const LIVE_WITHIN = 40_000;

type Answered = Exclude<Incoming, { readonly kind: "notification" }>;

interface Pending {
  resolve(result: JsonObject): void;
  reject(error: FleetError): void;
}

interface Opening {
  readonly transport: Transport;
  readonly contact: Contact;
  readonly upgrade: UpgradeRequest;
  /** Milliseconds for calls that name none. */
  readonly timeout: number;
}

/** From where on, and how often. */
export interface SubscribeOptions extends CallOptions {
  /** Seconds between events of `node.stats`. */
  readonly interval?: number | undefined;
  /** `seq` of the last event received before. */
  readonly since?: number | undefined;
}

/** An open socket. */
export class FleetSocket {
  /** Resolves when the socket has ended, with the error that says why: CREDENTIAL_ENDED, SHUTTING_DOWN, CONNECTION_CLOSED … */
  readonly closed: Promise<FleetError>;
  readonly #timeout: number;
  readonly #pending = new Map<number, Pending>();
  readonly #queues = new Set<NoticeQueue>();
  readonly #onHello: (hello: JsonObject) => void;
  readonly #onClosed: (error: FleetError) => void;
  readonly #hello: Promise<JsonObject>;
  #raw: SocketLike | undefined;
  #ended: FleetError | undefined;
  #closedByUs = false;
  #heard = false;
  #watch: ReturnType<typeof setInterval> | undefined;
  #lastId = 0;

  private constructor(timeout: number) {
    this.#timeout = timeout;
    const hello = settleable<JsonObject>();
    const closed = settleable<FleetError>();
    this.#hello = hello.promise;
    this.#onHello = hello.resolve;
    this.closed = closed.promise;
    this.#onClosed = closed.resolve;
  }

  /** Opens a socket, checks the node's greeting and, where the upgrade could not carry the credential, authenticates. */
  static async open({ transport, contact, upgrade, timeout }: Opening): Promise<FleetSocket> {
    const socket = new FleetSocket(timeout);
    const { signal } = upgrade;
    const headers = transport.upgradesWithHeaders ? upgrade.headers : {};
    const listener = {
      text: (frame: string): void => socket.#receive(frame),
      closed: (code: number, reason: string): void => socket.#end(closeError(code, reason)),
    };
    socket.#raw = await transport.openSocket({ ...upgrade, headers }, listener);
    try {
      const hello = await untilAborted(signal, Promise.race([socket.#hello, rejection(socket.closed)]));
      requireGreeting(hello, contact);
      if (!transport.upgradesWithHeaders) await socket.#authenticate(contact, hello, signal);
      return socket;
    } catch (error) {
      socket.#raw.close(PROTOCOL_ERROR, "");
      throw error;
    }
  }

  /** Calls an operation on this socket. */
  async call<N extends CallableName>(
    operation: N,
    input: OperationInput<N>,
    options: CallOptions = {},
  ): Promise<OperationOutput<N>> {
    const { idempotencyKey } = options;
    const result = await this.#request(operation, idempotencyKey === undefined ? input : { ...input, idempotencyKey }, options);
    return result as OperationOutput<N>;
  }

  /** Replaces the topics this socket is sent events of. What `since` missed is sent first, or RESUME_GONE tells that it is too much. */
  async subscribe(topics: readonly Topic[], options: SubscribeOptions = {}): Promise<Subscribed> {
    const { interval, since, ...rest } = options;
    const answer: unknown = await this.#request("subscribe", { topics, interval, since }, rest);
    this.#watchLife(topics.length > 0);
    return answer as Subscribed;
  }

  /**
   * Returns the events from now on, until the socket ends: quietly after `close`, else with the error of `closed`. It ends
   * CONNECTION_CLOSED for a reader that leaves 10,000 of them unread, or 16 MiB.
   */
  events(): AsyncGenerator<FleetEvent, void, undefined> {
    return eventsAmong(this.notices());
  }

  /** @internal Returns the same, and between the events how far the record was told. */
  notices(): AsyncGenerator<Notice, void, undefined> {
    const queue = new NoticeQueue();
    if (this.#ended === undefined) this.#queues.add(queue);
    else queue.end(this.#closedByUs ? undefined : this.#ended);
    return queue.read(() => this.#queues.delete(queue));
  }

  /** Closes the socket; calls under way reject with CONNECTION_CLOSED. */
  close(): void {
    if (this.#ended !== undefined) return;
    this.#closedByUs = true;
    this.#raw?.close(NORMAL_CLOSURE, "");
    this.#end(closeError(NORMAL_CLOSURE, ""));
  }

  #request(method: string, params: object, options: CallOptions): Promise<JsonObject> {
    return withDeadline({ timeout: options.timeout ?? this.#timeout, signal: options.signal }, async (signal) => {
      if (this.#ended !== undefined) throw this.#ended;
      const id = ++this.#lastId;
      const answered = new Promise<JsonObject>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
      this.#raw?.send(callFrame(id, method, { ...params }));
      try {
        return await untilAborted(signal, answered);
      } finally {
        this.#pending.delete(id);
      }
    });
  }

  async #authenticate(contact: Contact, hello: JsonObject, signal: AbortSignal): Promise<void> {
    const params = await contact.credential.greeting(greetingNonce(hello), contact.node);
    await this.#request("authenticate", params, { signal });
  }

  #receive(text: string): void {
    this.#heard = true;
    let frame: Incoming;
    try {
      frame = parseIncoming(text);
    } catch {
      this.#raw?.close(PROTOCOL_ERROR, "");
      return;
    }
    if (frame.kind === "notification") this.#notice(frame.method, frame.params, text.length);
    else this.#settle(frame);
  }

  /** Notifications nobody here knows are passed over: newer nodes may send some. */
  #notice(method: string, params: JsonObject, length: number): void {
    if (method === "hello") this.#onHello(params);
    const notice = parseNotice(method, params);
    if (notice !== undefined) for (const queue of this.#queues) queue.push(notice, length);
  }

  #settle(frame: Answered): void {
    const pending = typeof frame.id === "number" ? this.#pending.get(frame.id) : undefined;
    if (pending === undefined) return;
    if (frame.kind === "error") pending.reject(frameError(frame.error));
    else if (isJsonObject(frame.result)) pending.resolve(frame.result);
    else pending.reject(invalidAnswer("a result that is not an object"));
  }

  /** While anything is subscribed to, a socket on which nothing is heard is given up. */
  #watchLife(isSubscribed: boolean): void {
    clearInterval(this.#watch);
    if (!isSubscribed || this.#ended !== undefined) return;
    this.#watch = setInterval(() => {
      if (!this.#heard) this.#giveUp();
      this.#heard = false;
    }, LIVE_WITHIN);
  }

  #giveUp(): void {
    this.#raw?.close(NORMAL_CLOSURE, "");
    this.#end(new FleetError("CONNECTION_CLOSED", `nothing was heard of the node for ${LIVE_WITHIN / 1000} s`));
  }

  #end(error: FleetError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    clearInterval(this.#watch);
    for (const pending of this.#pending.values()) pending.reject(error);
    for (const queue of this.#queues) queue.end(this.#closedByUs ? undefined : error);
    this.#onClosed(error);
  }
}

/** The node's own code travels in the data of JSON-RPC's error object. */
function frameError({ data, message }: AnsweredError): FleetError {
  return readError(data, typeof data["status"] === "number" ? data["status"] : 0, message);
}

/** The greeting must be in a version spoken here, and of the node this connection was pinned to. */
function requireGreeting(hello: JsonObject, contact: Contact): void {
  const { min, max } = isJsonObject(hello["protocol"]) ? hello["protocol"] : {};
  if (typeof min !== "number" || typeof max !== "number" || min > PROTOCOL.max || max < PROTOCOL.min) {
    throw invalidAnswer("the socket speaks no version of the protocol that this client speaks; update the older side");
  }
  if (contact.node !== undefined && hello["nodeId"] !== contact.node) throw new FleetError("NODE_MISMATCH");
}

function greetingNonce(hello: JsonObject): Uint8Array {
  try {
    return parseBytes(hello, "nonce", SOCKET_NONCE_LENGTH);
  } catch {
    throw invalidAnswer("a greeting without a nonce");
  }
}

async function rejection(closed: Promise<FleetError>): Promise<never> {
  throw await closed;
}

function settleable<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: settle };
}
