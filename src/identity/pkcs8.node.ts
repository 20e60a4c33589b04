/** P-256 private keys as PKCS#8 PEM (RFC 5958, RFC 7468), the form every tool reads. */

import { createECDH, createPrivateKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { SecretKey } from "../crypto/secret-key.ts";
import { fromBase64url, toBase64url } from "../foundation/bytes.ts";

const LABEL = "-----BEGIN PRIVATE KEY-----";

/** Returns the key as node:crypto holds it. */
export function toKeyObject(key: SecretKey): KeyObject {
  const [x, y] = coordinates(key);
  const jwk = { kty: "EC", crv: "P-256", d: toBase64url(key.reveal()), x, y };
  return createPrivateKey({ key: jwk, format: "jwk" });
}

/** Returns PKCS#8 PEM, for the file that keeps the key. */
export function toPkcs8Pem(key: SecretKey): string {
  return toKeyObject(key).export({ type: "pkcs8", format: "pem" }).toString();
}

/**
 * Returns the key of PKCS#8 PEM. Throws SyntaxError, without repeating any of it, unless it is an unencrypted P-256 key
 * whose public half, where present, belongs to the private one: OpenSSL does not compare them.
 */
export function fromPkcs8Pem(pem: string): SecretKey {
  if (!pem.trimStart().startsWith(LABEL)) throw new SyntaxError("not a PKCS#8 private key in PEM");
  const { crv, d, x, y } = readJwk(pem);
  if (crv !== "P-256" || d === undefined) throw new SyntaxError("not a P-256 key");
  const key = SecretKey.fromBytes(fromBase64url(d), publicPointOf);
  if (`${x}.${y}` !== coordinates(key).join(".")) throw new SyntaxError("a damaged key: its two halves do not belong together");
  return key;
}

function readJwk(pem: string): JsonWebKey {
  try {
    return createPrivateKey({ key: pem, format: "pem" }).export({ format: "jwk" });
  } catch {
    // OpenSSL's own words may quote what it could not read.
    throw new SyntaxError("not a readable private key");
  }
}

function coordinates({ publicKey }: SecretKey): readonly [string, string] {
  return [toBase64url(publicKey.subarray(1, 33)), toBase64url(publicKey.subarray(33))];
}

/** Returns the public point by OpenSSL, which a starting node need not wait for. */
function publicPointOf(scalar: Uint8Array): Uint8Array {
  const pair = createECDH("prime256v1");
  pair.setPrivateKey(scalar);
  return Uint8Array.from(pair.getPublicKey());
}
