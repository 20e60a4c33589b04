/** The fields of a request as they arrived: raw, because a signature covers bytes and not what a framework made of them. */

import { malformed } from "../wire/signature-fields.ts";

/** A request's fields by lower-case name. */
export class RawFields {
  readonly #values = new Map<string, string>();
  /** Names that stood on more than one line; mostly none. */
  #repeated: readonly string[] = [];

  /** @param raw name, value, name, value …, as `IncomingMessage.rawHeaders` holds them */
  constructor(raw: readonly string[]) {
    for (let i = 0; i + 1 < raw.length; i += 2) this.#add((raw[i] ?? "").toLowerCase(), trim(raw[i + 1] ?? ""));
  }

  /** Returns the value, several lines joined by `, ` (RFC 9421 §2.1), or undefined when the field was not sent. */
  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Returns the value of a field that may stand once; throws SIGNATURE_MALFORMED when it is missing or repeated. */
  single(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw malformed(`the signature needs the field ${name}, which was not sent`);
    if (this.#repeated.includes(name)) throw malformed(`the field ${name} was sent twice`);
    return value;
  }

  #add(name: string, value: string): void {
    const before = this.#values.get(name);
    if (before !== undefined) this.#repeated = [...this.#repeated, name];
    this.#values.set(name, before === undefined ? value : `${before}, ${value}`);
  }
}

/** Removes spaces and tabs at both ends, nothing else: other white space is part of the value. */
function trim(value: string): string {
  return /^[ \t]|[ \t]$/.test(value) ? value.replace(/^[ \t]+|[ \t]+$/g, "") : value;
}
