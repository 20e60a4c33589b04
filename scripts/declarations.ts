/**
 * The declarations of the two entry points that programs import, by tsc, and of what these name; what only the code
 * behind them imports is left out. They need no package but Node's own types.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";

/** One for Node, one for browsers. */
const PROJECTS = ["tsconfig.types.json", "src/sdk-browser/tsconfig.types.json"];

/** Writes `dist/types/`. Throws with tsc's own words, or when a declaration needs a package that is not installed with ours. */
export function emitDeclarations(root: string): void {
  const [sources, types] = [join(root, "src"), join(root, "dist/types")];
  const entries = PROJECTS.flatMap((project) => emit(root, project));
  const named = reachable(entries.map((path) => join(types, relative(sources, path).replace(/\.ts$/, ".d.ts"))));
  for (const path of readdirSync(types, { recursive: true, encoding: "utf8" }).map((name) => join(types, name))) {
    if (!path.endsWith(".d.ts")) continue;
    if (named.has(path)) finish(path);
    else rmSync(path);
  }
}

/** Emits the declarations of one project and returns its entry points. */
function emit(root: string, project: string): readonly string[] {
  const path = join(root, project);
  const { config } = ts.readConfigFile(path, (file) => readFileSync(file, "utf8")) as { config: unknown };
  const { fileNames, options, errors } = ts.parseJsonConfigFileContent(config, ts.sys, dirname(path));
  const program = ts.createProgram(fileNames, options);
  const problems = [...errors, ...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  if (problems.length > 0) throw new Error(say(problems, root));
  return fileNames;
}

/** Returns these declarations and all that they name. */
function reachable(entries: readonly string[]): ReadonlySet<string> {
  const found = new Set(entries);
  for (const path of found) {
    const neighbours = importsOf(readFileSync(path, "utf8")).filter((name) => name.startsWith("."));
    for (const name of neighbours) found.add(join(dirname(path), name.replace(/\.[jt]s$/, ".d.ts")));
  }
  return found;
}

function importsOf(text: string): readonly string[] {
  return ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
}

/** Points the imports at `.js`, as every resolver expects; throws when one is neither a neighbour nor Node's own. */
function finish(path: string): void {
  const text = readFileSync(path, "utf8");
  const imported = importsOf(text);
  const foreign = imported.filter((name) => !name.startsWith(".") && !name.startsWith("node:"));
  if (foreign.length > 0) throw new Error(`${path} needs ${foreign.join(", ")}, which is not installed with the package`);
  writeFileSync(path, text.replace(/(\bfrom |\bimport\()"(\.[^"]+)\.ts"/g, '$1"$2.js"'));
}

function say(problems: readonly ts.Diagnostic[], root: string): string {
  return ts.formatDiagnostics(problems, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => root,
    getNewLine: () => "\n",
  });
}
