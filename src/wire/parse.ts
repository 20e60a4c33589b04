/**
 * Small parsers for JSON from strangers: `unknown` in, typed value out, or INVALID_REQUEST that names the field.
 * The value itself is never repeated: it may be a secret.
 */

import { fromBase64url } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import { isNodeId, type NodeId } from "../foundation/ids.ts";
import { isWord } from "../foundation/vocabulary.ts";

/** A JSON object whose members have not been looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Returns INVALID_REQUEST that names `field` and what belongs there. */
export function invalid(field: string, expected: string): FleetError {
  return new FleetError("INVALID_REQUEST", `${field} must be ${expected}`, { field });
}

/** Returns whether `value` is a JSON object: no array, no null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns `value` as an object; `what` names it in the error. */
export function parseObject(value: unknown, what: string): JsonObject {
  if (!isJsonObject(value)) throw invalid(what, "a JSON object");
  return value;
}

/** Returns the member as a string. */
export function parseString(object: JsonObject, field: string): string {
  const value = object[field];
  if (typeof value !== "string") throw invalid(field, "a string");
  return value;
}

/** Returns the member as an integer between `min` and `max`. */
export function parseInteger(object: JsonObject, field: string, min: number, max: number): number {
  const value = object[field];
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw invalid(field, `a whole number from ${min} to ${max}`);
  }
  return value;
}

/** Returns the member as one of `words`. */
export function parseWord<W extends string>(object: JsonObject, field: string, words: readonly W[]): W {
  const value = object[field];
  if (!isWord(words, value)) throw invalid(field, `one of ${words.join(", ")}`);
  return value;
}

/** Returns the member's bytes from base64url without padding, exactly `length` of them. */
export function parseBytes(object: JsonObject, field: string, length: number): Uint8Array {
  const expected = `${length} bytes in base64url without padding`;
  let bytes: Uint8Array;
  try {
    bytes = fromBase64url(parseString(object, field));
  } catch {
    throw invalid(field, expected);
  }
  if (bytes.length !== length) throw invalid(field, expected);
  return bytes;
}

/** Returns the member as a node id. */
export function parseNodeId(object: JsonObject, field: string): NodeId {
  const value = object[field];
  if (!isNodeId(value)) throw invalid(field, "a node id (a UUIDv8 in lower case)");
  return value;
}
