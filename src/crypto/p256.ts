/**
 * Public keys on P-256 (NIST SP 800-186 §3.2.1.3), parsed and written. Only what is public is computed here, in a few
 * lines; arithmetic with secrets is `p256-group.ts`, signatures are `ecdsa.ts`, `web-crypto.ts` and `signing.node.ts`.
 */

import { fromHex, toHex } from "../foundation/bytes.ts";

/** The curve y² = x³ + ax + b over the field of p elements; G has the order n. */
export const CURVE: Readonly<Record<"p" | "n" | "h" | "a" | "b" | "Gx" | "Gy", bigint>> = {
  p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  h: 1n,
  a: 0xffffffff00000001000000000000000000000000fffffffffffffffffffffffcn,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  Gx: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  Gy: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};

/** Bytes of an uncompressed point: 04, x, y. */
export const PUBLIC_KEY_LENGTH = 65;
/** Bytes of r‖s. */
export const SIGNATURE_LENGTH = 64;

/** A P-256 public key, 65 bytes uncompressed, checked to be on the curve. */
export type PublicKey = Uint8Array & { readonly __brand: "PublicKey" };

/** Returns `bytes` as a public key; throws SyntaxError unless they are 04‖x‖y of a point on the curve. */
export function parsePublicKey(bytes: Uint8Array): PublicKey {
  if (bytes.length !== PUBLIC_KEY_LENGTH || bytes[0] !== 0x04) {
    throw new SyntaxError("not an uncompressed P-256 point of 65 bytes");
  }
  if (!isOnCurve(toNumber(bytes.subarray(1, 33)), toNumber(bytes.subarray(33)))) throw new SyntaxError("not a point on P-256");
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

/** SP 800-186 §D.1.1.2: coordinates below p that fulfil the equation. The point at infinity has no such form. */
function isOnCurve(x: bigint, y: bigint): boolean {
  const { a, b, p } = CURVE;
  return x < p && y < p && (y * y - (x * x * x + a * x + b)) % p === 0n;
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}
