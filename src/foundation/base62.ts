/** Base62 as `csk_` tokens use it: alphabet 0-9A-Za-z. */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Values of the characters by their ASCII code; -1 for those that are none. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)));

/** Largest multiple of 62 that a byte can stay below; bytes from here on would bias the draw. */
const UNBIASED = 248;

/** Returns `value` (a non-negative integer) in base62, left-padded with `0` to `width` characters. */
export function toBase62(value: number, width: number): string {
  let text = "";
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) text = `${ALPHABET[rest % 62]}${text}`;
  return text.padStart(width, "0");
}

/** Returns whether every character from `start` on is base62. */
export function isBase62(text: string, start: number): boolean {
  for (let i = start; i < text.length; i++) if ((VALUES[text.charCodeAt(i)] ?? -1) < 0) return false;
  return true;
}

/** Returns the integer that the base62 characters from `start` on write. */
export function fromBase62(text: string, start: number): number {
  let value = 0;
  for (let i = start; i < text.length; i++) value = 62 * value + (VALUES[text.charCodeAt(i)] ?? 0);
  return value;
}

/** Returns the base62 character a random byte stands for, or undefined when taking it would bias the draw. */
export function base62Character(byte: number): string | undefined {
  return byte < UNBIASED ? ALPHABET[byte % 62] : undefined;
}
