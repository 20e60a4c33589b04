import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Entry,
  formatHeader,
  formatLine,
  GENESIS,
  parseHeader,
  parseLine,
  timeOf,
  verifyLine,
} from "../../src/ledger/line.ts";
import { entry, NODE } from "./fixture.ts";

interface Vector {
  readonly lines: readonly string[];
  readonly head: { readonly seq: number; readonly hash: string };
}

const vector = JSON.parse(readFileSync(new URL("../vectors/ledger.json", import.meta.url), "utf8")) as Vector;
const [header = "", ...lines] = vector.lines;

describe("the vector", () => {
  test("verifies line by line up to its head", () => {
    let hash: string | undefined = GENESIS.hash;
    for (const line of lines) hash = verifyLine(Buffer.from(line), hash ?? "");
    expect(hash).toBe(vector.head.hash);
  });

  test("is what this code writes", () => {
    let head = GENESIS;
    for (const text of lines) {
      const line = parseLine(text);
      expect(formatLine(head, line.synced, line.at, line)).toBe(`${text}\n`);
      head = line;
    }
    expect({ seq: head.seq, hash: head.hash }).toEqual(vector.head);
    expect(formatHeader({ node: NODE, segment: 1, from: 1, prev: GENESIS.hash })).toBe(`${header}\n`);
  });

  test("breaks when any byte of a line changes", () => {
    const bytes = Buffer.from(lines[0] ?? "");
    for (let index = 0; index < bytes.length; index++) {
      const edited = Buffer.from(bytes);
      edited[index] = (edited[index] ?? 0) ^ 1;
      expect(verifyLine(edited, GENESIS.hash), `byte ${index}`).toBeUndefined();
    }
  });

  test("breaks when a line is missing or moved", () => {
    expect(verifyLine(Buffer.from(lines[1] ?? ""), GENESIS.hash)).toBeUndefined();
    expect(verifyLine(Buffer.from(lines[0] ?? ""), parseLine(lines[0] ?? "").hash)).toBeUndefined();
  });
});

describe("timeOf", () => {
  test("reads when a line was written from its beginning", () => {
    const times = lines.map((line) => timeOf(Buffer.from(line)));
    expect(times).toEqual(lines.map((line) => Date.parse(parseLine(line).at)));
  });

  test("knows none of what is no line", () => {
    const texts = ["", header, (lines[0] ?? "").replace('"at"', '"to"')];
    expect(texts.map((text) => timeOf(Buffer.from(text)))).toEqual([undefined, undefined, undefined]);
  });
});

describe("parseLine", () => {
  test.each([
    ["no object", "[]"],
    ["no JSON", '{"hash":'],
    ["a seq that is not a number", (lines[0] ?? "").replace('"seq":1', '"seq":"1"')],
    ["a line that synced itself", (lines[0] ?? "").replace('"synced":0', '"synced":1')],
    ["a time without milliseconds", (lines[0] ?? "").replace("20:00:00.000Z", "20:00:00Z")],
    ["a change without type", (lines[0] ?? "").replace('"type"', '"kind"')],
    ["no actor", (lines[0] ?? "").replace('"actor"', '"author"')],
  ])("refuses %s", (_, text) => {
    expect(() => parseLine(text)).toThrow(SyntaxError);
  });
});

describe("parseHeader", () => {
  test("reads the vector's", () => {
    expect(parseHeader(header)).toEqual({ version: 1, node: NODE, segment: 1, from: 1, prev: GENESIS.hash });
  });

  test.each([
    ["a line", lines[0] ?? ""],
    ["another id", header.replace("-8830-", "-4830-")],
    ["a short hash", header.replace("00", "")],
    ["null", "null"],
  ])("refuses %s", (_, text) => {
    expect(() => parseHeader(text)).toThrow(SyntaxError);
  });
});

test("any entry comes back from its own line", () => {
  const entries = fc.record({
    actor: fc.string({ unit: "binary" }),
    request: fc.string(),
    operation: fc.string(),
    changes: fc.array(fc.record({ type: fc.string(), value: fc.jsonValue() })),
  });
  fc.assert(
    fc.property(entries, (given: Entry) => {
      const text = formatLine(GENESIS, 0, "2026-11-21T20:00:00.000Z", given);
      const bytes = Buffer.from(text.slice(0, -1));
      expect(bytes.includes(0x0a)).toBe(false);
      const line = parseLine(bytes.toString());
      expect(verifyLine(bytes, GENESIS.hash)).toBe(line.hash);
      expect(JSON.stringify(line.changes)).toBe(JSON.stringify(given.changes));
    }),
  );
});

test("what JSON cannot say is not written", () => {
  const text = formatLine(GENESIS, 0, "2026-11-21T20:00:00.000Z", entry({ type: "a", none: undefined, when: new Date(0) }));
  expect(parseLine(text).changes).toEqual([{ type: "a", when: "1970-01-01T00:00:00.000Z" }]);
});
