/** Chance as an argument. This is the one file that draws randomness. */

import { base62Character } from "./base62.ts";

export interface Random {
  /** Returns `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
}

export const systemRandom: Random = {
  bytes: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
};

/**
 * Returns a source that cuts many small draws out of one of `size` bytes, which costs a tenth. For ids: never for
 * secrets, whose bytes would stay in memory until the pool is drawn anew.
 */
export function pooled(random: Random, size = 4096): Random {
  let pool: Uint8Array = new Uint8Array();
  let next = 0;
  return {
    bytes: (length) => {
      if (next + length > pool.length) {
        pool = random.bytes(Math.max(size, length));
        next = 0;
      }
      next += length;
      return pool.subarray(next - length, next);
    },
  };
}

/** Returns `length` uniform decimal digits. Bytes of 250 and more are drawn again: they would favour 0 to 5. */
export function randomDigits(random: Random, length: number): string {
  return draw(random, length, (byte) => (byte < 250 ? String(byte % 10) : undefined));
}

/** Returns `length` uniform base62 characters. */
export function randomBase62(random: Random, length: number): string {
  return draw(random, length, base62Character);
}

function draw(random: Random, length: number, character: (byte: number) => string | undefined): string {
  let text = "";
  while (text.length < length) {
    for (const byte of random.bytes(length - text.length)) text += character(byte) ?? "";
  }
  return text;
}
