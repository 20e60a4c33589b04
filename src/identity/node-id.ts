/**
 * The id of a key (docs/protocol/01-identity.md): all a client needs to know of a node. It can be checked against the key,
 * and is neither a secret nor a proof.
 */

import { sha256 } from "../crypto/hash.ts";
import type { PublicKey } from "../crypto/p256.ts";
import { toSpki } from "../crypto/spki.ts";
import { toBase32 } from "../foundation/base32.ts";
import { type NodeId, uuidFromBytes } from "../foundation/ids.ts";

const FINGERPRINT_BYTES = 20;

/** Returns the UUIDv8 of bytes 0–15 of SHA-256 over the key's SPKI. */
export function nodeIdOf(key: PublicKey): NodeId {
  return uuidFromBytes(sha256(toSpki(key)), 8) as NodeId;
}

/** Returns bytes 0–19 of the same hash in Crockford base32, in eight groups of four, for people to compare. */
export function fingerprintOf(key: PublicKey): string {
  const text = toBase32(sha256(toSpki(key)).subarray(0, FINGERPRINT_BYTES));
  return text.replace(/.{4}(?=.)/g, "$&-");
}
