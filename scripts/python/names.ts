/** Names as Python writes them. `clients/python/src/cider_fleet/result.py` makes the same from members at run time. */

/** Characters of the longest line. */
const LINE = 130;

const WORD = /[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+/g;

/** Words of the language that a member of an input or answer could be called. */
const KEYWORDS: readonly string[] = [
  "as",
  "class",
  "def",
  "except",
  "from",
  "global",
  "if",
  "import",
  "in",
  "is",
  "pass",
  "with",
];

/** Returns `total_memory_gb` for `totalMemoryGB`, `list_vms` for `ListVMs`, `except_` for the keyword. */
export function snakeCase(name: string): string {
  const snake = name.replace(WORD, (word, offset: number) =>
    offset > 0 && name.charAt(offset - 1) !== "_" ? `_${word.toLowerCase()}` : word.toLowerCase(),
  );
  return KEYWORDS.includes(snake) ? `${snake}_` : snake;
}

/** Returns `NodeInfo` for `nodeInfo`. */
export function className(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Returns `line`, or its list over several lines when it is longer than the project's lines are. */
export function wrapped(before: string, entries: readonly string[], after: string): string {
  const line = before + entries.join(", ") + after;
  if (line.length <= LINE) return line;
  const indent = /^ */.exec(before)?.[0] ?? "";
  return [before, ...entries.map((entry) => `${indent}    ${entry},`), indent + after].join("\n");
}

/** Returns a Python string literal. */
export function literal(text: string): string {
  return JSON.stringify(text);
}
