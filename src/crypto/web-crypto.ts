/**
 * What the platform's own WebCrypto computes, in browsers and on Node alike. It is asynchronous, and a page loads nothing
 * for it. Pages have it in secure contexts only: over `https:`, and from their own machine.
 */

import { FleetError } from "../foundation/errors.ts";
import { type PublicKey, SIGNATURE_LENGTH } from "./p256.ts";

/** What `crypto.subtle` is; the types of Node and of browsers have different names for it. */
type Subtle = typeof globalThis.crypto.subtle;

/** WebCrypto's names for our keys, and for how they sign. */
export const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
export const SIGNATURE_ALGORITHM = { name: "ECDSA", hash: "SHA-256" } as const;

/** Returns the platform's WebCrypto; throws DEPENDENCY_MISSING in a page that is given none. */
export function webCrypto(): Subtle {
  const brought: { readonly subtle?: Subtle } = globalThis.crypto;
  if (brought.subtle === undefined)
    throw new FleetError("DEPENDENCY_MISSING", "this page has no WebCrypto: serve it over https, or from 127.0.0.1");
  return brought.subtle;
}

/** Resolves to whether `signature` (r‖s) is the key's over SHA-256 of `message`; high-S is valid. */
export async function verifyAsync(key: PublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== SIGNATURE_LENGTH) return false;
  const subtle = webCrypto();
  const imported = await subtle.importKey("raw", owned(key), KEY_ALGORITHM, false, ["verify"]);
  return subtle.verify(SIGNATURE_ALGORITHM, imported, owned(signature), owned(message));
}

/** Resolves to `length` bytes of HKDF-SHA-512 (RFC 5869). */
export async function hkdfSha512Async(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Promise<Uint8Array> {
  const subtle = webCrypto();
  const key = await subtle.importKey("raw", owned(ikm), "HKDF", false, ["deriveBits"]);
  const derivation = { name: "HKDF", hash: "SHA-512", salt: owned(salt), info: owned(info) };
  return new Uint8Array(await subtle.deriveBits(derivation, key, 8 * length));
}

/** Returns a copy: WebCrypto takes no view of shared memory, and its types say so. */
export function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}
