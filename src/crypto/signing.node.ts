/** ECDSA P-256 by node:crypto: r‖s, keys made once, verification off the main thread so that load does not stall it. */

import { createPublicKey, type KeyObject, verify as verifyCallback } from "node:crypto";
import type { PublicKey } from "./p256.ts";
import { SIGNATURE_LENGTH } from "./p256.ts";
import { toSpki } from "./spki.ts";

/** A public key in the form node:crypto verifies with; make it once per peer. */
export type VerifyingKey = KeyObject;

/** Returns the key prepared for `verifySignature`. */
export function verifyingKey(key: PublicKey): VerifyingKey {
  return createPublicKey({ key: Buffer.from(toSpki(key)), format: "der", type: "spki" });
}

/** Resolves to whether `signature` (r‖s, 64 bytes) is the key's over SHA-256 of `message`; high-S is valid. */
export function verifySignature(key: VerifyingKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== SIGNATURE_LENGTH) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    verifyCallback("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature, (error, valid) => {
      if (error) reject(error);
      else resolve(valid);
    });
  });
}
