/** What the source files import, read by TypeScript's own parser, and the cycles among them. */

import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";

/** `type`: erased by the compiler (`import type`, `import("…").T`); `lazy`: `import()`; `value`: every other form. */
export type ImportKind = "value" | "type" | "lazy";

/** One import of one file. */
export interface Import {
  readonly from: string;
  readonly line: number;
  readonly kind: ImportKind;
  /** As written. */
  readonly specifier: string;
  /** The file meant by a relative specifier, from the root of the project; undefined for packages and built-ins. */
  readonly target: string | undefined;
}

/** Source files by path, for example `src/wire/names.ts`. */
export type Sources = ReadonlyMap<string, string>;

/** Returns every `.ts` and `.tsx` file below `folder`. */
export function readSources(root: string, folder: string): Sources {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((path) => posix.join(folder, path));
  return new Map(paths.filter((path) => /\.tsx?$/.test(path)).map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** Returns the imports of all files, in the order they are written. */
export function importsOf(sources: Sources): readonly Import[] {
  return [...sources].flatMap(([path, text]) => importsOfFile(path, text));
}

function importsOfFile(path: string, text: string): readonly Import[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const reference = referenceOf(node);
    if (reference) {
      const { specifier, kind } = reference;
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
      const target = specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : undefined;
      found.push({ from: path, line, kind, specifier, target });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Returns what a node imports; `import { type A }` is a value: under verbatimModuleSyntax the module is still loaded. */
function referenceOf(node: ts.Node): { specifier: string; kind: ImportKind } | undefined {
  if (ts.isImportDeclaration(node)) {
    return {
      specifier: textOf(node.moduleSpecifier),
      kind: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? "type" : "value",
    };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    return { specifier: textOf(node.moduleSpecifier), kind: node.isTypeOnly ? "type" : "value" };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: textOf(node.argument.literal), kind: "type" };
  }
  if (ts.isExternalModuleReference(node)) return { specifier: textOf(node.expression), kind: "value" };
  const [argument] = ts.isCallExpression(node) ? node.arguments : [];
  if (!ts.isCallExpression(node) || argument === undefined) return undefined;
  if (node.expression.kind === ts.SyntaxKind.ImportKeyword) return { specifier: textOf(argument), kind: "lazy" };
  return ts.isIdentifier(node.expression) && node.expression.text === "require"
    ? { specifier: textOf(argument), kind: "value" }
    : undefined;
}

function textOf(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : "(computed)";
}

/** Returns each group of files that reach each other, sorted, whatever the form of the imports between them. */
export function cyclesOf(imports: readonly Import[]): readonly (readonly string[])[] {
  const targets = new Map<string, Set<string>>();
  for (const { from, target } of imports) {
    if (target !== undefined) targets.set(from, (targets.get(from) ?? new Set()).add(target));
  }
  const reach = new Map([...targets.keys()].map((file) => [file, reachableFrom(file, targets)]));
  const groups = new Map<string, readonly string[]>();
  for (const [file, reached] of reach) {
    if (!reached.has(file)) continue;
    const group = [...reached].filter((other) => reach.get(other)?.has(file) === true).sort();
    groups.set(group.join(), group);
  }
  return [...groups.values()];
}

function reachableFrom(start: string, targets: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [start];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    for (const target of targets.get(file) ?? []) {
      if (reached.has(target)) continue;
      reached.add(target);
      waiting.push(target);
    }
  }
  return reached;
}
