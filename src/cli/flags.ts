/** The options a person typed: read by name, as the type the command needs, or a UsageError that names the option. */

import { UsageError } from "./failure.ts";

/** Values by long option name without dashes. */
export class Flags {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** All that were given, for code with its own table of options. */
  get values(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  /** Returns whether the switch was given. */
  on(name: string): boolean {
    return this.#values[name] === true;
  }

  /** Returns the value, or undefined when the option was not given. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  /** Returns all values of an option that may be repeated, undefined when there are none. */
  list(name: string): readonly string[] | undefined {
    const value = this.#values[name];
    return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;
  }

  /** Returns the value as one of `words`. */
  word<W extends string>(name: string, words: readonly W[]): W | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : oneOf(name, words, value);
  }

  /** Returns all values of an option that may be repeated, each as one of `words`; undefined when there are none. */
  words<W extends string>(name: string, words: readonly W[]): readonly W[] | undefined {
    return this.list(name)?.map((value) => oneOf(name, words, value));
  }

  /** Returns the value as a whole number from `min` to `max`. */
  whole(name: string, min: number, max: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= min && number <= max)) throw new UsageError(`--${name} must be a whole number from ${min} to ${max}`);
    return number;
  }
}

function oneOf<W extends string>(name: string, words: readonly W[], value: string): W {
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw new UsageError(`--${name} must be one of ${words.join(", ")}`);
  return word;
}
