/**
 * WebSocket frames: JSON-RPC 2.0 with params by name and without batches (docs/protocol/07-websocket.md).
 *
 * The reader of calls throws FrameFault, which carries JSON-RPC's own code and the id to answer to; the reader of
 * answers throws INVALID_ANSWER. Members nobody here knows are passed over, as JSON-RPC asks of both sides.
 */

import { ERRORS, FleetError } from "../foundation/errors.ts";
import { isJsonObject, type JsonObject } from "./parse.ts";

/** What every upgrade must offer. */
export const SUBPROTOCOL = "cider-fleet.v1";

/** Versions of what is said inside the subprotocol, as the greeting names them. */
export const PROTOCOL = { min: 1, max: 1 } as const;

/** Codes of JSON-RPC 2.0 §5.1, and the one under which this node's own codes travel. */
export const FRAME_CODES = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  fleetError: -32000,
} as const;
/** A number under which an error travels. */
export type FrameCode = (typeof FRAME_CODES)[keyof typeof FRAME_CODES];

/** Close codes of the socket. */
export const CLOSE_CODES = {
  goingAway: 1001,
  credentialEnded: 4401,
  refused: 4403,
  backlog: 4408,
  tooMany: 4429,
} as const;

/** What ties an answer to its call. Null and fractions, which JSON-RPC advises against, are refused. */
export type CallId = string | number;

/** One call of a client. */
export interface Call {
  /** Undefined for a notification: it is carried out and never answered. */
  readonly id: CallId | undefined;
  readonly method: string;
  readonly params: JsonObject;
}

/** A frame that is not a call: `id` is the call's where it could be read, else null. */
export class FrameFault extends Error {
  override readonly name = "FrameFault";
  readonly code: FrameCode;
  readonly id: CallId | null;

  constructor(code: FrameCode, message: string, id: CallId | null, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.id = id;
  }
}

/** Returns the call of a text frame; throws FrameFault -32700, -32600 or -32602 (params that are not an object). */
export function parseCall(text: string): Call {
  const frame = parseJson(text);
  if (Array.isArray(frame))
    throw new FrameFault(FRAME_CODES.invalidRequest, "batches are not taken; send one call a frame", null);
  if (!isJsonObject(frame)) throw new FrameFault(FRAME_CODES.invalidRequest, "a call is a JSON object", null);
  const { id, method, params = {} } = frame;
  if (id !== undefined && !isCallId(id))
    throw new FrameFault(FRAME_CODES.invalidRequest, "id must be a string or a whole number", null);
  const fault = (code: FrameCode, message: string): FrameFault => new FrameFault(code, message, id ?? null);
  if (frame["jsonrpc"] !== "2.0") throw fault(FRAME_CODES.invalidRequest, 'jsonrpc must be "2.0"');
  if (typeof method !== "string" || method === "")
    throw fault(FRAME_CODES.invalidRequest, "method must be the name of an operation");
  if (!isJsonObject(params)) throw fault(FRAME_CODES.invalidParams, "params must be an object: params go by name");
  return { id, method, params };
}

/** What a node sends: the answer to a call, or something nobody asked for at that moment. */
export type Incoming =
  | { readonly kind: "result"; readonly id: CallId; readonly result: unknown }
  | { readonly kind: "error"; readonly id: CallId | null; readonly error: AnsweredError }
  | { readonly kind: "notification"; readonly method: string; readonly params: JsonObject };

/** The error that answers a call. */
export interface AnsweredError {
  /** JSON-RPC's code; the node's own is `data.code`. */
  readonly code: number;
  readonly message: string;
  /** `code`, `status`, `requestId` and the error's details; empty when the node sent none. */
  readonly data: JsonObject;
}

/** Returns what a text frame of a node says; throws INVALID_ANSWER when it is not JSON-RPC 2.0. */
export function parseIncoming(text: string): Incoming {
  const frame = parseAnswerObject(text);
  if ("method" in frame) return parseNotification(frame);
  const { id } = frame;
  if ("error" in frame === "result" in frame) throw notAnAnswer("needs either a result or an error");
  if ("error" in frame) {
    if (id !== null && !isCallId(id)) throw notAnAnswer("has no usable id");
    return { kind: "error", id, error: parseAnsweredError(frame["error"]) };
  }
  if (!isCallId(id)) throw notAnAnswer("has no usable id");
  return { kind: "result", id, result: frame["result"] };
}

/** Returns a call. Members that are undefined are left out. */
export function callFrame(id: CallId, method: string, params: JsonObject): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

/** Returns a frame that wants no answer: `hello`, `event`, `position`. */
export function notificationFrame(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: "2.0", method, params });
}

/** Returns the answer to a call; an operation without output answers null. */
export function resultFrame(id: CallId, result: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result: result ?? null });
}

/** Returns the answer to a frame that was no call, or whose method does not exist. */
export function faultFrame(fault: FrameFault, requestId: string): string {
  const code = fault.code === FRAME_CODES.methodNotFound ? "NOT_FOUND" : "INVALID_REQUEST";
  return formatError(fault.id, fault.code, fault.message, { code, status: ERRORS[code].status, requestId });
}

/** Returns the answer to a call that failed; the error's details travel in `data` beside its code. */
export function errorFrame(id: CallId | null, error: FleetError, requestId: string): string {
  const number = NUMBERS.get(error.code) ?? FRAME_CODES.fleetError;
  return formatError(id, number, error.message, { ...error.details, code: error.code, status: error.status, requestId });
}

/** Something that happened. */
export interface Event {
  readonly topic: string;
  /** The ledger's number; undefined for momentary events. */
  readonly seq?: number;
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly data: unknown;
}

/** Returns an event's frame. It names no socket and no subscription: build it once and write it to all. */
export function eventFrame({ topic, seq, at, data }: Event): string {
  return notificationFrame("event", { topic, seq, at, data });
}

/** Codes of ours for which JSON-RPC has a number. */
const NUMBERS: ReadonlyMap<string, FrameCode> = new Map([
  ["INVALID_REQUEST", FRAME_CODES.invalidParams],
  ["INTERNAL", FRAME_CODES.internalError],
]);

function formatError(id: CallId | null, code: FrameCode, message: string, data: object): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message, data } });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FrameFault(FRAME_CODES.parseError, "the frame is not JSON", null, { cause: error });
  }
}

function isCallId(id: unknown): id is CallId {
  return typeof id === "string" || Number.isSafeInteger(id);
}

function parseAnswerObject(text: string): JsonObject {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch (error) {
    throw notAnAnswer("is not JSON", { cause: error });
  }
  if (!isJsonObject(frame) || frame["jsonrpc"] !== "2.0") throw notAnAnswer("is not JSON-RPC 2.0");
  return frame;
}

function parseNotification(frame: JsonObject): Incoming {
  const { method, params = {} } = frame;
  if ("id" in frame || typeof method !== "string" || !isJsonObject(params)) throw notAnAnswer("is not a notification");
  return { kind: "notification", method, params };
}

function parseAnsweredError(error: unknown): AnsweredError {
  if (!isJsonObject(error)) throw notAnAnswer("has an error that is no object");
  const { code, message, data = {} } = error;
  if (!Number.isSafeInteger(code) || typeof code !== "number" || typeof message !== "string" || !isJsonObject(data)) {
    throw notAnAnswer("has an error without code and message");
  }
  return { code, message, data };
}

function notAnAnswer(why: string, options?: ErrorOptions): FleetError {
  return new FleetError("INVALID_ANSWER", `a frame of the node ${why}`, {}, options);
}
