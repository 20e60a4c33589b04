/**
 * ECDSA over P-256 with SHA-256 (FIPS 186-5), signatures as r‖s of 64 bytes, from @noble/curves.
 *
 * Here for browsers and for the few signatures of pairing; the daemon verifies requests with node:crypto
 * (`signing.node.ts`), which is 26 times faster. Both accept the same signatures.
 */

import { p256 } from "@noble/curves/nist.js";
import { fromHex, toHex } from "../foundation/bytes.ts";

/** Bytes of an uncompressed point: 04, x, y. */
export const PUBLIC_KEY_LENGTH = 65;
export const SIGNATURE_LENGTH = 64;

/** A P-256 public key, 65 bytes uncompressed, checked to be on the curve. */
export type PublicKey = Uint8Array & { readonly __brand: "PublicKey" };

/** Returns `bytes` as a public key; throws SyntaxError unless they are 04‖x‖y of a point on the curve. */
export function parsePublicKey(bytes: Uint8Array): PublicKey {
  if (bytes.length !== PUBLIC_KEY_LENGTH || bytes[0] !== 0x04) {
    throw new SyntaxError("not an uncompressed P-256 point of 65 bytes");
  }
  try {
    p256.Point.fromBytes(bytes).assertValidity();
  } catch {
    throw new SyntaxError("not a point on P-256");
  }
  return bytes as PublicKey;
}

/** Returns the key of 130 lower-case hex characters; throws SyntaxError for anything else. */
export function publicKeyFromHex(text: string): PublicKey {
  return parsePublicKey(fromHex(text));
}

/** Returns 130 lower-case hex characters. */
export function publicKeyToHex(key: PublicKey): string {
  return toHex(key);
}

/**
 * Returns whether `signature` (r‖s) is the key's over `message`. High-S is valid, as in RFC 9421's own examples;
 * noble refuses it unless told otherwise.
 */
export function verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === SIGNATURE_LENGTH && p256.verify(signature, message, key, { lowS: false });
}
