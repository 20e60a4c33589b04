/** Chance as an argument. This is the one file that draws randomness. */

import { base62Character } from "./base62.ts";

/** A source of chance. */
export interface Random {
  /** Returns `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
}

/** Bytes asked of the system at once: 16 cost as much as 512, a microsecond. */
const POOL = 512;

const pool = new Uint8Array(POOL);
let used = POOL;

/** The system's own, drawn in blocks. */
export const systemRandom: Random = {
  bytes: (length) => {
    if (length > POOL) return globalThis.crypto.getRandomValues(new Uint8Array(length));
    if (used + length > POOL) {
      globalThis.crypto.getRandomValues(pool);
      used = 0;
    }
    const bytes = pool.slice(used, used + length);
    pool.fill(0, used, used + length); // a secret stays with who asked for it
    used += length;
    return bytes;
  },
};

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
