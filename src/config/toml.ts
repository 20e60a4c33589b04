/** The file as data, and where in it a key stands. */

import { parse, TomlError } from "smol-toml";
import { FleetError } from "../foundation/errors.ts";

/** A place in a file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A table of the file whose members have not been looked at. */
export type Table = Readonly<Record<string, unknown>>;

/** Returns the file's content; throws CONFIG_INVALID with line and column when it is not TOML. */
export function parseToml(text: string, file: string): Table {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = "this is not TOML"] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    throw invalidAt(file, error, reason);
  }
}

/** Returns CONFIG_INVALID in the form editors jump to: `file:line:column: reason`. */
export function invalidAt(file: string, { line, column }: Position, reason: string, key?: string): FleetError {
  const details = { file, line, column, ...(key === undefined ? {} : { key }) };
  return new FleetError("CONFIG_INVALID", `${file}:${line}:${column}: ${reason}`, details);
}

/**
 * Returns where the key at `path` is written. The parser keeps no positions, so ever longer beginnings of the file are
 * parsed: the key is in the lines that made it appear first.
 */
export function positionOf(text: string, path: readonly string[]): Position {
  const lines = text.split("\n");
  let start = 0;
  for (let end = 1; end <= lines.length; end++) {
    const table = parseIfWhole(lines.slice(0, end).join("\n"));
    if (table === undefined) continue;
    if (has(table, path)) return positionIn(lines.slice(start, end), start, path.at(-1) ?? "");
    start = end;
  }
  return { line: 1, column: 1 };
}

function parseIfWhole(text: string): Table | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function has(table: Table, path: readonly string[]): boolean {
  let value: unknown = table;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Table)[key];
  }
  return true;
}

function positionIn(lines: readonly string[], before: number, key: string): Position {
  const word = new RegExp(`(?<![\\w-])${key.replace(/[^\w-]/g, "\\$&")}(?![\\w-])`);
  const found = lines.map((line) => line.search(word));
  const index = Math.max(
    0,
    found.findIndex((column) => column >= 0),
  );
  return { line: before + index + 1, column: Math.max(0, found[index] ?? 0) + 1 };
}
