/**
 * Request bodies: read whole, within a limit that depends on whether the caller is known, and parsed as JSON.
 *
 * A body is gathered in one growing buffer. A sender may split it into pieces of one byte each, and keeping every piece
 * as an object of its own would take some 300 times the memory.
 */

import type { IncomingMessage } from "node:http";
import { append, fromUtf8 } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import { isJsonObject, type JsonObject } from "../wire/parse.ts";
import type { Fields } from "./fields.ts";

/** The body of a request that has none. */
export const NO_BODY = new Uint8Array();

/** The members of an empty body. One object for all requests, so that others can recognise it by identity. */
export const NO_JSON: JsonObject = Object.freeze({});

const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

/** Resolves to the body's bytes; rejects with PAYLOAD_TOO_LARGE above `limit` bytes, CONNECTION_CLOSED when the caller goes. */
export function readBody(request: IncomingMessage, fields: Fields, limit: number): Promise<Uint8Array> {
  if (Number(fields["content-length"] ?? 0) > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    let gathered: Uint8Array = NO_BODY;
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      if (length + chunk.length > limit)
        reject(tooLarge(limit)); // the rest is dropped by node:http once the refusal is out
      else gathered = append(gathered, length, chunk);
      length += chunk.length;
    });
    request.on("end", () => resolve(gathered.subarray(0, length)));
    request.on("error", () => undefined); // "close" follows
    request.on("close", () => {
      if (!request.complete) reject(new FleetError("CONNECTION_CLOSED"));
    });
  });
}

/** Returns the object in the body, NO_JSON for an empty one. Throws UNSUPPORTED_MEDIA_TYPE or INVALID_REQUEST. */
export function parseJsonBody(bytes: Uint8Array, fields: Fields): JsonObject {
  if (bytes.length === 0) return NO_JSON;
  if (!JSON_TYPE.test(fields["content-type"] ?? "") || fields["content-encoding"] !== undefined) {
    throw new FleetError("UNSUPPORTED_MEDIA_TYPE");
  }
  const value = parseJson(bytes);
  if (!isJsonObject(value)) throw new FleetError("INVALID_REQUEST", "the body must be a JSON object");
  return value;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    throw new FleetError("INVALID_REQUEST", "the body is not JSON in UTF-8");
  }
}

function tooLarge(limit: number): FleetError {
  return new FleetError("PAYLOAD_TOO_LARGE", `the body is larger than ${limit} bytes`, { limit });
}
