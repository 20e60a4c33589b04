/** Writes answers: JSON with a length and a request id, and the header fields that go with each error. */

import { type ServerResponse, STATUS_CODES } from "node:http";
import { FleetError } from "../foundation/errors.ts";

/** Writes `body` as JSON, unless the caller is gone. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  requestId: string,
  headers: readonly string[] = [],
): void {
  if (response.headersSent || response.destroyed) return;
  answerText(response, status, "application/json", textOf(body), requestId, headers);
}

/** Texts of answers that never change, as their frozen objects say; writing one anew costs a tenth of its request. */
const TEXTS = new WeakMap<object, string>();

function textOf(body: unknown): string {
  if (typeof body !== "object" || body === null) return JSON.stringify(body);
  const known = TEXTS.get(body);
  if (known !== undefined) return known;
  const text = JSON.stringify(body);
  if (Object.isFrozen(body)) TEXTS.set(body, text);
  return text;
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
  const length = Buffer.byteLength(text);
  const fields = [
    "Content-Type",
    type,
    "Content-Length",
    String(length),
    "Cache-Control",
    "no-store",
    "X-Content-Type-Options",
    "nosniff",
    "X-Request-Id",
    requestId,
  ];
  response.writeHead(status, headers.length === 0 ? fields : fields.concat(headers));
  // ASCII, as nearly every answer is, is copied faster under its narrower name.
  response.end(text, length === text.length ? "latin1" : "utf8");
}

/** Answers 204: all there is to say stands in the fields. */
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

/** Returns what may be said of `error` to a caller: itself when it was meant for one, INTERNAL otherwise. */
export function answerable(error: unknown): FleetError {
  if (error instanceof FleetError && error.status !== 0) return error;
  return new FleetError("INTERNAL", undefined, {}, { cause: error });
}
