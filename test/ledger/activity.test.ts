import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { silentLogger } from "../../src/foundation/logger.ts";
import { ActivityLog, type ActivityRow, MAX_ROWS } from "../../src/ledger/activity.ts";
import { CLOCK, NODE, newFolder, OTHER_NODE, TestDisk } from "./fixture.ts";

function row(n: number, credential = "token:0190b2c0-0000-7000-8000-000000000001"): ActivityRow {
  const last = new Date(CLOCK.now() + n).toISOString();
  return { operation: "GetNodeInfo", credential, from: "192.0.2.7", n, last };
}

function open(folder: string, disk?: TestDisk, node = NODE): { log: ActivityLog; rows: ActivityRow[]; warned: string[] } {
  const rows: ActivityRow[] = [];
  const warned: string[] = [];
  const logger = { ...silentLogger, warn: (_: object, message: string) => void warned.push(message) };
  const log = ActivityLog.open({
    folder,
    node,
    clock: CLOCK,
    logger,
    replay: (found) => rows.push(found),
    totals: () => [],
    ...(disk && { disk }),
  });
  return { log, rows, warned };
}

const fileOf = (folder: string): string => join(folder, "activity/000001.log");

/** A log of three lines with one row each, closed. */
async function threeLines(): Promise<string> {
  const folder = newFolder();
  const { log } = open(folder);
  for (const n of [1, 2, 3]) log.append([row(n)]);
  await log.close();
  return folder;
}

describe("rows", () => {
  test("come back in order, with their line in the ledger's form", async () => {
    const folder = await threeLines();
    expect(open(folder).rows).toMatchObject([row(1), row(2), row(3)]);
    const [header, first] = readFileSync(fileOf(folder), "utf8").split("\n");
    expect(header).toContain('"ledger":1');
    expect(first).toMatch(/^\{"hash":"[0-9a-f]{64}","seq":1,"synced":0,.*"type":"activity.counted"/);
    expect((statSync(fileOf(folder)).mode & 0o777).toString(8)).toBe("600");
  });

  test("beyond 500 are one row", async () => {
    const folder = newFolder();
    const { log } = open(folder);
    log.append(Array.from({ length: MAX_ROWS + 3 }, (_, index) => row(index + 1, `token:${index}`)));
    await log.close();
    const { rows } = open(folder);
    expect(rows).toHaveLength(MAX_ROWS + 1);
    const rest = { operation: "*", credential: "*", from: "*", n: 501 + 502 + 503, last: row(503).last };
    expect(rows.at(-1)).toMatchObject(rest);
  });

  test("none make no line", async () => {
    const folder = newFolder();
    const { log } = open(folder);
    log.append([]);
    await log.close();
    expect(readFileSync(fileOf(folder), "utf8").split("\n")).toHaveLength(2);
  });

  test("of another form are not counted", async () => {
    const folder = newFolder();
    const { log } = open(folder);
    log.append([{ ...row(1), n: 0.5 }, row(2)]);
    await log.close();
    expect(open(folder).rows).toMatchObject([row(2)]);
  });
});

describe("a damaged log never stops the node", () => {
  test.each([
    ["cut", 2],
    ["zeroed behind the first line", 1],
    ["without header", 0],
  ])("%s: keeps %i lines, moves the rest aside, goes on", async (how, kept) => {
    const folder = await threeLines();
    const bytes = readFileSync(fileOf(folder));
    if (how === "cut") truncateSync(fileOf(folder), bytes.length - 5);
    const second = bytes.indexOf('"seq":2');
    if (how.startsWith("zeroed")) writeFileSync(fileOf(folder), bytes.fill(0, second, second + 200));
    if (how === "without header") writeFileSync(fileOf(folder), bytes.subarray(10));
    const { log, rows, warned } = open(folder);
    expect([rows.length, warned.length]).toEqual([kept, 1]);
    expect(readdirSync(join(folder, "activity")).filter((name) => name.startsWith("cut-"))).toHaveLength(1);
    log.append([row(9)]);
    await log.close();
    expect(open(folder).rows).toHaveLength(kept + 1);
  });

  test("of another node is moved aside whole", async () => {
    const folder = await threeLines();
    const { rows, warned } = open(folder, undefined, OTHER_NODE);
    expect([rows, warned.length]).toEqual([[], 1]);
  });
});

describe("a disk in trouble", () => {
  test("that is full drops the line and nothing else", async () => {
    const folder = newFolder();
    const disk = new TestDisk();
    const { log, warned } = open(folder, disk);
    disk.writeFails = "ENOSPC";
    log.append([row(1)]);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(warned).toEqual(["dropped counted activity; the disk is full"]);
    disk.writeFails = undefined;
    log.append([row(2)]);
    await log.close();
    expect(open(folder).rows).toMatchObject([row(2)]);
  });

  test("that failed ends the counting, quietly", async () => {
    const folder = newFolder();
    const disk = new TestDisk();
    const { log, warned } = open(folder, disk);
    disk.syncFails = true;
    log.append([row(1)]);
    await log.close();
    log.append([row(2)]);
    expect(warned).toEqual(["stopped counting activity on disk"]);
  });
});

describe("a log that grows", () => {
  /** Appends lines one by one to a log of small segments, keeping the sum as its owner does. */
  async function grown(folder: string, count: number): Promise<void> {
    let sum = 0;
    const log = ActivityLog.open({
      folder,
      node: NODE,
      clock: CLOCK,
      logger: silentLogger,
      segmentBytes: 2_000,
      replay: ({ n }) => {
        sum += n;
      },
      totals: () => [{ ...row(sum), operation: "*", n: sum }],
    });
    for (let index = 0; index < count; index++) {
      sum += 1;
      log.append([row(1)]);
      for (let { seq } = log.extent.head; log.extent.head.seq === seq; ) await new Promise(setImmediate);
    }
    await log.close();
  }

  const sumOf = (rows: readonly ActivityRow[]): number => rows.reduce((sum, { n }) => sum + n, 0);
  const segmentsOf = (folder: string): readonly string[] => readdirSync(join(folder, "activity")).sort();

  test("keeps two segments, and loses no count", async () => {
    const folder = newFolder();
    await grown(folder, 40);
    expect(segmentsOf(folder)).toHaveLength(2);
    expect(segmentsOf(folder)).not.toContain("000001.log");
    expect(sumOf(open(folder).rows)).toBe(40);
    await grown(folder, 5);
    expect(sumOf(open(folder).rows)).toBe(45);
  });

  test("cuts the end of its last segment alone", async () => {
    const folder = newFolder();
    await grown(folder, 20);
    const last = join(folder, "activity", segmentsOf(folder).at(-1) ?? "");
    truncateSync(last, statSync(last).size - 3);
    const { rows, warned } = open(folder);
    expect(sumOf(rows)).toBe(19);
    expect(warned).toHaveLength(1);
  });
});
