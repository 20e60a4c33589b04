/**
 * SPAKE2+ (RFC 9383) with P256-SHA256-HKDF-SHA256-HMAC-SHA256: both sides show that they know a weak secret without
 * sending it, and whoever guesses gets one guess for each exchange.
 *
 * Only the group arithmetic, the transcript and the key schedule. How w0 and w1 come from a secret, and what stands in
 * the context, is the profile's (`pairing/profile.ts`). Points are 65 bytes 04‖x‖y on the curve, nothing else is
 * accepted; scalars are 32 bytes big-endian in 1…n−1. P-256 has cofactor 1, so the RFC's factor h is left out.
 *
 * Secret scalars go through noble's `multiply`, which takes the same steps for every scalar; JavaScript's big integers
 * promise no constant time below that.
 */

import { bytesToNumberBE, numberToBytesBE } from "@noble/curves/utils.js";
import { concat, fromHex, utf8 } from "../foundation/bytes.ts";
import { hkdfSha256, hmacSha256, sha256 } from "./hash.ts";
import { CURVE, parsePublicKey } from "./p256.ts";
import { isScalar, Point, SCALAR_LENGTH } from "./p256-group.ts";

/** RFC 9383 §4: points nobody knows the logarithm of, for P-256. */
const M = Point.fromBytes(fromHex("02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f"));
const N = Point.fromBytes(fromHex("03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49"));

/** What the transcript is made of (RFC 9383 §3.3). */
export interface Transcript {
  readonly context: Uint8Array;
  readonly idProver: string;
  readonly idVerifier: string;
  readonly shareP: Uint8Array;
  readonly shareV: Uint8Array;
  readonly Z: Uint8Array;
  readonly V: Uint8Array;
  readonly w0: Uint8Array;
}

/** What both sides end with; equal on both only if they meant the same secret and saw the same transcript. */
export interface SharedKeys {
  /** MAC the prover sends. */
  readonly confirmP: Uint8Array;
  /** MAC the verifier sends. */
  readonly confirmV: Uint8Array;
  /** K_shared, 32 bytes. */
  readonly shared: Uint8Array;
}

/** The two secret points of RFC 9383 §3.3. */
export interface SecretPoints {
  readonly Z: Uint8Array;
  readonly V: Uint8Array;
}

/** Returns a long big-endian number mod n as a scalar (RFC 9383 §3.2); 40 bytes leave a bias below 2^-64. */
export function reduceScalar(bytes: Uint8Array): Uint8Array {
  return numberToBytesBE(bytesToNumberBE(bytes) % CURVE.n, SCALAR_LENGTH);
}

/** Returns L = w1·G, what a verifier keeps instead of w1. */
export function registrationRecord(w1: Uint8Array): Uint8Array {
  return uncompressed(Point.BASE.multiply(toNumber(w1)));
}

/** Returns the prover's share X = x·G + w0·M. */
export function proverShare(w0: Uint8Array, x: Uint8Array): Uint8Array {
  return uncompressed(blinded(x, M, w0));
}

/** Returns the verifier's share Y = y·G + w0·N. */
export function verifierShare(w0: Uint8Array, y: Uint8Array): Uint8Array {
  return uncompressed(blinded(y, N, w0));
}

/** Returns Z = x·(Y − w0·N) and V = w1·(Y − w0·N); throws SyntaxError when the share is no point or cancels out. */
export function proverPoints(w0: Uint8Array, w1: Uint8Array, x: Uint8Array, shareV: Uint8Array): SecretPoints {
  const base = unblinded(shareV, N, w0);
  return { Z: uncompressed(base.multiply(toNumber(x))), V: uncompressed(base.multiply(toNumber(w1))) };
}

/** Returns Z = y·(X − w0·M) and V = y·L; throws SyntaxError when the share is no point or cancels out. */
export function verifierPoints(w0: Uint8Array, L: Uint8Array, y: Uint8Array, shareP: Uint8Array): SecretPoints {
  const base = unblinded(shareP, M, w0);
  return { Z: uncompressed(base.multiply(toNumber(y))), V: uncompressed(parsePoint(L).multiply(toNumber(y))) };
}

/** Returns TT (RFC 9383 §3.3): each part behind its length as eight bytes, little-endian. */
export function encodeTranscript(t: Transcript): Uint8Array {
  const parts = [
    t.context,
    utf8(t.idProver),
    utf8(t.idVerifier),
    uncompressed(M),
    uncompressed(N),
    t.shareP,
    t.shareV,
    t.Z,
    t.V,
    t.w0,
  ];
  return concat(...parts.flatMap((part) => [lengthPrefix(part.length), part]));
}

/** Returns the MACs and K_shared (RFC 9383 §3.4). K_main = SHA-256(TT) has no other use and never leaves this function. */
export function sharedKeys(t: Transcript): SharedKeys {
  const main = sha256(encodeTranscript(t));
  const none = new Uint8Array();
  const confirmation = hkdfSha256(main, none, utf8("ConfirmationKeys"), 64);
  return {
    confirmP: hmacSha256(confirmation.subarray(0, 32), t.shareV),
    confirmV: hmacSha256(confirmation.subarray(32), t.shareP),
    shared: hkdfSha256(main, none, utf8("SharedKey"), 32),
  };
}

function blinded(scalar: Uint8Array, mask: Point, w0: Uint8Array): Point {
  return Point.BASE.multiply(toNumber(scalar)).add(mask.multiply(toNumber(w0)));
}

function unblinded(share: Uint8Array, mask: Point, w0: Uint8Array): Point {
  const base = parsePoint(share).subtract(mask.multiply(toNumber(w0)));
  // RFC 9383 §6: with cofactor 1 this is the one way to reach the identity, and Z would be known to everybody.
  if (base.is0()) throw new SyntaxError("share cancels out");
  return base;
}

function parsePoint(bytes: Uint8Array): Point {
  return Point.fromBytes(parsePublicKey(bytes));
}

function uncompressed(point: Point): Uint8Array {
  return point.toBytes(false);
}

function toNumber(scalar: Uint8Array): bigint {
  if (!isScalar(scalar)) throw new SyntaxError("not a scalar of 32 bytes in 1…n−1");
  return bytesToNumberBE(scalar);
}

function lengthPrefix(length: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(0, length, true);
  return bytes;
}
