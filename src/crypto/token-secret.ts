/**
 * What is computed from a token's text: the hash at rest, the look-up a stranger may ask for, and the proof that a
 * node knows the token without either side sending it.
 */

import { concat, lp, utf8 } from "../foundation/bytes.ts";
import { hmacSha256, sha256 } from "./hash.ts";
import type { PublicKey } from "./p256.ts";

/** Separates look-ups from every other hash. */
export const LOOKUP_LABEL = "cider-fleet-token-lookup-v1";

/** Bytes of a look-up. */
export const LOOKUP_LENGTH = 16;

const PROVE_LABEL = "cider-fleet-token-prove-v1";

/** Returns SHA-256 of the token's text: what is stored, and the key by which a presented token is found. */
export function storageHash(token: string): Uint8Array {
  return sha256(utf8(token));
}

/** Returns the 16 bytes by which a client asks a node to prove itself. */
export function tokenLookup(hash: Uint8Array): Uint8Array {
  return sha256(concat(lp(LOOKUP_LABEL), hash)).subarray(0, LOOKUP_LENGTH);
}

/** Returns the 32-byte proof that whoever holds `nodeKey` knows the token behind `hash`; `nonce` is the asker's, 16 bytes. */
export function tokenProof(hash: Uint8Array, nonce: Uint8Array, nodeKey: PublicKey): Uint8Array {
  return hmacSha256(hash, lp(PROVE_LABEL, nonce, nodeKey));
}
