/** SubjectPublicKeyInfo of a P-256 key (RFC 5480): one fixed prefix, then the uncompressed point. */

import { concat, fromHex } from "../foundation/bytes.ts";
import { type PublicKey, parsePublicKey } from "./p256.ts";

const PREFIX = fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");

/** Returns the 91 bytes of the key's SPKI. */
export function toSpki(key: PublicKey): Uint8Array {
  return concat(PREFIX, key);
}

/** Returns the key of a 91-byte SPKI; throws SyntaxError for other algorithms, forms or lengths. */
export function fromSpki(spki: Uint8Array): PublicKey {
  if (spki.length !== 91 || PREFIX.some((byte, i) => spki[i] !== byte)) throw new SyntaxError("not the SPKI of a P-256 key");
  return parsePublicKey(Uint8Array.from(spki.subarray(PREFIX.length)));
}
