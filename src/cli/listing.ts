/** Rows for people: columns with a heading, or names beside values. Without borders, so that lines can be copied. */

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
const STYLE = { head: [], border: [], "padding-left": 0, "padding-right": 2 };

/** Returns rows below a heading, each column as wide as its widest value. */
export function columns(screen: Screen, heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new CliTable({ chars: NO_BORDERS, style: STYLE, head: heading.map((word) => screen.paint("dim", word)) });
  table.push(...rows.map((row) => row.map(printable)));
  return trimmed(table.toString());
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
