/**
 * Writes the parts of the Python client that are the project's tables: operations with the shapes of their answers, and
 * errors. `--names` prints the operations as JSON instead, for the client's own tests.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ERRORS } from "../src/foundation/errors.ts";
import { methodsSource, operationNames } from "./python/methods.ts";
import { literal, wrapped } from "./python/names.ts";
import { exportedNames, Shapes } from "./python/shapes.ts";

const ROOT = join(import.meta.dirname, "..");

/** Where the files below stand. */
export const PYTHON_PACKAGE = join(ROOT, "clients/python/src/cider_fleet");

const MADE = "Made by `npm run generate:python` from the project's tables; change those.";

/** Returns the text of each file that is made, by its name in the package. */
export async function pythonFiles(): Promise<Readonly<Record<string, string>>> {
  const shapes = new Shapes(await exportedNames(join(ROOT, "src/catalogue")));
  const methods = methodsSource(shapes);
  return {
    "error_table.py": errorTable(),
    "shapes.py": shapesFile(shapes),
    "operations.py": operationsFile(shapes, methods),
  };
}

function errorTable(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, meaning, remedy }]) =>
      `    ${literal(code)}: ErrorEntry(${status}, ${literal(meaning)}, ${literal(remedy)}),`,
  );
  return [
    `"""Every error code: HTTP status (0 where nothing was answered), meaning, and what to do next.\n\n${MADE}\n"""`,
    "\nfrom __future__ import annotations\n",
    "from typing import Mapping, NamedTuple\n\n",
    "class ErrorEntry(NamedTuple):",
    '    """One row of the table."""\n',
    "    status: int\n    meaning: str\n    remedy: str\n\n",
    "ERRORS: Mapping[str, ErrorEntry] = {",
    ...rows,
    "}\n",
  ].join("\n");
}

function shapesFile(shapes: Shapes): string {
  return [
    `"""What operations answer, as types. Times are RFC 3339 UTC with milliseconds; GB are 2^30 bytes.\n\n${MADE}\n"""`,
    "\nfrom __future__ import annotations\n",
    `from typing import ${used(["Any", "ClassVar", "List", "Literal", "Mapping", "Optional", "Tuple", "Type"], shapes.source).join(", ")}\n`,
    "from .result import Result\n",
    `${wrapped("__all__ = [", shapes.names.map(literal), "]")}\n\n`,
    shapes.source,
  ].join("\n");
}

function operationsFile(shapes: Shapes, methods: string): string {
  return [
    `"""Every operation as a method.\n\n${MADE}\n"""`,
    "\nfrom __future__ import annotations\n",
    `from typing import ${used(["Any", "List", "Literal", "Mapping", "Optional", "Sequence", "Union"], methods).join(", ")}\n`,
    `from .given import ${used(["UNSET", "Unset", "given"], methods).join(", ")}`,
    "from .result import Result",
    `from .shapes import (\n${used(shapes.names, methods)
      .map((name) => `    ${name},`)
      .join("\n")}\n)\n\n`,
    methods,
  ].join("\n");
}

/** Returns the names that stand in the text. */
function used(names: readonly string[], text: string): readonly string[] {
  return names.filter((name) => new RegExp(`\\b${name}\\b`).test(text));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (process.argv.includes("--names")) process.stdout.write(`${JSON.stringify(operationNames())}\n`);
  else for (const [name, text] of Object.entries(await pythonFiles())) writeFileSync(join(PYTHON_PACKAGE, name), text);
}
