/** docs/errors.md says what the code says, both ways. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ERRORS } from "../../src/foundation/errors.ts";
import { CLOSE_CODES } from "../../src/wire/frames.ts";
import { documentText, rowsUnder } from "./tables.ts";

const TEXT = documentText("errors.md");
const ENTRIES = Object.entries(ERRORS);

describe("docs/errors.md", () => {
  const rows = rowsUnder(TEXT, "code");

  it("lists every code once, and no other", () => {
    expect(rows.map(({ code }) => code).sort()).toEqual(ENTRIES.map(([code]) => code).sort());
  });

  it("says of each status, meaning and remedy what the table says", () => {
    const written = new Map(rows.map((row) => [row["code"], row]));
    for (const [code, { kind, meaning, remedy, status }] of ENTRIES) {
      const expected = { code, "what happened": meaning, "what to do": remedy };
      expect(written.get(code)).toEqual(kind === "answer" ? { ...expected, status: String(status) } : expected);
    }
  });

  it("has each code in the section of its kind", () => {
    const sections = { answer: "Answers of a node", client: "Errors of the clients", start: "Errors of the start" };
    for (const [code, { kind }] of ENTRIES) {
      const section = TEXT.split("\n## ").find((part) => part.includes(`| \`${code}\` |`));
      expect([code, section?.split("\n", 1)[0]]).toEqual([code, sections[kind]]);
    }
  });

  it("lists every close code", () => {
    const codes = rowsUnder(TEXT, "close code").map((row) => Number(row["close code"]));
    expect(codes).toEqual(Object.values(CLOSE_CODES));
  });
});

describe("the table of errors", () => {
  it("gives a status to what is answered, and to nothing else", () => {
    for (const [, { kind, status }] of ENTRIES)
      expect(kind === "answer" ? status >= 400 && status < 600 : status === 0).toBe(true);
  });

  it("is written in one line without a full stop", () => {
    for (const [, { meaning, remedy }] of ENTRIES) for (const text of [meaning, remedy]) expect(text).toMatch(/^.+[^.]$/);
  });

  it("holds no code that nothing raises", () => {
    // Some are raised by the Python client alone.
    const sources = ["src", "clients/python/src"].flatMap(sourcesBelow).join("\n");
    expect(ENTRIES.map(([code]) => code).filter((code) => !sources.includes(`"${code}"`))).toEqual([]);
  });
});

/** Returns the texts of a folder's sources, but for the two that hold the table itself. */
function sourcesBelow(folder: string): readonly string[] {
  const root = join(import.meta.dirname, "../..", folder);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|py)$/.test(name) && !/(foundation\/errors\.ts|error_table\.py)$/.test(name))
    .map((name) => readFileSync(join(root, name), "utf8"));
}
