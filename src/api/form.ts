/** Bodies of HTML forms (WHATWG URL §5), which is how OAuth clients send everything (RFC 6749 appendix B). */

import { fromUtf8 } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import type { JsonObject } from "../wire/parse.ts";
import type { Fields } from "./fields.ts";

const FORM_TYPE = /^application\/x-www-form-urlencoded(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

/** Returns whether the body is said to be a form. */
export function isForm(fields: Fields): boolean {
  return FORM_TYPE.test(fields["content-type"] ?? "");
}

/**
 * Returns the members of a form. RFC 6749 §3.2: one without a value counts as not sent, one sent twice is
 * INVALID_REQUEST. Anything but a form is UNSUPPORTED_MEDIA_TYPE.
 */
export function parseForm(bytes: Uint8Array, fields: Fields): JsonObject {
  if (bytes.length === 0) return {};
  if (!isForm(fields) || fields["content-encoding"] !== undefined) {
    throw new FleetError("UNSUPPORTED_MEDIA_TYPE", "send the body as application/x-www-form-urlencoded");
  }
  const members = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(decode(bytes))) {
    if (members.has(name)) throw new FleetError("INVALID_REQUEST", "a member of the form is given twice");
    if (value !== "") members.set(name, value);
  }
  return Object.fromEntries(members);
}

/** Returns one form-encoded value decoded, as RFC 6749 §2.3.1 encodes user and password; a broken escape is TOKEN_INVALID. */
export function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new FleetError("TOKEN_INVALID", "user and password of Basic must be form-encoded");
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch {
    throw new FleetError("INVALID_REQUEST", "the body is not a form in UTF-8");
  }
}
