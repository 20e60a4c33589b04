/** Requests as any program could send them: over the socket, TLS, plain HTTP, or byte by byte. */

import { type ClientRequest, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { isJsonObject, type JsonObject } from "../../src/wire/parse.ts";
import type { Reachable } from "./node.ts";

export type Way = "socket" | "loopback" | "tls";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as a JSON object; empty when it is none. */
  readonly json: JsonObject;
}

export interface Question {
  readonly via?: Way;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as it is when a string or bytes. */
  readonly body?: unknown;
}

/** Resolves to the answer to `GET /v1/node` and its like: method and path in one text. */
export function ask(node: Reachable, what: string, question: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = begin(node, what, question);
    request.once("response", (response) => void collect(response).then(resolve, reject));
    request.once("error", reject);
    request.end(bytesOf(question.body));
  });
}

/** Returns the request with its header fields, for tests that send the body piece by piece. */
export function begin(node: Reachable, what: string, { body, headers, token, via = "loopback" }: Question = {}): ClientRequest {
  const [method = "GET", path = "/"] = what.split(" ");
  const options = {
    method,
    path,
    agent: false,
    headers: {
      ...(body !== undefined && { "Content-Type": "application/json" }),
      // node:http gives the bodies of GET and DELETE no length of their own accord.
      ...(body !== undefined &&
        headers?.["Transfer-Encoding"] === undefined && { "Content-Length": String(Buffer.byteLength(bytesOf(body) ?? "")) }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
  };
  if (via === "socket") return httpRequest({ ...options, socketPath: node.socket });
  const place = { host: "127.0.0.1", port: node.port };
  return via === "tls" ? httpsRequest({ ...options, ...place, ca: node.ca }) : httpRequest({ ...options, ...place });
}

/** Resolves to the whole answer. */
export async function collect(response: IncomingMessage): Promise<Answer> {
  let text = "";
  for await (const part of response.setEncoding("utf8")) text += String(part);
  return { status: response.statusCode ?? 0, headers: response.headers, text, json: jsonOf(text) };
}

/** Resolves to the answer to a request by RPC. */
export function rpc(node: Reachable, method: string, body: JsonObject = {}, question: Question = {}): Promise<Answer> {
  return ask(node, `POST /rpc/${method}`, { ...question, body });
}

/** Resolves to the output of an operation as the local socket performs it. */
export async function asLocal(node: Reachable, method: string, input: JsonObject = {}): Promise<JsonObject> {
  const answer = await rpc(node, method, input, { via: "socket" });
  if (answer.status !== 200) throw new Error(`${method} was answered ${answer.status}: ${answer.text}`);
  return answer.json;
}

/** Resolves to the answers, as text, to exactly these bytes over plain HTTP, once the node closes the connection. */
export function exchange(node: Reachable, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ host: "127.0.0.1", port: node.port });
    let text = "";
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    socket.on("error", () => undefined);
    socket.once("close", () => resolve(text));
    socket.end(bytes);
  });
}

/** Resolves to the answer to a request of these lines, sent as they are and with `Connection: close`. */
export async function raw(node: Reachable, ...lines: readonly string[]): Promise<Answer> {
  const text = await exchange(node, [...lines, "Connection: close", "", ""].join("\r\n"));
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const [start = "", ...fields] = head.split("\r\n");
  const headers = Object.fromEntries(
    fields.map((field) => [field.slice(0, field.indexOf(":")).toLowerCase(), field.slice(field.indexOf(":") + 1).trim()]),
  );
  return { status: Number(start.split(" ")[1]), headers, text: body, json: jsonOf(body) };
}

/** Returns a member that must be text. */
export function textIn(object: JsonObject, member: string): string {
  const value = object[member];
  if (typeof value !== "string") throw new Error(`${member} is no text: ${JSON.stringify(object)}`);
  return value;
}

/** Returns a member that must be a list of objects. */
export function listIn(object: JsonObject, member: string): readonly JsonObject[] {
  const value = object[member];
  if (!Array.isArray(value) || !value.every(isJsonObject)) throw new Error(`${member} is no list: ${JSON.stringify(object)}`);
  return value;
}

function bytesOf(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
}

function jsonOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
