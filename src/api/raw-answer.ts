/** Answers where there is no response object: to a refused upgrade, and to what node:http could not read. */

import type { FleetError } from "../foundation/errors.ts";
import { errorHeaders, reasonPhrase, withoutField } from "./answer.ts";
import { restErrorBody } from "./rest.ts";

/** Returns an HTTP/1.1 answer as text, after which the connection is to be closed. */
export function rawAnswer(error: FleetError, requestId: string): string {
  const body = JSON.stringify(restErrorBody(error, requestId));
  const fields = [
    "Content-Type",
    "application/json",
    "Content-Length",
    String(Buffer.byteLength(body)),
    "X-Request-Id",
    requestId,
    ...withoutField(errorHeaders(error), "Connection"),
    "Connection",
    "close",
  ];
  const lines = fields.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${fields[i + 1] ?? ""}`] : []));
  return [`HTTP/1.1 ${error.status} ${reasonPhrase(error.status)}`, ...lines, "", body].join("\r\n");
}
