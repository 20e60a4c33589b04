/** Tables of our documents, as a test reads them. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Returns the text of a file in `docs/`. */
export function documentText(name: string): string {
  return readFileSync(join(import.meta.dirname, "../../docs", name), "utf8");
}

/** Returns the rows of every table whose first heading is this, by heading; code marks are taken off cells that are nothing else. */
export function rowsUnder(text: string, heading: string): readonly Readonly<Record<string, string>>[] {
  const blocks = text.split(/\n(?!\|)/).map((block) => block.split("\n").filter((line) => line.startsWith("|")));
  return blocks.flatMap(([head = "", , ...rows]) => {
    const names = cells(head);
    if (names[0] !== heading) return [];
    return rows.map((row) => Object.fromEntries(cells(row).map((cell, i) => [names[i] ?? "", cell])));
  });
}

function cells(row: string): readonly string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) =>
      cell
        .trim()
        .replaceAll("\\|", "|")
        .replace(/^`([^`]*)`$/, "$1"),
    );
}
