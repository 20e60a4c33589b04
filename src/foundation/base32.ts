/** Crockford's base32: no I, L, O, U, so that people can read a fingerprint to each other. */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Returns Crockford base32 in upper case; a last group shorter than 5 bits is filled with zeros. */
export function toBase32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let width = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    width += 8;
    while (width >= 5) {
      width -= 5;
      text += ALPHABET.charAt((bits >> width) & 31);
    }
  }
  return width === 0 ? text : text + ALPHABET.charAt((bits << (5 - width)) & 31);
}
