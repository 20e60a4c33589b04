/**
 * Byte strings and their text forms, for Node and browsers alike.
 *
 * Decoders are strict: what they accept has exactly one spelling. They throw
 * SyntaxError, which the parser at the boundary turns into a coded error.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the UTF-8 bytes of `text`; an unpaired surrogate becomes U+FFFD, so parse names first. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Returns the text of well-formed UTF-8; throws SyntaxError otherwise. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new SyntaxError("bytes are not UTF-8");
  }
}

/** Returns all parts in one new array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/**
 * Returns the first `length` bytes of `gathered` followed by `chunk`, in the same array where there is room. For data that
 * arrives in pieces from a stranger: each piece held by itself would cost hundreds of bytes, however short it is.
 */
export function append(gathered: Uint8Array, length: number, chunk: Uint8Array): Uint8Array {
  if (length === 0) return chunk;
  const needed = length + chunk.length;
  const roomy = needed <= gathered.length ? gathered : new Uint8Array(2 * needed);
  if (roomy !== gathered) roomy.set(gathered.subarray(0, length));
  roomy.set(chunk, length);
  return roomy;
}

/** Returns each part behind its length as a big-endian uint16. Throws RangeError above 65,535 bytes. */
export function lp(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  return concat(
    ...parts.flatMap((part) => {
      const bytes = typeof part === "string" ? utf8(part) : part;
      if (bytes.length > 0xffff) throw new RangeError("a length-prefixed part has at most 65535 bytes");
      return [Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes];
    }),
  );
}

/**
 * Returns whether two byte strings are equal, in time that depends on their lengths alone.
 * JavaScript promises no constant time; this avoids the early exit, which is what can be avoided.
 */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Returns the two lower-case hex digits of a number below 256. */
export function hexOfByte(byte: number): string {
  return HEX[byte] ?? "";
}

/** Returns lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += hexOfByte(byte);
  return text;
}

/** Returns the bytes of lower-case hex; throws SyntaxError for anything else. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) throw new SyntaxError("not lower-case hex");
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Returns base64url without padding (RFC 4648 §5). */
export function toBase64url(bytes: Uint8Array): string {
  return encode64(bytes, BASE64URL);
}

/** Returns the bytes of base64url without padding; padding, foreign characters and stray bits are SyntaxError. */
export function fromBase64url(text: string): Uint8Array {
  return decode64(text, BASE64URL);
}

/** Returns base64 with padding (RFC 4648 §4), as structured fields use it (RFC 9651 §3.3.5). */
export function toBase64(bytes: Uint8Array): string {
  const text = encode64(bytes, BASE64);
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

/** Returns the bytes of base64 with padding; missing padding, foreign characters and stray bits are SyntaxError. */
export function fromBase64(text: string): Uint8Array {
  const bare = text.replace(/={1,2}$/, "");
  if (text.length % 4 !== 0) throw new SyntaxError("not base64 with padding");
  return decode64(bare, BASE64);
}

function encode64(bytes: Uint8Array, alphabet: string): string {
  let text = "";
  let bits = 0;
  let width = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff;
    width += 8;
    while (width >= 6) {
      width -= 6;
      text += alphabet.charAt((bits >> width) & 63);
    }
  }
  return width === 0 ? text : text + alphabet.charAt((bits << (6 - width)) & 63);
}

function decode64(text: string, alphabet: string): Uint8Array {
  if (text.length % 4 === 1) throw new SyntaxError("not base64: impossible length");
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let width = 0;
  let length = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) throw new SyntaxError("not base64: foreign character");
    bits = ((bits << 6) | value) & 0xffff;
    width += 6;
    if (width >= 8) {
      width -= 8;
      out[length++] = (bits >> width) & 0xff;
    }
  }
  if ((bits & ((1 << width) - 1)) !== 0) throw new SyntaxError("not base64: stray bits at the end");
  return out;
}
