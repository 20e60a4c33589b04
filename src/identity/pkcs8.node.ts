/** P-256 private keys as PKCS#8 PEM (RFC 5958, RFC 7468), the form every tool reads. */

import { createPrivateKey, type KeyObject } from "node:crypto";
import { SecretKey } from "../crypto/secret-key.ts";
import { fromBase64url, toBase64url } from "../foundation/bytes.ts";

const LABEL = "-----BEGIN PRIVATE KEY-----";

/** Returns the key as node:crypto holds it. */
export function toKeyObject(key: SecretKey): KeyObject {
  const [x, y] = [key.publicKey.subarray(1, 33), key.publicKey.subarray(33)];
  const jwk = { kty: "EC", crv: "P-256", d: toBase64url(key.reveal()), x: toBase64url(x), y: toBase64url(y) };
  return createPrivateKey({ key: jwk, format: "jwk" });
}

/** Returns PKCS#8 PEM, for the file that keeps the key. */
export function toPkcs8Pem(key: SecretKey): string {
  return toKeyObject(key).export({ type: "pkcs8", format: "pem" }).toString();
}

/** Returns the key of PKCS#8 PEM; throws SyntaxError, without repeating any of it, unless it is an unencrypted P-256 key. */
export function fromPkcs8Pem(pem: string): SecretKey {
  if (!pem.trimStart().startsWith(LABEL)) throw new SyntaxError("not a PKCS#8 private key in PEM");
  let scalar: string | undefined;
  try {
    const key = createPrivateKey({ key: pem, format: "pem" });
    const jwk = key.export({ format: "jwk" });
    scalar = jwk.crv === "P-256" ? jwk.d : undefined;
  } catch {
    // OpenSSL's own words may quote what it could not read.
    throw new SyntaxError("not a readable private key");
  }
  if (scalar === undefined) throw new SyntaxError("not a P-256 key");
  return SecretKey.fromBytes(fromBase64url(scalar));
}
