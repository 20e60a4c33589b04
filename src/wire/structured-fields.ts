/**
 * Dictionaries of structured field values (RFC 9651 §4.2.2), read as strangers write them.
 *
 * Written by hand although `structured-headers` exists: its maps keep the last of two equal keys, and a signature whose
 * label or parameter appears twice must be refused, not resolved. It is the reference in the tests, and 4 times slower.
 * Byte sequences stay base64 text here: whoever needs the bytes decodes them with what the platform has.
 */

import { fromUtf8 } from "../foundation/bytes.ts";

/** What is neither string nor integer: its type, and its text as sent without delimiters. */
export interface OtherItem {
  readonly type: "bytes" | "token" | "decimal" | "boolean" | "date" | "display";
  readonly text: string;
}

/** A string is a String (unescaped), a number an Integer. */
export type BareItem = string | number | OtherItem;

/** In the order sent; a name may appear twice. */
export interface Parameter {
  readonly name: string;
  readonly value: BareItem;
}

/** A value with its parameters (RFC 9651 §3.3). */
export interface Item {
  readonly value: BareItem;
  readonly parameters: readonly Parameter[];
}

/** `items` is there for an inner list, `value` for anything else. */
export type Member = {
  readonly key: string;
  readonly parameters: readonly Parameter[];
} & ({ readonly items: readonly Item[] } | { readonly value: BareItem });

const TRUE: OtherItem = { type: "boolean", text: "1" };
const NONE: readonly Parameter[] = [];

/** Returns the members in the order sent, duplicates included; throws SyntaxError where RFC 9651 says parsing fails. */
export function parseDictionary(text: string): readonly Member[] {
  return new Reader(text).dictionary();
}

/** Character classes of RFC 9651 §3 as bits, so that one look-up answers. */
const KEY_START = 1;
const KEY = 2;
const DIGIT = 4;
const TOKEN_START = 8;
const TOKEN = 16;
const BASE64 = 32;

const CLASSES = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code);
  return (
    (/[a-z*]/.test(character) ? KEY_START : 0) |
    (/[a-z0-9_\-.*]/.test(character) ? KEY : 0) |
    (/[0-9]/.test(character) ? DIGIT : 0) |
    (/[A-Za-z*]/.test(character) ? TOKEN_START : 0) |
    (/[A-Za-z0-9!#$%&'*+\-.^_`|~:/]/.test(character) ? TOKEN : 0) |
    (/[A-Za-z0-9+/]/.test(character) ? BASE64 : 0)
  );
});

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const PERCENT = 0x25;
const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUESTION = 0x3f;
const AT = 0x40;
const BACKSLASH = 0x5c;

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  dictionary(): Member[] {
    const members: Member[] = [];
    this.#skipSpaces();
    while (this.#at < this.#text.length) {
      members.push(this.#member());
      this.#skipWhitespace();
      if (this.#at === this.#text.length) break;
      this.#expect(COMMA);
      this.#skipWhitespace();
      if (this.#at === this.#text.length) throw new SyntaxError("comma at the end of a structured field");
    }
    return members;
  }

  #member(): Member {
    const key = this.#key();
    if (!this.#take(EQUALS)) return { key, value: TRUE, parameters: this.#parameters() };
    if (!this.#take(OPEN)) return { key, value: this.#bareItem(), parameters: this.#parameters() };
    return { key, items: this.#innerList(), parameters: this.#parameters() };
  }

  /** The items behind `(` up to and with `)`. */
  #innerList(): Item[] {
    const items: Item[] = [];
    for (;;) {
      this.#skipSpaces();
      if (this.#take(CLOSE)) return items;
      items.push({ value: this.#bareItem(), parameters: this.#parameters() });
      const next = this.#peek();
      if (next !== SPACE && next !== CLOSE) throw this.#unexpected();
    }
  }

  #parameters(): readonly Parameter[] {
    if (this.#peek() !== SEMICOLON) return NONE;
    const parameters: Parameter[] = [];
    while (this.#take(SEMICOLON)) {
      this.#skipSpaces();
      const name = this.#key();
      parameters.push({ name, value: this.#take(EQUALS) ? this.#bareItem() : TRUE });
    }
    return parameters;
  }

  #key(): string {
    if (!this.#is(KEY_START)) throw this.#unexpected();
    return this.#run(KEY);
  }

  #bareItem(): BareItem {
    const next = this.#peek();
    if (next === QUOTE) return this.#string();
    if (next === MINUS || this.#is(DIGIT)) return this.#number();
    if (next === COLON) return { type: "bytes", text: this.#bytes() };
    if (next === QUESTION) return { type: "boolean", text: this.#boolean() };
    if (next === AT) return { type: "date", text: this.#date() };
    if (next === PERCENT) return { type: "display", text: this.#displayString() };
    if (this.#is(TOKEN_START)) return { type: "token", text: this.#run(TOKEN) };
    throw this.#unexpected();
  }

  /** §4.2.5 */
  #string(): string {
    const text = this.#text;
    const from = ++this.#at;
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return text.slice(from, at);
      }
      if (code === BACKSLASH) return this.#escapedString();
      if (code < SPACE || code > 0x7e) throw new SyntaxError("character outside ASCII in a string");
    }
    throw new SyntaxError("string without end");
  }

  /** The rare string with a backslash; starts behind the opening quote. */
  #escapedString(): string {
    const match = this.#match(/((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y);
    return match.replace(/\\(.)/g, "$1");
  }

  /** §4.2.4: 15 digits of an integer, or 12 and 1 to 3 of a decimal. */
  #number(): number | OtherItem {
    const from = this.#at;
    this.#take(MINUS);
    const digits = this.#digits(15);
    if (!this.#take(DOT)) return Number(this.#text.slice(from, this.#at));
    this.#digits(3);
    if (digits > 12) throw this.#unexpected();
    return { type: "decimal", text: this.#text.slice(from, this.#at) };
  }

  /** Returns how many digits it passed, 1 to `most`. */
  #digits(most: number): number {
    const from = this.#at;
    while (this.#is(DIGIT)) this.#at++;
    const count = this.#at - from;
    if (count === 0 || count > most) throw new SyntaxError("number out of range in a structured field");
    return count;
  }

  /** §4.2.7: padding may be missing (a parser SHOULD NOT fail on that), wrong padding may not stand. */
  #bytes(): string {
    const from = ++this.#at;
    while (this.#is(BASE64)) this.#at++;
    const length = this.#at - from;
    let padding = 0;
    while (this.#take(EQUALS)) padding++;
    const text = this.#text.slice(from, this.#at);
    this.#expect(COLON);
    if (padding === 0 ? length % 4 === 1 : padding > 2 || text.length % 4 !== 0) throw new SyntaxError("not base64");
    return text;
  }

  #boolean(): string {
    return this.#match(/\?([01])/y);
  }

  #date(): string {
    return this.#match(/@(-?[0-9]{1,15})(?![0-9.])/y);
  }

  /** §4.2.10: percent-encoded UTF-8, hex in lower case. Returned as sent, once it is known to decode. */
  #displayString(): string {
    const text = this.#match(/%"((?:[\x20-\x21\x23-\x24\x26-\x7e]|%[0-9a-f]{2})*)"/y);
    const bytes = text.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    fromUtf8(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
    return text;
  }

  /** Returns the first group of a sticky expression that must match here. */
  #match(expression: RegExp): string {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#text);
    if (match === null) throw this.#unexpected();
    this.#at = expression.lastIndex;
    return match[1] ?? "";
  }

  /** Returns the longest run of the class from here. */
  #run(mask: number): string {
    const from = this.#at;
    do this.#at++;
    while (this.#is(mask));
    return this.#text.slice(from, this.#at);
  }

  /** The character code here; NaN at the end. */
  #peek(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #is(mask: number): boolean {
    return ((CLASSES[this.#text.charCodeAt(this.#at)] ?? 0) & mask) !== 0;
  }

  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  #expect(code: number): void {
    if (!this.#take(code)) throw this.#unexpected();
  }

  #skipSpaces(): void {
    while (this.#peek() === SPACE) this.#at++;
  }

  #skipWhitespace(): void {
    for (let code = this.#peek(); code === SPACE || code === TAB; code = this.#peek()) this.#at++;
  }

  #unexpected(): SyntaxError {
    return new SyntaxError(`unexpected character at offset ${this.#at} of a structured field`);
  }
}
