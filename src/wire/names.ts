/** Names people give to nodes, peers and tokens: compared, signed and stored as the bytes that were sent. */

import { utf8 } from "../foundation/bytes.ts";
import { invalid } from "./parse.ts";

const MAX_BYTES = 64;

/** Control characters (Cc), surrogates that stand alone (Cs), and the bidirectional formatting characters of UAX #9. */
const REFUSED = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Returns whether `text` is 1–64 bytes of UTF-8 without characters that could disguise it. Nothing is trimmed. */
export function isName(text: unknown): text is string {
  if (typeof text !== "string" || text.length === 0 || REFUSED.test(text)) return false;
  return utf8(text).length <= MAX_BYTES;
}

/** Returns `text` unchanged; throws INVALID_REQUEST naming `field` when it is not a name. */
export function parseName(text: unknown, field: string): string {
  if (!isName(text)) {
    throw invalid(field, `1 to ${MAX_BYTES} bytes of UTF-8 without control or direction characters`);
  }
  return text;
}
