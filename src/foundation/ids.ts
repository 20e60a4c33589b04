/** Text forms of ids: UUIDs in lower case with hyphens (RFC 9562). */

import { hexOfByte } from "./bytes.ts";
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

/** The id of a key, of this node or of a peer: UUIDv8 from SHA-256 of its SPKI. */
export type NodeId = string & { readonly __brand: "NodeId" };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_V8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Returns whether `value` is a UUID of any version in the one spelling used here. */
export function isUuid(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}

/** Returns whether `value` has the form of a node id; says nothing of a key behind it. */
export function isNodeId(value: unknown): value is NodeId {
  return typeof value === "string" && UUID_V8.test(value);
}

/** Returns 16 bytes as a UUID of the given version, overwriting the version and variant bits (RFC 9562 §4). */
export function uuidFromBytes(bytes: Uint8Array, version: 7 | 8): string {
  let text = "";
  for (let i = 0; i < 16; i++) {
    const byte = bytes[i] ?? 0;
    if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
    text += hexOfByte(i === 6 ? (byte & 0x0f) | (version << 4) : i === 8 ? (byte & 0x3f) | 0x80 : byte);
  }
  return text;
}

/** Returns a new UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then chance. */
export function uuidv7(clock: Clock, random: Random): string {
  const bytes = random.bytes(16);
  const now = clock.now();
  // Two halves of 24 bits, since shifting takes 32; a typed array keeps the low eight.
  const [high, low] = [Math.floor(now / 2 ** 24), now % 2 ** 24];
  for (let i = 0; i < 3; i++) {
    bytes[i] = high >> (16 - 8 * i);
    bytes[3 + i] = low >> (16 - 8 * i);
  }
  return uuidFromBytes(bytes, 7);
}

/** Returns the first six characters, which is how logs and screens show an id. */
export function shortId(id: string): string {
  return id.slice(0, 6);
}
