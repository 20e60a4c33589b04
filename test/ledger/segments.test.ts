import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Clock } from "../../src/foundation/clock.ts";
import { DAY } from "../../src/foundation/durations.ts";
import { blocksAfter, blocksBefore, linesOf } from "../../src/ledger/reader.ts";
import type { Retention } from "../../src/ledger/retention.ts";
import { verifyLedger } from "../../src/ledger/verify.ts";
import { rejection } from "../foundation/refusal.ts";
import { CLOCK, crashCopy, give, newFolder, type Opened, openLedger } from "./fixture.ts";

const SMALL = { segmentBytes: 2_000 };
const ONLY_THE_LAST: Retention = { maxAge: null, maxBytes: 0 };

/** Gives badges one by one, so that segments close with nothing left to write. */
async function giveAll(opened: Opened, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) {
    opened.ledger.commit(give(`b${index}`, 200));
    await opened.ledger.settled();
  }
}

const segmentsIn = (folder: string): readonly string[] =>
  readdirSync(join(folder, "ledger"))
    .filter((name) => name.endsWith(".log"))
    .sort();
const names = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, index) => `b${from + index}`);

/** A ledger of forty lines in several segments, of which the oldest were removed. */
async function trimmed(): Promise<{ folder: string; opened: Opened }> {
  const folder = newFolder();
  const opened = await openLedger(folder, SMALL);
  await giveAll(opened, 0, 40);
  expect(await opened.ledger.trim(ONLY_THE_LAST)).toBeGreaterThan(1);
  return { folder, opened };
}

describe("segments", () => {
  test("close when they are full, and are one ledger", async () => {
    const folder = newFolder();
    const opened = await openLedger(folder, SMALL);
    await giveAll(opened, 0, 40);
    expect(segmentsIn(folder).length).toBeGreaterThan(4);
    const crashed = await openLedger(crashCopy(folder));
    expect(crashed.badges.names).toEqual(names(0, 40));
    expect(crashed.badges.folded).toBeLessThan(10); // a checkpoint was written when the last one closed
    expect(await verifyLedger(opened.ledger.extent, [])).toMatchObject({ from: 1, head: opened.ledger.head });
    await Promise.all([opened.ledger.close(), crashed.ledger.close()]);
  });

  test("close under steady load too, and answer everybody", async () => {
    const folder = newFolder();
    const opened = await openLedger(folder, SMALL);
    const busy = Array.from({ length: 8 }, async (_, caller) => {
      for (let index = 0; index < 30; index++) {
        opened.ledger.commit(give(`c${caller}-${index}`, 100));
        await opened.ledger.settled();
      }
    });
    await Promise.all(busy);
    expect(segmentsIn(folder).length).toBeGreaterThan(5);
    const crashed = await openLedger(crashCopy(folder));
    expect(crashed.badges.names).toEqual(opened.badges.names);
    await Promise.all([opened.ledger.close(), crashed.ledger.close()]);
  });

  test("are read across, from either side and from any place", async () => {
    const opened = await openLedger(newFolder(), SMALL);
    await giveAll(opened, 0, 25);
    const seqOf = (line: Buffer): number => Number(/"seq":(\d+)/.exec(line.toString())?.[1]);
    for (const place of [1, 7, 12, 25]) {
      const older: number[] = [];
      for await (const block of blocksBefore(opened.ledger.extent, place)) older.unshift(...[...linesOf(block)].map(seqOf));
      const newer: number[] = [];
      for await (const block of blocksAfter(opened.ledger.extent, place)) newer.push(...[...linesOf(block)].map(seqOf));
      expect([...older, place, ...newer]).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
    }
    await opened.ledger.close();
  });

  test("of which the last has no line yet are no damage", async () => {
    const folder = newFolder();
    const opened = await openLedger(folder, SMALL);
    let index = 0;
    for (const count = segmentsIn(folder).length; segmentsIn(folder).length === count; index++)
      await giveAll(opened, index, index + 1);
    const crashed = await openLedger(crashCopy(folder), SMALL);
    expect(crashed.badges.names).toEqual(names(0, index));
    await giveAll(crashed, index, index + 1);
    await Promise.all([opened.ledger.close(), crashed.ledger.close()]);
  });

  test("that are closed are acknowledged: damage in one stops the start", async () => {
    const folder = newFolder();
    const opened = await openLedger(folder, SMALL);
    await giveAll(opened, 0, 20);
    await opened.ledger.close();
    const path = join(folder, "ledger/000002.log");
    writeFileSync(path, readFileSync(path).subarray(0, -5));
    expect((await rejection(openLedger(folder))).code).toBe("LEDGER_DAMAGED");
  });
});

describe("retention", () => {
  test("removes what is too much, says so in a line, and keeps the state", async () => {
    const { folder, opened } = await trimmed();
    expect(segmentsIn(folder)[0]).not.toBe("000001.log");
    expect(opened.badges.names).toEqual(names(0, 40));
    const { fault, from, head } = await verifyLedger(opened.ledger.extent, []);
    expect([fault, head]).toEqual([undefined, opened.ledger.head]);
    expect(from).toBeGreaterThan(1);
    await giveAll(opened, 40, 50);
    const crashed = await openLedger(crashCopy(folder), SMALL);
    expect(crashed.badges.names).toEqual(names(0, 50));
    await Promise.all([opened.ledger.close(), crashed.ledger.close()]);
  });

  test("removes what is too old, by the lines' own time", async () => {
    let now = CLOCK.now();
    const clock: Clock = { now: () => now, elapsed: () => 0 };
    const folder = newFolder();
    const opened = await openLedger(folder, { ...SMALL, clock });
    await giveAll(opened, 0, 20);
    now += 2 * DAY;
    await giveAll(opened, 20, 40);
    expect(await opened.ledger.trim({ maxAge: 3 * DAY, maxBytes: null })).toBe(0);
    const before = segmentsIn(folder).length;
    expect(await opened.ledger.trim({ maxAge: DAY, maxBytes: null })).toBeGreaterThan(0);
    expect(segmentsIn(folder).length).toBeGreaterThan(1);
    expect(segmentsIn(folder).length).toBeLessThan(before);
    await opened.ledger.close();
  });

  test("keeps everything when told nothing, and what two checkpoints do not hold", async () => {
    const folder = newFolder();
    const opened = await openLedger(folder, SMALL);
    await giveAll(opened, 0, 40);
    expect(await opened.ledger.trim({ maxAge: null, maxBytes: null })).toBe(0);
    rmSync(join(folder, "state.previous.json"));
    expect(await opened.ledger.trim(ONLY_THE_LAST)).toBe(0);
    await opened.ledger.close();
  });

  test("lets the generation before stand in for a checkpoint that is damaged", async () => {
    const { folder, opened } = await trimmed();
    await giveAll(opened, 40, 45);
    await opened.ledger.close();
    writeFileSync(join(folder, "state.json"), "damaged");
    const again = await openLedger(folder, SMALL);
    expect(again.badges.names).toEqual(names(0, 45));
    await giveAll(again, 45, 46);
    await again.ledger.close();
    expect(readFileSync(join(folder, "state.previous.json"), "utf8")).not.toBe("damaged");
  });

  test("stops the start when neither is left", async () => {
    const { folder, opened } = await trimmed();
    await opened.ledger.close();
    for (const name of ["state.json", "state.previous.json"]) rmSync(join(folder, name));
    const error = await rejection(openLedger(folder));
    expect([error.code, error.message]).toEqual(["LEDGER_DAMAGED", expect.stringContaining("no checkpoint holds")]);
  });

  test("does not excuse segments that somebody else took away", async () => {
    const folder = newFolder();
    const opened = await openLedger(folder, SMALL);
    await giveAll(opened, 0, 40);
    await opened.ledger.close();
    rmSync(join(folder, "ledger/000001.log"));
    const error = await rejection(openLedger(folder));
    expect([error.code, error.message]).toEqual(["LEDGER_DAMAGED", expect.stringContaining("no line says")]);
    expect((await verifyLedger(opened.ledger.extent, [])).fault?.reason).toContain("no line says");
  });

  test("leaves all that is needed when the process dies before the files are gone", async () => {
    const folder = newFolder();
    const opened = await openLedger(folder, SMALL);
    await giveAll(opened, 0, 40);
    const before = crashCopy(folder);
    await opened.ledger.trim(ONLY_THE_LAST);
    const last = segmentsIn(folder).at(-1) ?? "";
    writeFileSync(join(before, "ledger", last), readFileSync(join(folder, "ledger", last))); // the line is there, the files are too
    const crashed = await openLedger(before, SMALL);
    expect(crashed.badges.names).toEqual(names(0, 40));
    expect(await crashed.ledger.trim(ONLY_THE_LAST)).toBeGreaterThan(1);
    expect(existsSync(join(before, "ledger/000001.log"))).toBe(false);
    await Promise.all([opened.ledger.close(), crashed.ledger.close()]);
  });
});
