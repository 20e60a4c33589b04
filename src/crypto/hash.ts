/** SHA-2, HMAC (RFC 2104) and HKDF (RFC 5869) for Node and browsers alike, from @noble/hashes. */

import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256, sha512 as nobleSha512 } from "@noble/hashes/sha2.js";

/** Returns 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  return nobleSha256(message);
}

/** Returns 64 bytes. */
export function sha512(message: Uint8Array): Uint8Array {
  return nobleSha512(message);
}

/** Returns the 32-byte HMAC-SHA-256. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return hmac(nobleSha256, key, message);
}

/** Returns `length` bytes of HKDF-SHA-256; an empty `salt` is the RFC's 32 zero bytes. */
export function hkdfSha256(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return hkdf(nobleSha256, ikm, salt, info, length);
}

/** Returns `length` bytes of HKDF-SHA-512. */
export function hkdfSha512(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return hkdf(nobleSha512, ikm, salt, info, length);
}
