/**
 * The text of a bearer secret: prefix, 32 random base62 characters, and 6 of CRC-32 over those 32. By the
 * checksum a client finds a cut or mistyped token without asking, and scanners tell a leaked one from chance; no security
 * rests on it.
 */

import { fromBase62, isBase62, toBase62 } from "../foundation/base62.ts";
import { crc32 } from "../foundation/crc32.ts";
import { type Random, randomBase62 } from "../foundation/random.ts";

/** Prefix of an API token. */
export const TOKEN_PREFIX = "csk_";

/** Prefix of a bearer, which a token or peer is exchanged for and which lives for minutes. */
export const BEARER_PREFIX = "cst_";

const RANDOM_CHARACTERS = 32;
const CHECKSUM_CHARACTERS = 6;

/** Returns a new secret of 190 bits; with the default prefix 42 characters. */
export function makeTokenText(random: Random, prefix: string = TOKEN_PREFIX): string {
  const body = randomBase62(random, RANDOM_CHARACTERS);
  return prefix + body + checksum(body);
}

/**
 * Returns whether `text` has the form and checksum of such a secret; says nothing of whether it was ever issued. Every
 * request of a bearer comes by here, so nothing is cut out of the text.
 */
export function isTokenText(text: unknown, prefix: string = TOKEN_PREFIX): text is string {
  if (typeof text !== "string" || !text.startsWith(prefix)) return false;
  const [start, end] = [prefix.length, prefix.length + RANDOM_CHARACTERS];
  if (text.length !== end + CHECKSUM_CHARACTERS || !isBase62(text, start)) return false;
  return crc32(text, start, end) === fromBase62(text, end);
}

/** Returns whether the text of a token or bearer stands anywhere in `text`, as when one was pasted into the wrong field. */
export function holdsTokenText(text: string): boolean {
  return [TOKEN_PREFIX, BEARER_PREFIX].some((prefix) => {
    const length = prefix.length + RANDOM_CHARACTERS + CHECKSUM_CHARACTERS;
    const at = text.indexOf(prefix);
    return at >= 0 && (isTokenText(text.slice(at, at + length), prefix) || holdsTokenText(text.slice(at + prefix.length)));
  });
}

/** What can be said of a token's text without its node: nothing of whether it is good. */
export type TokenInspection = { readonly wellFormed: false } | { readonly wellFormed: true; readonly tokenPrefix: string };

/** Characters that records and lists show, to tell tokens apart: `csk_` and eight more, none of the checksum. */
export const SHOWN_CHARACTERS = 12;

/** Returns whether the text has form and checksum of an API token, and what lists show of it. Offline; the text is not repeated. */
export function inspectToken(text: string): TokenInspection {
  return isTokenText(text) ? { wellFormed: true, tokenPrefix: text.slice(0, SHOWN_CHARACTERS) } : { wellFormed: false };
}

function checksum(body: string): string {
  return toBase62(crc32(body), CHECKSUM_CHARACTERS);
}
