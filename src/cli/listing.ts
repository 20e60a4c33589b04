/** Rows for people: columns with a heading, or names beside values. Without borders, so that lines can be copied. */

import { stripVTControlCharacters } from "node:util";
import CliTable from "cli-table3";
import { sayDuration } from "../foundation/durations.ts";
import { printable } from "./printable.ts";
import type { Screen } from "./terminal.ts";

const EDGES = [
  "top",
  "top-mid",
  "top-left",
  "top-right",
  "bottom",
  "bottom-mid",
  "bottom-left",
  "bottom-right",
  "left",
  "left-mid",
];
const NO_BORDERS = Object.fromEntries([...EDGES, "mid", "mid-mid", "right", "right-mid", "middle"].map((edge) => [edge, ""]));
/** Spaces between columns. */
const GAP = 2;
const STYLE = { head: [], border: [], "padding-left": 0, "padding-right": GAP };

/** What begins the further lines of a row that is wider than the terminal. */
const INDENT = "    ";

/**
 * Returns rows below a heading, each column as wide as its widest value. On a terminal that is too narrow a row goes on
 * below itself, indented, and so does the heading.
 */
export function columns(screen: Screen, heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [heading.map((word) => screen.paint("dim", word)), ...rows.map((row) => row.map(printable))];
  const parts = partsOf(cells, screen.isTTY ? screen.columns : Number.POSITIVE_INFINITY);
  const lines = parts.map(({ from, to }) => tabulated(cells.map((row) => row.slice(from, to))));
  return cells
    .flatMap((_, row) => lines.map((part, place) => `${place === 0 ? "" : INDENT}${part[row] ?? ""}`.trimEnd()))
    .filter((line) => line !== "")
    .join("\n");
}

/** Returns which columns stand on one line: as many as fit into `width`, at least one. */
function partsOf(cells: readonly (readonly string[])[], width: number): readonly { from: number; to: number }[] {
  const widths = (cells[0] ?? []).map((_, column) => widthOf(cells.map((row) => row[column] ?? "")));
  const parts: { from: number; to: number }[] = [];
  let used = 0;
  for (const [column, wide] of widths.entries()) {
    const part = parts.at(-1);
    if (part !== undefined && used + GAP + wide <= width) {
      part.to = column + 1;
      used += GAP + wide;
    } else {
      parts.push({ from: column, to: column + 1 });
      used = wide + (part === undefined ? 0 : INDENT.length);
    }
  }
  return parts;
}

function widthOf(column: readonly string[]): number {
  const lines = tabulated(column.map((cell) => [cell]));
  return Math.max(...lines.map((line) => stripVTControlCharacters(line).trimEnd().length));
}

/** Returns one line for each row. */
function tabulated(cells: readonly (readonly string[])[]): readonly string[] {
  const table = new CliTable({ chars: NO_BORDERS, style: STYLE });
  table.push(...cells.map((row) => [...row]));
  return table.toString().split("\n");
}

/** Returns one line for each name and value; a value of several lines continues below itself. */
export function pairs(screen: Screen, rows: readonly (readonly [string, string])[]): string {
  const table = new CliTable({ chars: NO_BORDERS, style: STYLE });
  table.push(...rows.map(([name, value]) => [screen.paint("dim", name), value]));
  return trimmed(table.toString());
}

/** Returns how long ago an RFC 3339 time was, `never` for null. */
export function ago(time: string | null, now: number): string {
  if (time === null) return "never";
  const ms = now - Date.parse(time);
  return ms < 1000 ? "just now" : `${sayDuration(ms)} ago`;
}

/** Returns when an RFC 3339 time will be or was, `never` for null. */
export function until(time: string | null, now: number): string {
  if (time === null) return "never";
  const ms = Date.parse(time) - now;
  return ms > 0 ? `in ${sayDuration(ms)}` : ago(time, now);
}

function trimmed(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
