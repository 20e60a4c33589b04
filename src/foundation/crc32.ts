/** CRC-32 (ISO-HDLC, the one of zip and PNG): finds a mistyped token before any look-up. No security rests on it. */

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Returns the checksum of the characters from `start` to `end`, by the low byte of each, as an unsigned 32-bit integer. */
export function crc32(ascii: string, start = 0, end = ascii.length): number {
  let value = 0xffffffff;
  for (let i = start; i < end; i++) value = (value >>> 8) ^ (TABLE[(value ^ ascii.charCodeAt(i)) & 0xff] ?? 0);
  return (value ^ 0xffffffff) >>> 0;
}
