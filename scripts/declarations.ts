/**
 * The declarations of the two entry points that programs import, by tsc.
 *
 * The clients' types come from the catalogue's zod schemas. Here they are written out in full, so that whoever installs
 * the package needs no zod to compile against it, and sees members instead of schema arithmetic.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { OPERATION_NAMES } from "../src/catalogue/operations.ts";

/** Beside the table, so that its imports read as the table's own; never on disk. */
const PROBE = "src/catalogue/written-out.ts";

const FORMAT = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias;

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
  rmSync(join(types, "catalogue"), { recursive: true, force: true });
  mkdirSync(join(types, "catalogue"));
  writeFileSync(join(types, "catalogue/operations.d.ts"), operationTypes(root, options));
  for (const path of readdirSync(types, { recursive: true, encoding: "utf8" })) {
    if (path.endsWith(".d.ts")) finish(join(types, path));
  }
}

/** Returns what `catalogue/operations.ts` exports as types, without the schemas they were made from. */
function operationTypes(root: string, options: ts.CompilerOptions): string {
  const written = writeOut(root, options);
  const members = OPERATION_NAMES.map(
    (name) => `  ${name}: { input: ${written.get(`${name}Input`)}; output: ${written.get(`${name}Output`)} };`,
  );
  return `import type { NodeId } from "../foundation/ids.js";
/** What each operation takes and answers. */
export interface Operations {
${members.join("\n")}
}
export type OperationName = keyof Operations;
/** What a caller may send: members with defaults are optional. */
export type OperationInput<N extends OperationName> = Operations[N]["input"];
/** What is answered. */
export type OperationOutput<N extends OperationName> = Operations[N]["output"];
`;
}

/** Returns the resolved types by name, for example `GetNodeInfoOutput`, from a file compiled as if it stood beside the table. */
function writeOut(root: string, options: ts.CompilerOptions): ReadonlyMap<string, string> {
  const aliases = OPERATION_NAMES.flatMap((name) =>
    ["Input", "Output"].map((side) => `export type ${name}${side} = Operation${side}<"${name}">;`),
  );
  const text = [
    'import type { NodeId } from "../foundation/ids.ts";',
    'import type { OperationInput, OperationOutput } from "./operations.ts";',
    ...aliases,
  ].join("\n");
  const path = join(root, PROBE);
  const host = ts.createCompilerHost(options);
  const program = ts.createProgram([path], options, {
    ...host,
    fileExists: (name) => name === path || host.fileExists(name),
    getSourceFile: (name, version) =>
      name === path ? ts.createSourceFile(name, text, version, true) : host.getSourceFile(name, version),
  });
  const checker = program.getTypeChecker();
  const statements = program.getSourceFile(path)?.statements.filter(ts.isTypeAliasDeclaration) ?? [];
  return new Map(
    statements.map((alias) => [alias.name.text, checker.typeToString(checker.getTypeAtLocation(alias.name), alias, FORMAT)]),
  );
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
