/** Text from elsewhere, made fit to be seen. */

/** Control characters (Cc), and the bidirectional formatting characters of UAX #9, which show text in another order. */
export const STEERING = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Returns the text without what could move the cursor, colour the screen or turn text around. */
export function printable(text: string): string {
  return text.replace(STEERING, "?");
}

/** Returns a character as JSON escapes it. */
export function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
