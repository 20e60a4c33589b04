/** What a power cut may leave: the node starts. What it cannot have left: the node stops and says where. */

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatHeader, formatLine, GENESIS, type Head } from "../../src/ledger/line.ts";
import { CLOCK, crashCopy, entry, give, NODE, newFolder, OTHER_NODE, openLedger } from "./fixture.ts";

const PAGE = 4096;

const logOf = (folder: string, segment = 1): string => join(folder, "ledger", `00000${segment}.log`);

function cuts(folder: string): readonly string[] {
  return readdirSync(join(folder, "ledger")).filter((name) => name.startsWith("cut-"));
}

interface Crashed {
  readonly folder: string;
  /** Names that were answered for. */
  readonly told: readonly string[];
  /** Bytes up to the last line that was. */
  readonly toldLength: number;
  readonly length: number;
}

/** Returns a folder killed with `synced` lines answered one by one and one batch of `last` lines written, never answered. */
async function crash(synced: number, last: number, padding = 0): Promise<Crashed> {
  const origin = newFolder();
  const { ledger, badges } = await openLedger(origin);
  for (let i = 0; i < synced; i++) {
    ledger.commit(give(`told${i}`, padding));
    await ledger.settled();
  }
  const told = badges.names;
  const toldLength = statSync(logOf(origin)).size;
  for (let i = 0; i < last; i++) ledger.commit(give(`last${i}`, padding));
  await ledger.settled();
  const folder = crashCopy(origin);
  await ledger.close();
  return { folder, told, toldLength, length: statSync(logOf(folder)).size };
}

function zero(folder: string, from: number, to: number): void {
  const bytes = readFileSync(logOf(folder));
  writeFileSync(logOf(folder), bytes.fill(0, from, Math.min(to, bytes.length)));
}

async function reasonOf(folder: string): Promise<string> {
  const error: unknown = await openLedger(folder).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "LEDGER_DAMAGED" });
  return error instanceof Error ? error.message : "";
}

describe("an unanswered last batch", () => {
  test("cut at every byte: starts with its whole lines and moves the rest aside", async () => {
    const { folder, told, toldLength, length } = await crash(3, 3);
    const whole = readFileSync(logOf(folder));
    for (let end = toldLength; end <= length; end++) {
      writeFileSync(logOf(folder), whole.subarray(0, end));
      const { ledger, badges } = await openLedger(folder);
      const lines = whole.subarray(toldLength, end).filter((byte) => byte === 0x0a).length;
      expect(badges.names.length, `cut at ${end}`).toBe(told.length + lines);
      const rest = end - 1 - whole.subarray(0, end).lastIndexOf(0x0a);
      const moved = cuts(folder).map((name) => readFileSync(join(folder, "ledger", name)));
      expect(moved).toEqual(rest === 0 ? [] : [whole.subarray(end - rest, end)]);
      expect(statSync(logOf(folder)).size).toBe(end - rest);
      await ledger.close();
      for (const name of cuts(folder)) rmSync(join(folder, "ledger", name));
      rmSync(join(folder, "state.json"));
    }
  });

  test("goes on after a cut as if nothing had been", async () => {
    const { folder, told, length } = await crash(2, 2);
    truncateSync(logOf(folder), length - 10);
    const { ledger, logged } = await openLedger(folder);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('"line":5,"seq":4');
    ledger.commit(give("next"));
    await ledger.settled();
    expect((await openLedger(crashCopy(folder))).badges.names).toEqual([...told, "last0", "next"]);
    await ledger.close();
  });

  test("with any page of it zeroed: starts; with any page before it zeroed: stops with file and line", async () => {
    const { folder, told, toldLength, length } = await crash(30, 30, 500);
    for (let page = 0; page < length; page += PAGE) {
      const copy = crashCopy(folder);
      zero(copy, page, page + PAGE);
      if (page >= toldLength) {
        const { badges, ledger } = await openLedger(copy);
        expect(badges.names.slice(0, told.length)).toEqual(told);
        expect(cuts(copy)).toHaveLength(1);
        await ledger.close();
        continue;
      }
      const bad =
        readFileSync(logOf(folder))
          .subarray(0, page)
          .filter((byte) => byte === 0x0a).length + 1;
      expect(await reasonOf(copy)).toContain(`${logOf(copy)} line ${bad} `);
      expect(cuts(copy)).toEqual([]);
    }
  });

  test("cuts twice within one millisecond without losing the first", async () => {
    const { folder, length } = await crash(1, 2);
    truncateSync(logOf(folder), length - 1);
    await (await openLedger(folder)).ledger.close();
    rmSync(join(folder, "state.json"));
    truncateSync(logOf(folder), statSync(logOf(folder)).size - 1);
    await (await openLedger(folder)).ledger.close();
    expect(cuts(folder)).toEqual(["cut-2026-11-21T20-00-00.000Z-2.bin", "cut-2026-11-21T20-00-00.000Z.bin"]);
  });
});

describe("the synced rule", () => {
  const at = "2026-11-21T20:00:00.000Z";

  /** Writes lines whose `synced` is as given, then spoils line `spoilt` (by seq). */
  function write(synced: readonly number[], spoilt: number): string {
    const folder = newFolder();
    let head: Head = GENESIS;
    const lines = synced.map((value, index) => {
      const text = formatLine(head, value, at, give(`b${index + 1}`));
      head = { seq: index + 1, hash: text.slice(9, 73) };
      return index + 1 === spoilt ? text.replace("GiveBadge", "GaveBadge") : text;
    });
    const header = formatHeader({ node: NODE, segment: 1, from: 1, prev: GENESIS.hash });
    writeLog(folder, header + lines.join(""));
    return folder;
  }

  test.each([
    { synced: [0, 1, 1, 1], spoilt: 2, outcome: "starts" },
    { synced: [0, 1, 1, 2], spoilt: 2, outcome: "stops" },
    { synced: [0, 1, 1, 2], spoilt: 3, outcome: "starts" },
    { synced: [0, 1, 2, 3], spoilt: 3, outcome: "stops" },
    { synced: [0, 1, 2, 3], spoilt: 4, outcome: "starts" },
    { synced: [0, 0, 0, 1], spoilt: 1, outcome: "stops" },
    { synced: [0, 0, 0, 0], spoilt: 1, outcome: "starts" },
  ])("$synced with seq $spoilt spoilt $outcome", async ({ synced, spoilt, outcome }) => {
    const folder = write(synced, spoilt);
    if (outcome === "stops") {
      expect(await reasonOf(folder)).toContain(`line ${spoilt + 1} (seq ${spoilt})`);
      return;
    }
    const { ledger } = await openLedger(folder);
    expect(ledger.head.seq).toBe(spoilt - 1);
    await ledger.close();
  });
});

function writeLog(folder: string, text: string, segment = 1): void {
  mkdirSync(join(folder, "ledger"), { recursive: true });
  writeFileSync(logOf(folder, segment), text);
}

describe("the checkpoint as a witness", () => {
  test("stops when the line it was made at is gone", async () => {
    const folder = newFolder();
    const first = await openLedger(folder);
    first.ledger.commit(give("ada"));
    first.ledger.commit(give("bob"));
    await first.ledger.close();
    const whole = readFileSync(logOf(folder));
    truncateSync(logOf(folder), whole.length - 5);
    expect(await reasonOf(folder)).toContain("line 3 (seq 2)");
    truncateSync(logOf(folder), whole.lastIndexOf(0x0a, whole.length - 2) + 1);
    expect(await reasonOf(folder)).toContain("ends at seq 1, but seq 2 was acknowledged");
    rmSync(logOf(folder));
    expect(await reasonOf(folder)).toContain("ends at seq 0");
  });

  test("stops when the ledger was rewritten with a chain of its own", async () => {
    const [folder, other] = [newFolder(), newFolder()];
    for (const [path, name] of [
      [folder, "ada"],
      [other, "eve"],
    ] as const) {
      const { ledger } = await openLedger(path);
      ledger.commit(give(name));
      await ledger.close();
    }
    writeFileSync(logOf(folder), readFileSync(logOf(other)));
    expect(await reasonOf(folder)).toContain("is not the line the checkpoint was made at");
  });
});

describe("segments", () => {
  const header = (segment: number, from: number, prev: string): string => formatHeader({ node: NODE, segment, from, prev });
  const first = formatLine(GENESIS, 0, "2026-11-21T20:00:00.000Z", give("ada"));
  const head = { seq: 1, hash: first.slice(9, 73) };
  const second = formatLine(head, 1, "2026-11-21T20:00:00.000Z", give("bob"));

  test("continue one another, and the last is written to", async () => {
    const folder = newFolder();
    writeLog(folder, header(1, 1, GENESIS.hash) + first);
    writeLog(folder, header(2, 2, head.hash) + second, 2);
    const { ledger, badges } = await openLedger(folder);
    expect(badges.names).toEqual(["ada", "bob"]);
    ledger.commit(give("cyd"));
    await ledger.close();
    expect(readFileSync(logOf(folder, 2), "utf8")).toContain('"cyd"');
  });

  test.each([
    ["a later one exists", header(1, 1, GENESIS.hash) + first.slice(0, -2), header(2, 2, head.hash), "000001.log line 2"],
    ["the numbers leave a gap", header(1, 1, GENESIS.hash) + first, header(3, 2, head.hash), "000002.log line 1"],
    ["the chain breaks between them", header(1, 1, GENESIS.hash) + first, header(2, 2, GENESIS.hash), "000002.log line 1"],
    ["a header is cut", header(1, 1, GENESIS.hash) + first, header(2, 2, head.hash).slice(0, 20), "000002.log line 1"],
    ["the first header is zeroed", `${"\0".repeat(40)}\n`, header(2, 2, head.hash), "000001.log line 1"],
  ])("stop when %s", async (_, one, two, place) => {
    const folder = newFolder();
    writeLog(folder, one);
    writeLog(folder, two, 2);
    expect(await reasonOf(folder)).toContain(place);
  });
});

describe("another hand", () => {
  test("another node's ledger is KEY_UNUSABLE", async () => {
    const { folder } = await crash(1, 1);
    await expect(openLedger(folder, { node: OTHER_NODE })).rejects.toMatchObject({ code: "KEY_UNUSABLE" });
  });

  test("a newer form is refused with a sentence", async () => {
    const folder = newFolder();
    writeLog(folder, formatHeader({ node: NODE, segment: 1, from: 1, prev: GENESIS.hash }).replace('"ledger":1', '"ledger":2'));
    await expect(openLedger(folder)).rejects.toMatchObject({
      code: "FORMAT_NEWER",
      message: expect.stringContaining("form 2") as string,
    });
  });

  test("an edit anywhere behind the last batch stops the start, even when its own hash was made to fit", async () => {
    const { folder } = await crash(4, 1);
    const lines = readFileSync(logOf(folder), "utf8").split("\n");
    const previous = { seq: 1, hash: (lines[1] ?? "").slice(9, 73) };
    lines[2] = formatLine(previous, 1, "2026-11-21T20:00:00.000Z", give("mallory")).trimEnd();
    writeFileSync(logOf(folder), lines.join("\n"));
    expect(await reasonOf(folder)).toContain("line 4 (seq 3) does not match its hash");
  });

  test("a line with a right hash and a wrong seq is damage", async () => {
    const folder = newFolder();
    const header = formatHeader({ node: NODE, segment: 1, from: 1, prev: GENESIS.hash });
    writeLog(folder, header + formatLine({ seq: 6, hash: GENESIS.hash }, 0, "2026-11-21T20:00:00.000Z", entry()));
    const { logged, ledger } = await openLedger(folder);
    expect(logged.join()).toContain("is out of order");
    expect(ledger.head).toEqual(GENESIS);
    await ledger.close();
  });

  test("left-over temporary files are swept", async () => {
    const { folder } = await crash(1, 1);
    for (const path of [".state.json.4711.tmp", "ledger/.000002.log.4711.tmp"]) writeFileSync(join(folder, path), "half");
    await (await openLedger(folder, { clock: CLOCK })).ledger.close();
    expect([...readdirSync(folder), ...readdirSync(join(folder, "ledger"))].filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
