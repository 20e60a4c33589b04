import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseLine } from "../../src/ledger/line.ts";
import { blocksAfter, blocksBefore, type Extent, linesOf } from "../../src/ledger/reader.ts";
import { rejection } from "../foundation/refusal.ts";
import { give, newFolder, openLedger } from "./fixture.ts";

/** A ledger with these paddings, and what of it is on disk. */
async function written(paddings: readonly number[]): Promise<Extent> {
  const { ledger } = await openLedger(newFolder());
  for (const [index, padding] of paddings.entries()) ledger.commit(give(`b${index}`, padding));
  await ledger.settled();
  const { extent } = ledger;
  await ledger.close();
  return extent;
}

async function seqsBefore(extent: Extent, seq: number): Promise<readonly number[]> {
  const seqs: number[] = [];
  for await (const block of blocksBefore(extent, seq)) seqs.push(...[...linesOf(block)].reverse().map(seqOf));
  return seqs;
}

async function seqsAfter(extent: Extent, seq: number): Promise<readonly number[]> {
  const seqs: number[] = [];
  for await (const block of blocksAfter(extent, seq)) seqs.push(...[...linesOf(block)].map(seqOf));
  return seqs;
}

const seqOf = (line: Buffer): number => parseLine(line.toString()).seq;
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("reading while the node runs", () => {
  test("finds any place from either side, whatever lengths lines have", async () => {
    const paddings = fc.array(fc.oneof(fc.nat(400), fc.nat(9_000), fc.constantFrom(65_000, 66_000, 150_000)), {
      minLength: 1,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(paddings, fc.nat(32), async (lengths, seq) => {
        const extent = await written(lengths);
        const all = upTo(lengths.length);
        expect(await seqsBefore(extent, seq)).toEqual(all.filter((other) => other < seq).reverse());
        expect(await seqsAfter(extent, seq)).toEqual(all.filter((other) => other > seq));
      }),
      { numRuns: 15 },
    );
  });

  test("sees nothing that is not on disk yet, nor anything of an empty ledger", async () => {
    const extent = await written([0, 0]);
    appendFileSync(join(extent.folder, "000001.log"), '{"hash":"half a line');
    expect(await seqsBefore(extent, Infinity)).toEqual([2, 1]);
    const { ledger } = await openLedger(newFolder());
    expect(await seqsBefore(ledger.extent, Infinity)).toEqual([]);
    expect(await seqsAfter(ledger.extent, 0)).toEqual([]);
    await ledger.close();
  });

  test("says so when what stands there is no line", async () => {
    const extent = await written([100, 100, 100]);
    const path = join(extent.folder, "000001.log");
    writeFileSync(path, readFileSync(path, "utf8").replaceAll('"seq"', '"sqe"'));
    expect((await rejection(seqsBefore(extent, 2))).code).toBe("RECORD_DAMAGED");
    writeFileSync(path, "no header\n");
    expect((await rejection(seqsAfter(extent, 0))).code).toBe("RECORD_DAMAGED");
  });
});
