import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatLine, GENESIS, type Head, parseLine } from "../../src/ledger/line.ts";
import type { Extent } from "../../src/ledger/reader.ts";
import { verifyLedger } from "../../src/ledger/verify.ts";
import { give, newFolder, openLedger } from "./fixture.ts";

const COUNT = 5;

/** A ledger of five lines, what of it is on disk, and its lines as text, the header first. */
async function written(): Promise<{ extent: Extent; path: string; lines: readonly string[] }> {
  const { ledger } = await openLedger(newFolder());
  for (let index = 0; index < COUNT; index++) ledger.commit(give(`b${index}`));
  await ledger.settled();
  const { extent } = ledger;
  await ledger.close();
  const path = join(extent.folder, "000001.log");
  return { extent, path, lines: readFileSync(path, "utf8").split("\n").slice(0, -1) };
}

const write = (path: string, lines: readonly string[]): void => writeFileSync(path, `${lines.join("\n")}\n`);

/** What a restart would take for the end of the ledger: the extent of whoever has forgotten everything. */
async function forgotten(extent: Extent, path: string): Promise<Extent> {
  const lines = readFileSync(path, "utf8").split("\n").slice(1, -1);
  const head = lines.length === 0 ? GENESIS : parseLine(lines.at(-1) ?? "");
  return { ...extent, head, length: readFileSync(path).length };
}

describe("verifying", () => {
  test("goes from the first line to the head", async () => {
    const { extent } = await written();
    expect(await verifyLedger(extent, [])).toEqual({ from: 1, head: extent.head, segments: 1 });
  });

  test("names the line of a flipped bit, wherever it is", async () => {
    const { extent, path } = await written();
    const bytes = readFileSync(path);
    for (let offset = bytes.indexOf(0x0a) + 1; offset < bytes.length; offset += 7) {
      const line = bytes.subarray(0, offset).toString("latin1").split("\n").length;
      const edited = Buffer.from(bytes);
      edited[offset] = (edited[offset] ?? 0) ^ 1;
      writeFileSync(path, edited);
      const { fault } = await verifyLedger(extent, []);
      expect(fault, `byte ${offset}`).toMatchObject({ file: path, line, seq: line - 1 });
    }
  });

  test("names the line after one that was removed", async () => {
    const { extent, path, lines } = await written();
    write(path, lines.toSpliced(3, 1));
    expect((await verifyLedger(extent, [])).fault).toEqual({ file: path, line: 4, seq: 3, reason: "does not match its hash" });
  });

  test("names the end of a file that was cut while the node runs", async () => {
    const { extent, path, lines } = await written();
    write(path, lines.slice(0, 4));
    expect((await verifyLedger(extent, [])).fault).toMatchObject({ file: path, line: 5, seq: 4 });
    truncateSync(path, readFileSync(path).length - 3);
    expect((await verifyLedger(extent, [])).fault).toEqual({ file: path, line: 4, seq: 3, reason: "is cut short" });
  });

  test("names a header that is none", async () => {
    const { extent, path, lines } = await written();
    write(path, lines.slice(1));
    expect((await verifyLedger(extent, [])).fault).toMatchObject({ line: 1, reason: "is not a ledger header" });
  });
});

describe("a head that was seen before", () => {
  test("proves that the end was cut off, though what is left is a perfect chain", async () => {
    const { extent, path, lines } = await written();
    write(path, lines.slice(0, 4));
    const now = await forgotten(extent, path);
    expect((await verifyLedger(now, [])).fault).toBeUndefined();
    const { fault } = await verifyLedger(now, [extent.head]);
    expect(fault).toMatchObject({ file: path, line: 5, seq: 4 });
    expect(fault?.reason).toContain("its end was cut off");
  });

  test("proves that lines were hashed anew", async () => {
    const { extent, path, lines } = await written();
    let head: Head = GENESIS;
    const rewritten = lines.slice(1).map((text, index) => {
      const line = parseLine(text);
      const again = formatLine(head, line.synced, line.at, { ...line, ...(index === 2 && { actor: "nobody" }) }).trimEnd();
      head = parseLine(again);
      return again;
    });
    write(path, [lines[0] ?? "", ...rewritten]);
    const now = await forgotten(extent, path);
    expect((await verifyLedger(now, [])).fault).toBeUndefined();
    const { fault } = await verifyLedger(now, [extent.head]);
    expect(fault).toMatchObject({ line: COUNT + 1, seq: COUNT });
    expect(fault?.reason).toContain("rewritten");
  });

  test("agrees with the record that only grew", async () => {
    const { extent, lines } = await written();
    expect((await verifyLedger(extent, [parseLine(lines[2] ?? "")])).fault).toBeUndefined();
  });
});
