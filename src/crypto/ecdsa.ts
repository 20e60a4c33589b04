/**
 * ECDSA over P-256 with SHA-256 (FIPS 186-5), signatures as r‖s of 64 bytes, from @noble/curves.
 *
 * It answers at once, so it is for keys that are held as bytes and for the few signatures that must be decided within one
 * tick. Code that can wait verifies with `web-crypto.ts`. The daemon verifies requests with node:crypto
 * (`signing.node.ts`), which is 26 times faster. All three accept the same signatures.
 */

import { ecdsa } from "@noble/curves/abstract/weierstrass.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type PublicKey, SIGNATURE_LENGTH } from "./p256.ts";
import { Point } from "./p256-group.ts";

const p256 = /* @__PURE__ */ ecdsa(Point, sha256);

/** Returns the 65 bytes of the scalar's public key. */
export function publicKeyOf(scalar: Uint8Array): Uint8Array {
  return p256.getPublicKey(scalar, false);
}

/** Returns r‖s over SHA-256 of `message`; deterministic (RFC 6979), with low S, which every verifier takes. */
export function sign(scalar: Uint8Array, message: Uint8Array): Uint8Array {
  return p256.sign(message, scalar, { lowS: true });
}

/**
 * Returns whether `signature` (r‖s) is the key's over `message`. High-S is valid, as in RFC 9421's own examples;
 * noble refuses it unless told otherwise.
 */
export function verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === SIGNATURE_LENGTH && p256.verify(signature, message, key, { lowS: false });
}
