/** Hashes of tokens by node:crypto, which is faster, for what every request needs; equal to those of `token-secret.ts`. */

import { hash } from "node:crypto";
import { lp } from "../foundation/bytes.ts";
import { LOOKUP_LABEL, LOOKUP_LENGTH } from "./token-secret.ts";

const LOOKUP_PREFIX = lp(LOOKUP_LABEL);

/** Returns SHA-256 of the token's text as 64 hex characters. */
export function hashOfToken(token: string): string {
  return hash("sha256", token, "hex");
}

/**
 * Returns the same hash as 32 characters of one byte each. Tokens are found under it in memory, because a map takes twice
 * as long over a key of twice the length.
 */
export function keyOfToken(token: string): string {
  return hash("sha256", token, "binary");
}

/** Returns the key of `keyOfToken` for a hash in hex. */
export function keyOfHash(hashHex: string): string {
  return Buffer.from(hashHex, "hex").toString("binary");
}

/** Returns the look-up of a token by its hash, both in hex: `tokenLookup` without the bytes. */
export function lookupOfHash(hashHex: string): string {
  return hash("sha256", Buffer.concat([LOOKUP_PREFIX, Buffer.from(hashHex, "hex")]), "hex").slice(0, 2 * LOOKUP_LENGTH);
}
