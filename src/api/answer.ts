/** Writes answers: JSON with a length and a request id, and the header fields that go with each error. */

import { type ServerResponse, STATUS_CODES } from "node:http";
import { SECOND } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";
import { LIMITS } from "./limits.ts";

/** Writes `body` as JSON, unless the caller is gone. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  requestId: string,
  headers: readonly string[] = [],
): void {
  if (response.headersSent || response.destroyed) return;
  send(response, status, "application/json", writtenOf(body), requestId, headers);
}

/** How long a connection may stand idle, for clients that keep it. */
const KEEP_ALIVE = `timeout=${LIMITS.idleTime / SECOND}`;

/** A body as it is sent. */
interface Written {
  readonly text: string;
  /** Bytes, as the field has them. */
  readonly length: string;
  /** Nearly every answer is ASCII, which Node copies faster as `latin1`. */
  readonly encoding: "latin1" | "utf8";
}

/** Frozen bodies never change, so their text is kept: serialising one again would take a tenth of its request's time. */
const WRITTEN = new WeakMap<object, Written>();

function writtenOf(body: unknown): Written {
  if (typeof body !== "object" || body === null) return written(JSON.stringify(body));
  const known = WRITTEN.get(body);
  if (known !== undefined) return known;
  const anew = written(JSON.stringify(body));
  if (Object.isFrozen(body)) WRITTEN.set(body, anew);
  return anew;
}

function written(text: string): Written {
  const length = Buffer.byteLength(text);
  return { text, length: String(length), encoding: length === text.length ? "latin1" : "utf8" };
}

/** Writes text of a media type with the fields every answer has. */
export function answerText(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  requestId: string,
  headers: readonly string[] = [],
): void {
  send(response, status, type, written(text), requestId, headers);
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  { text, length, encoding }: Written,
  requestId: string,
  headers: readonly string[],
): void {
  const fields = [
    "Content-Type",
    type,
    "Content-Length",
    length,
    "Cache-Control",
    "no-store",
    "X-Content-Type-Options",
    "nosniff",
    "X-Request-Id",
    requestId,
  ];
  if (response.shouldKeepAlive && !headers.includes("Connection")) fields.push("Keep-Alive", KEEP_ALIVE);
  response.writeHead(status, headers.length === 0 ? fields : fields.concat(headers));
  response.end(text, encoding);
}

/** Answers 204 with these header fields. */
export function answerNothing(response: ServerResponse, requestId: string, headers: readonly string[]): void {
  response.writeHead(204, ["Cache-Control", "no-store", "X-Request-Id", requestId, ...headers]).end();
}

/** Returns the reason phrase of a status, as REST errors carry it. */
export function reasonPhrase(status: number): string {
  return STATUS_CODES[status] ?? "Error";
}

const CHALLENGE = 'Bearer realm="cider-fleet"';

/** Returns the fields RFC 6750 §3, RFC 9110 §10.2.3 and §15.5.6 ask for with this error, as a flat list. */
export function errorHeaders(error: FleetError): readonly string[] {
  const headers: string[] = [];
  if (error.status === 401)
    headers.push("WWW-Authenticate", error.code.startsWith("TOKEN_") ? `${CHALLENGE}, error="invalid_token"` : CHALLENGE);
  if (error.code === "INSUFFICIENT_SCOPE") headers.push("WWW-Authenticate", insufficientScope(error));
  const { allow, retryAfter } = error.details as { allow?: unknown; retryAfter?: unknown };
  if (typeof retryAfter === "number") headers.push("Retry-After", String(retryAfter));
  if (typeof allow === "string") headers.push("Allow", allow);
  if (error.status === 426) headers.push("Upgrade", "TLS/1.2", "Connection", "Upgrade, close");
  return headers;
}

function insufficientScope({ details }: FleetError): string {
  const scope = typeof details["scope"] === "string" ? `, scope="${details["scope"]}"` : "";
  return `${CHALLENGE}, error="insufficient_scope"${scope}`;
}

/** Returns a flat list of fields without those of one name, as it is spelled in the list. */
export function withoutField(fields: readonly string[], name: string): readonly string[] {
  const isName = (index: number): boolean => index % 2 === 0;
  return fields.filter((_, index) => fields[isName(index) ? index : index - 1] !== name);
}

/** Returns the error a caller may see: `error` itself when it was meant for one, INTERNAL otherwise. */
export function answerable(error: unknown): FleetError {
  if (error instanceof FleetError && error.status !== 0) return error;
  return new FleetError("INTERNAL", undefined, {}, { cause: error });
}
