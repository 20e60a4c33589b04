/** Chance as an argument. This is the one file that draws randomness. */

import { base62Character } from "./base62.ts";

export interface Random {
  /** Returns `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
}

export const systemRandom: Random = {
  bytes: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
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
