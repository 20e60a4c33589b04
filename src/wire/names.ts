/** Names people give to nodes, peers and tokens: compared, signed and stored as the bytes that were sent. */

import { utf8 } from "../foundation/bytes.ts";
import { invalid } from "./parse.ts";
import { holdsTokenText } from "./token.ts";

const MAX_BYTES = 64;

/** Control characters (Cc), surrogates that stand alone (Cs), and the bidirectional formatting characters of UAX #9. */
const REFUSED = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const FORM = `1 to ${MAX_BYTES} bytes of UTF-8 without control or direction characters`;

/** Returns whether `text` can be a name: see `nameFault`. Nothing is trimmed. */
export function isName(text: unknown): text is string {
  return nameFault(text) === undefined;
}

/** Returns `text` unchanged; throws INVALID_REQUEST naming `field` when it is not a name. */
export function parseName(text: unknown, field: string): string {
  if (isName(text)) return text;
  throw invalid(field, nameFault(text) ?? FORM);
}

/**
 * Returns what a name must be that `text` is not, as "must be …" goes on: 1–64 bytes of UTF-8 without characters that
 * could disguise it, and no secret, because names are shown and recorded. Undefined for a name; `text` is not repeated.
 */
export function nameFault(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length === 0 || REFUSED.test(text) || isLong(text)) return FORM;
  return holdsTokenText(text)
    ? "free of secrets: this one holds the text of a token, and names are shown and recorded"
    : undefined;
}

/** Short names need not be encoded to be counted: no UTF-16 unit takes more than three bytes. */
function isLong(text: string): boolean {
  return 3 * text.length > MAX_BYTES && utf8(text).length > MAX_BYTES;
}
