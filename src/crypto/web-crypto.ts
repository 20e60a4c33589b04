/**
 * What the platform's own WebCrypto computes, in browsers and on Node alike, for those who can wait: nothing of it has to
 * be brought along. Pages have it in secure contexts only: over `https:`, and from their own machine.
 */

import { type PublicKey, SIGNATURE_LENGTH } from "./p256.ts";

const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** Resolves to whether `signature` (r‖s) is the key's over SHA-256 of `message`; high-S is valid. */
export async function verifyAsync(key: PublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== SIGNATURE_LENGTH) return false;
  const { subtle } = globalThis.crypto;
  const imported = await subtle.importKey("raw", owned(key), KEY, false, ["verify"]);
  return subtle.verify(SIGNATURE, imported, owned(signature), owned(message));
}

/** Resolves to `length` bytes of HKDF-SHA-512 (RFC 5869). */
export async function hkdfSha512Async(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Promise<Uint8Array> {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey("raw", owned(ikm), "HKDF", false, ["deriveBits"]);
  const derivation = { name: "HKDF", hash: "SHA-512", salt: owned(salt), info: owned(info) };
  return new Uint8Array(await subtle.deriveBits(derivation, key, 8 * length));
}

/** WebCrypto takes no view of shared memory, and its types say so. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}
