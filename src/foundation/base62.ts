/** Base62 as `csk_` tokens use it: alphabet 0-9A-Za-z. */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Largest multiple of 62 that a byte can stay below; bytes from here on would bias the draw. */
const UNBIASED = 248;

/** Returns `value` (a non-negative integer) in base62, left-padded with `0` to `width` characters. */
export function toBase62(value: number, width: number): string {
  let text = "";
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) text = `${ALPHABET[rest % 62]}${text}`;
  return text.padStart(width, "0");
}

/** Returns the base62 character a random byte stands for, or undefined when taking it would bias the draw. */
export function base62Character(byte: number): string | undefined {
  return byte < UNBIASED ? ALPHABET[byte % 62] : undefined;
}
