/** The declarations of the two entry points that programs import, by tsc. They need no package but Node's own types. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** Writes `dist/types/`. Throws with tsc's own words, or when a declaration needs a package that is not installed with ours. */
export function emitDeclarations(root: string): void {
  const types = join(root, "dist/types");
  const { config } = ts.readConfigFile(join(root, "tsconfig.types.json"), (path) => readFileSync(path, "utf8")) as {
    config: unknown;
  };
  const { fileNames, options, errors } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(fileNames, options);
  const problems = [...errors, ...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  if (problems.length > 0) throw new Error(say(problems, root));
  for (const path of readdirSync(types, { recursive: true, encoding: "utf8" })) {
    if (path.endsWith(".d.ts")) finish(join(types, path));
  }
}

/** Points the imports at `.js`, as every resolver expects; throws when one is neither a neighbour nor Node's own. */
function finish(path: string): void {
  const text = readFileSync(path, "utf8");
  const imported = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
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
