/** SHA-2, HMAC (RFC 2104) and HKDF (RFC 5869) for Node and browsers alike. */

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat } from "../foundation/bytes.ts";
import { sha256 } from "./sha256.ts";

export { sha256 };

/** Bytes of a block of SHA-256, and of its hash. */
const BLOCK = 64;
const LENGTH = 32;

/** Returns the 32-byte HMAC-SHA-256. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block.set(key.length > BLOCK ? sha256(key) : key);
  const padded = (byte: number): Uint8Array => block.map((value) => value ^ byte);
  return sha256(concat(padded(0x5c), sha256(concat(padded(0x36), message))));
}

/** Returns `length` bytes of HKDF-SHA-256, at most 8,160; an empty `salt` is the RFC's 32 zero bytes. */
export function hkdfSha256(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const key = hmacSha256(salt, ikm);
  const okm = new Uint8Array(length);
  let t: Uint8Array = new Uint8Array();
  for (let n = 1; (n - 1) * LENGTH < length; n++) {
    t = hmacSha256(key, concat(t, info, Uint8Array.of(n)));
    okm.set(t.subarray(0, length - (n - 1) * LENGTH), (n - 1) * LENGTH);
  }
  return okm;
}

/** Returns `length` bytes of HKDF-SHA-512. For the daemon, which needs it at once; others use `web-crypto.ts`. */
export function hkdfSha512(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return hkdf(sha512, ikm, salt, info, length);
}
