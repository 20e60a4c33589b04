/**
 * Leaves out of the browser SDK the texts of errors that no page shows (docs/decisions/0012-browser-client.md). What is
 * said and what is not is read from the parsed sources, so it does not depend on how a line is laid out.
 */

import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";
import ts from "typescript";
import { ERRORS, type ErrorEntry } from "../src/foundation/error-table.ts";

/** Folders whose files run in browsers and raise coded errors there. */
const RAISING = ["crypto", "wire", "identity", "signatures", "pairing", "sdk", "sdk-browser"];

/** Classes of errors without a code. */
const UNCODED = ["Error", "RangeError", "SyntaxError", "TypeError"];

/** Files whose uncoded errors never reach the page: the client catches them and throws coded errors of its own. */
const CAUGHT = /[/\\](?:@noble[/\\].*\.js|src[/\\](?:crypto|foundation|wire)[/\\].*\.ts)$/;

/** Empties the texts of uncoded errors that the curve's library and our own parsers throw. */
export const withoutThrownTexts: Plugin = {
  name: "without thrown texts",
  setup: (build) => {
    build.onLoad({ filter: CAUGHT }, async ({ path }) => ({
      contents: emptyThrown(await readFile(path, "utf8")),
      loader: path.endsWith(".ts") ? "ts" : "js",
    }));
  },
};

/** Returns the source with every `throw new SyntaxError("…")`, or another uncoded error, as `throw new SyntaxError()`. */
export function emptyThrown(text: string): string {
  const texts: ts.TextRange[] = [];
  visit(parse(text), (node) => {
    if (!ts.isThrowStatement(node) || !ts.isNewExpression(node.expression)) return;
    const { expression, arguments: said } = node.expression;
    if (said !== undefined && ts.isIdentifier(expression) && UNCODED.includes(expression.text)) texts.push(said);
  });
  // From the last to the first: what is cut moves only what stands behind it.
  return texts.reduceRight((source, { pos, end }) => source.slice(0, pos) + source.slice(end), text);
}

/**
 * Puts a smaller table of errors in the place of `error-table.ts`. It lacks the remedies; the meanings of codes that are
 * always raised with words of their own; and codes that no node answers and no page names.
 */
export function withSmallErrorTable(root: string): Plugin {
  const { named, wordless } = codesIn(root);
  const entries = Object.entries<ErrorEntry>(ERRORS).flatMap(([code, { kind, meaning, status }]) => {
    if (kind !== "answer" && !named.has(code)) return [];
    return [`${code}: entry("${kind}", ${status}${wordless.has(code) ? `, ${JSON.stringify(meaning)}` : ""})`];
  });
  const contents = `const entry = (kind, status, meaning = "see docs/errors.md") => ({ kind, status, meaning, remedy: "" });
export const ERRORS = { ${entries.join(", ")} };`;
  return {
    name: "with a small table of errors",
    setup: (build) => build.onLoad({ filter: /[/\\]foundation[/\\]error-table\.ts$/ }, () => ({ contents, loader: "js" })),
  };
}

interface Codes {
  /** Every string of the sources, codes among them. */
  readonly named: ReadonlySet<string>;
  /** Codes for which the table's meaning is what a person reads. */
  readonly wordless: ReadonlySet<string>;
}

function codesIn(root: string): Codes {
  const [named, wordless] = [new Set<string>(), new Set<string>()];
  for (const path of sourcesOfPages(root))
    visit(parse(readFileSync(path, "utf8")), (node) => {
      if (ts.isStringLiteral(node)) named.add(node.text);
      const code = wordlessCode(node);
      if (code !== undefined) wordless.add(code);
    });
  return { named, wordless };
}

/** Returns the code of `new FleetError("CODE")`, `new FleetError("CODE", undefined, …)`, or a table's `{ code: "CODE" }`. */
function wordlessCode(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "FleetError") {
    const [code, words] = node.arguments ?? [];
    const hasWords = words !== undefined && !(ts.isIdentifier(words) && words.text === "undefined");
    return hasWords ? undefined : textOf(code);
  }
  const [only, ...others] = ts.isObjectLiteralExpression(node) ? node.properties : [];
  if (only === undefined || others.length > 0 || !ts.isPropertyAssignment(only)) return undefined;
  return ts.isIdentifier(only.name) && only.name.text === "code" ? textOf(only.initializer) : undefined;
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteral(node) ? node.text : undefined;
}

function sourcesOfPages(root: string): readonly string[] {
  return RAISING.flatMap((folder) =>
    readdirSync(join(root, "src", folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".node.ts"))
      .map((file) => join(root, "src", folder, file)),
  );
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile("source.ts", text, ts.ScriptTarget.Latest);
}

/** Calls `look` with the node and all within it, in the order of the source. */
function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}
