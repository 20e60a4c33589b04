import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSources } from "./layers/graph.ts";
import { violationsOf } from "./layers/rules.ts";
import { LAYERS, type Layer, markdownTable, permitted } from "./layers/table.ts";

const ROOT = join(import.meta.dirname, "..");

/** Returns the violations of two files: `text` at `path`, and an empty file at `target`. */
function seeded(path: string, text: string, target = "src/foundation/bytes.ts"): readonly string[] {
  return violationsOf(
    new Map([
      [path, text],
      [target, ""],
    ]),
  );
}

describe("the table of permitted imports", () => {
  it("names each folder once and points downwards only, but for what the sdk and cli sit beside", () => {
    const folders = LAYERS.map(({ folder }) => folder);
    expect(new Set(folders).size).toBe(folders.length);
    for (const [place, layer] of LAYERS.entries()) {
      for (const folder of [...permitted(layer), ...(layer.typesOf ?? [])]) {
        expect(folders.indexOf(folder), `${layer.folder} → ${folder}`).toBeGreaterThanOrEqual(0);
        expect(folders.indexOf(folder), `${layer.folder} → ${folder}`).toBeLessThan(place);
      }
    }
  });

  it("reads `all above except` as every row above but those", () => {
    const layer: Layer = { folder: "c", holds: "", mayImport: { allAboveExcept: ["b"] } };
    const rows: readonly Layer[] = [{ folder: "a", holds: "", mayImport: [] }, { folder: "b", holds: "", mayImport: [] }, layer];
    expect(permitted(layer, rows)).toEqual(["a"]);
  });

  it("is the table of docs/architecture.md", () => {
    expect(readFileSync(join(ROOT, "docs/architecture.md"), "utf8")).toContain(`\n${markdownTable()}\n`);
  });
});

describe("the sources", () => {
  it("import only what the table permits, without a cycle", () => {
    const sources = readSources(ROOT, "src");
    expect(sources.size).toBeGreaterThan(0);
    expect(violationsOf(sources)).toEqual([]);
  });
});

describe("a seeded violation", () => {
  const forbidden: readonly (readonly [string, string, string, string])[] = [
    ["a value", "src/crypto/a.ts", 'import { x } from "../host/a.ts";', "crypto may not import host"],
    ["a side effect", "src/crypto/a.ts", 'import "../host/a.ts";', "crypto may not import host"],
    ["a type", "src/ledger/a.ts", 'import type { X } from "../tokens/a.ts";', "ledger may not import tokens"],
    ["an inline type", "src/ledger/a.ts", 'type X = import("../tokens/a.ts").X;', "ledger may not import tokens"],
    ["a re-export", "src/policy/a.ts", 'export { x } from "../operations/a.ts";', "policy may not import operations"],
    ["a type re-export", "src/policy/a.ts", 'export type * from "../operations/a.ts";', "policy may not import operations"],
    ["a dynamic import", "src/api/a.ts", 'await import("../tokens/a.ts");', "api may not import tokens"],
    ["a require", "src/api/a.ts", 'require("../tokens/a.ts");', "api may not import tokens"],
    [
      "an exception of `all above`",
      "src/operations/a.ts",
      'import { x } from "../config/a.ts";',
      "operations may not import config",
    ],
    ["something below", "src/operations/a.ts", 'import { x } from "../api/a.ts";', "operations may not import api"],
    ["the catalogue's values in the sdk", "src/sdk/a.ts", 'import { x } from "../catalogue/a.ts";', "by import type only"],
    ["a type hidden in a value import", "src/sdk/a.ts", 'import { type X } from "../catalogue/a.ts";', "by import type only"],
    [
      "the daemon at once",
      "src/cli/up.ts",
      'import { x } from "../daemon/a.ts";',
      "by import() or import type in up.ts, backup.ts, restore.ts only",
    ],
    [
      "the daemon's types elsewhere",
      "src/cli/a.ts",
      'import type { X } from "../daemon/a.ts";',
      "in up.ts, backup.ts, restore.ts only",
    ],
    [
      "the daemon elsewhere",
      "src/cli/status.ts",
      'await import("../daemon/a.ts");',
      "by import() or import type in up.ts, backup.ts, restore.ts only",
    ],
    ["a Node file from a plain one", "src/identity/a.ts", 'import { x } from "./b.node.ts";', "does not run in browsers"],
    ["a Node file's types", "src/identity/a.ts", 'import type { X } from "./b.node.ts";', "does not run in browsers"],
    ["a Node folder from a plain file", "src/identity/a.ts", 'import { x } from "../host/a.ts";', "does not run in browsers"],
  ];

  it.each(forbidden)("is found: %s", (_, path, text, reason) => {
    const target = /["'](\..*)["']/.exec(text)?.[1] ?? "";
    const found = seeded(path, text, join(path, "..", target));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`${path}:1: `);
    expect(found[0]).toContain(reason);
  });

  it.each([
    ["a built-in in a browser folder", "src/wire/a.ts", 'import { join } from "node:path";', "not there in browsers"],
    ["a built-in without its prefix", "src/pairing/a.ts", 'import type { Socket } from "net";', "not there in browsers"],
    ["a missing extension", "src/wire/a.ts", 'import { x } from "../foundation/bytes";', "not a source file"],
    ["a step out of src", "src/wire/a.ts", 'import { x } from "../../test/a.ts";', "not a source file"],
    ["a computed path", "src/wire/a.ts", "await import(name);", "computed"],
    ["a folder without a row", "src/utils/a.ts", "", "no row in the table"],
    ["a file in no folder", "src/a.ts", "", "no row in the table"],
  ])("is found: %s", (_, path, text, reason) => {
    expect(seeded(path, text)).toEqual([expect.stringContaining(reason)]);
  });

  it("is found: a cycle, through types and folders as well", () => {
    const sources = new Map([
      ["src/wire/a.ts", 'import { b } from "./b.ts";'],
      ["src/wire/b.ts", 'import type { C } from "./c.ts";'],
      ["src/wire/c.ts", 'export * from "./a.ts";'],
      ["src/wire/d.ts", 'import { a } from "./a.ts";'],
    ]);
    expect(violationsOf(sources)).toEqual(["cycle: src/wire/a.ts → src/wire/b.ts → src/wire/c.ts"]);
  });

  it("is not seen where the table permits the import", () => {
    expect(seeded("src/ledger/a.ts", 'import { x } from "../host/a.ts"; import "node:fs";', "src/host/a.ts")).toEqual([]);
    expect(seeded("src/sdk/a.ts", 'import type { X } from "../catalogue/a.ts";', "src/catalogue/a.ts")).toEqual([]);
    const up = 'import type { X } from "../daemon/a.ts"; await import("../daemon/a.ts");';
    expect(seeded("src/cli/up.ts", up, "src/daemon/a.ts")).toEqual([]);
    expect(seeded("src/cli/a.ts", 'import manifest from "../../package.json" with { type: "json" };')).toEqual([]);
    expect(seeded("src/identity/a.node.ts", 'import { x } from "../host/a.ts"; import "node:tls";', "src/host/a.ts")).toEqual([]);
  });
});
