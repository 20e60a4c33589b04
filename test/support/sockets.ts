/** A WebSocket client that hides nothing: every frame, the close code, and what the node refused. */

import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { SUBPROTOCOL } from "../../src/wire/frames.ts";
import { isJsonObject, type JsonObject } from "../../src/wire/parse.ts";
import { type Answer, collect, type Way } from "./http.ts";
import type { Reachable } from "./node.ts";

export interface SocketOptions {
  readonly via?: Way;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly protocols?: readonly string[];
  /** Whether pings are answered; true unless said otherwise. */
  readonly autoPong?: boolean;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class TestSocket {
  readonly raw: WebSocket;
  /** All frames received, oldest first. */
  readonly frames: JsonObject[] = [];
  readonly closed: Promise<Closed>;
  readonly #waiting = new Set<() => void>();
  #lastId = 0;

  constructor(raw: WebSocket) {
    this.raw = raw;
    raw.on("message", (data: Buffer) => this.#note(JSON.parse(data.toString("utf8"))));
    raw.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      raw.once("close", (code, reason) => {
        resolve({ code, reason: reason.toString("utf8") });
        this.#wake();
      });
    });
  }

  /** Resolves to the first frame, past or to come, that `fits`; rejects when the socket closes without one. */
  async frame(fits: (frame: JsonObject) => boolean): Promise<JsonObject> {
    for (;;) {
      const found = this.frames.find(fits);
      if (found !== undefined) return found;
      if (this.raw.readyState === WebSocket.CLOSED) throw new Error("the socket closed without that frame");
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Resolves to the params of the greeting. */
  async hello(): Promise<JsonObject> {
    return objectIn(await this.frame((frame) => frame["method"] === "hello"), "params");
  }

  /** Resolves to the params of the next event of the topic that was not taken yet. */
  async event(topic: string): Promise<JsonObject> {
    const fits = (frame: JsonObject): boolean => frame["method"] === "event" && objectIn(frame, "params")["topic"] === topic;
    const found = await this.frame(fits);
    this.frames.splice(this.frames.indexOf(found), 1);
    return objectIn(found, "params");
  }

  /** Resolves to the whole answer to a call. */
  async ask(method: string, params: JsonObject = {}): Promise<JsonObject> {
    const id = ++this.#lastId;
    this.send({ jsonrpc: "2.0", id, method, params });
    return this.frame((frame) => frame["id"] === id);
  }

  /** Resolves to a call's result; rejects when it is an error. */
  async call(method: string, params: JsonObject = {}): Promise<JsonObject> {
    const answer = await this.ask(method, params);
    if ("error" in answer) throw new Error(JSON.stringify(answer["error"]));
    return objectIn(answer, "result");
  }

  /** Resolves to `error.data` of a call that is refused. */
  async refused(method: string, params: JsonObject = {}): Promise<JsonObject> {
    return objectIn(objectIn(await this.ask(method, params), "error"), "data");
  }

  send(frame: unknown): void {
    this.raw.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  #note(frame: unknown): void {
    if (!isJsonObject(frame)) throw new Error("a frame is no object");
    this.frames.push(frame);
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

/** Resolves to an open socket; rejects with the node's answer when the upgrade is refused. */
export function openSocket(node: Reachable, options: SocketOptions = {}): Promise<TestSocket> {
  return new Promise((resolve, reject) => {
    const raw = dial(node, options);
    const socket = new TestSocket(raw);
    raw.once("open", () => resolve(socket));
    raw.once("unexpected-response", (_, response: IncomingMessage) => {
      void collect(response).then((answer) => reject(new UpgradeRefused(answer)), reject);
    });
    raw.once("error", reject);
  });
}

/** Resolves to the answer to an upgrade that must be refused. */
export async function refusedUpgrade(node: Reachable, options: SocketOptions = {}): Promise<Answer> {
  try {
    const socket = await openSocket(node, options);
    socket.raw.terminate();
  } catch (error) {
    if (error instanceof UpgradeRefused) return error.answer;
    throw error;
  }
  throw new Error("the upgrade was not refused");
}

class UpgradeRefused extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`the upgrade was answered ${answer.status}: ${answer.text}`);
    this.answer = answer;
  }
}

function dial(
  node: Reachable,
  { autoPong = true, headers, path = "/v1/ws", protocols = [SUBPROTOCOL], token, via = "tls" }: SocketOptions,
): WebSocket {
  const options = {
    headers: { ...(token !== undefined && { Authorization: `Bearer ${token}` }), ...headers },
    autoPong,
    perMessageDeflate: false,
    ca: node.ca,
  };
  if (via === "socket") return new WebSocket(`ws+unix:${node.socket}:${path}`, [...protocols], options);
  const scheme = via === "tls" ? "wss" : "ws";
  return new WebSocket(`${scheme}://127.0.0.1:${node.port}${path}`, [...protocols], options);
}

/** Returns a member that must be an object. */
export function objectIn(object: JsonObject, member: string): JsonObject {
  const value = object[member];
  if (!isJsonObject(value)) throw new Error(`${member} is no object: ${JSON.stringify(object)}`);
  return value;
}
