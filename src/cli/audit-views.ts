/** How entries of the record look to people and to spreadsheets. */

import type { AuditEntry } from "../sdk-node/index.ts";

type Change = AuditEntry["changes"][number];

/** What is told of a live entry: all but its hash. */
export type Shown = Pick<AuditEntry, "seq" | "at" | "actor" | "operation" | "from" | "changes">;

/** Above the table of entries. */
export const HEADING = ["NO", "AT", "WHO", "FROM", "OPERATION", "WHAT"];

/** Kept beside a change so that its repeat is known: `--json`, `audit show` and exports have it, a row has no use for it. */
const UNTOLD = "call.keyed";

/** Returns the entry as one row, with the time to the second. */
export function rowOf({ seq, at, actor, from, operation, changes }: Shown): readonly string[] {
  const told = changes.filter(({ type }) => type !== UNTOLD);
  return [String(seq), at.replace(/\.\d+Z$/, "Z"), actor, from ?? "", operation, told.map(sayChange).join(", ")];
}

/** Returns the change in few words: its type, and what names the thing. */
function sayChange(change: Change): string {
  const { name, id, code, address } = change;
  const thing = [name, code, address, id].find((member) => typeof member === "string");
  return typeof thing === "string" ? `${change.type} ${thing}` : change.type;
}

const COLUMNS = ["seq", "at", "actor", "from", "request", "operation", "outcome", "refusal", "changes", "hash"] as const;

/** First line of an export. */
export const CSV_HEADING = COLUMNS.join(",");

/** Returns the entry as a line of CSV (RFC 4180); changes are JSON in one cell. */
export function csvLine(entry: AuditEntry): string {
  return COLUMNS.map((column) => cell(column === "changes" ? jsonOf(entry.changes) : String(entry[column] ?? ""))).join(",");
}

/** In many countries spreadsheets split lines at semicolons, and would take half a name for a cell of its own. */
function jsonOf(changes: readonly Change[]): string {
  return JSON.stringify(changes).replaceAll(";", "\\u003b");
}

/** A cell that begins like a formula (OWASP: CSV injection) is text, so that no spreadsheet runs what a stranger named. */
function cell(text: string): string {
  const safe = /^[=+\-@＝＋－＠\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
