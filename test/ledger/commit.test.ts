import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Line } from "../../src/ledger/line.ts";
import { crashCopy, entry, give, newFolder, openLedger, TestDisk, take, turn } from "./fixture.ts";

describe("commit", () => {
  test("is seen at once, answered when on disk", async () => {
    const disk = new TestDisk();
    disk.holding = true;
    const { ledger, badges, published } = await openLedger(newFolder(), { disk });
    const line = ledger.commit(give("ada"));
    expect(badges.names).toEqual(["ada"]);
    expect({ seq: line.seq, synced: line.synced, head: ledger.head.seq, onDisk: ledger.synced }).toEqual({
      seq: 1,
      synced: 0,
      head: 1,
      onDisk: 0,
    });
    const settled = ledger.settled();
    await turn();
    expect(published).toEqual([]);
    disk.release();
    await settled;
    expect(ledger.synced).toBe(1);
    expect(published).toEqual([1]);
  });

  test("folds what is written, not what the caller still holds", async () => {
    const { ledger } = await openLedger(newFolder());
    const change = { type: "badge.given", name: "ada", tags: ["a"] };
    const line = ledger.commit(entry(change));
    change.tags.push("b");
    expect(line.changes).toEqual([{ type: "badge.given", name: "ada", tags: ["a"] }]);
    await ledger.settled();
  });

  test("refuses an entry that is no entry and changes nothing", async () => {
    const { ledger, badges } = await openLedger(newFolder());
    expect(() => ledger.commit({ ...give("ada"), actor: 7 as unknown as string })).toThrow(SyntaxError);
    expect(badges.names).toEqual([]);
    expect(ledger.head.seq).toBe(0);
    expect(ledger.settled()).toBeUndefined();
  });

  test("undoes a fold that failed half-way, and keeps what was queued before it", async () => {
    const { ledger, badges } = await openLedger(newFolder());
    ledger.commit(give("ada"));
    await ledger.settled();
    ledger.commit(give("bob"));
    const cursed = entry({ type: "badge.given", name: "eve" }, { type: "badge.cursed", name: "eve" });
    expect(() => ledger.commit(cursed)).toThrow(RangeError);
    expect(badges.names).toEqual(["ada", "bob"]);
    expect(ledger.commit(take("ada")).seq).toBe(3);
    await ledger.settled();
    expect(badges.names).toEqual(["bob"]);
  });
});

describe("group commit", () => {
  test("writes what one turn committed with one sync, in order", async () => {
    const disk = new TestDisk();
    const { ledger, published } = await openLedger(newFolder(), { disk });
    for (let i = 0; i < 100; i++) ledger.commit(give(`b${i}`));
    await ledger.settled();
    expect(disk.syncs).toBe(1);
    expect(published).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  test("takes what came during a sync as the next batch", async () => {
    const disk = new TestDisk();
    disk.holding = true;
    const { ledger } = await openLedger(newFolder(), { disk });
    ledger.commit(give("ada"));
    const first = ledger.settled();
    await turn();
    for (const name of ["bob", "cyd", "dan"]) ledger.commit(give(name));
    disk.release();
    await first;
    expect(ledger.synced).toBe(1);
    await ledger.settled();
    expect([ledger.synced, disk.syncs, disk.writes.length]).toEqual([4, 2, 2]);
  });

  test("takes at most 1 MiB at once, but any single line", async () => {
    const disk = new TestDisk();
    const folder = newFolder();
    const { ledger } = await openLedger(folder, { disk });
    for (let i = 0; i < 5; i++) ledger.commit(give(`b${i}`, 300_000));
    ledger.commit(give("huge", 2_000_000));
    await ledger.settled();
    expect(disk.writes.map((bytes) => Math.round(bytes / 100_000))).toEqual([9, 6, 20]);
    expect((await openLedger(crashCopy(folder))).badges.names).toHaveLength(6);
  });

  test("states in each line what was on disk when it was made", async () => {
    const { ledger } = await openLedger(newFolder());
    const stated: number[] = [];
    for (const batch of [1, 2, 3]) {
      for (let i = 0; i < batch; i++) stated.push(ledger.commit(give(`b${i}`)).synced);
      await ledger.settled();
    }
    expect(stated).toEqual([0, 1, 1, 3, 3, 3]);
  });
});

describe("settled", () => {
  test("is undefined when nothing is queued, and one promise for all whose lines are written together", async () => {
    const { ledger } = await openLedger(newFolder());
    expect(ledger.settled()).toBeUndefined();
    ledger.commit(give("ada"));
    const settled = ledger.settled();
    ledger.commit(give("bob"));
    expect(ledger.settled()).toBe(settled);
    await turn();
    ledger.commit(give("cyd"));
    expect(ledger.settled()).not.toBe(settled);
    await ledger.settled();
    expect(ledger.settled()).toBeUndefined();
  });

  test("is not refused for a batch behind the one that was seen", async () => {
    const disk = new TestDisk();
    const { ledger } = await openLedger(newFolder(), {
      disk,
      publish: () => {
        disk.writeFails = "ENOSPC";
      },
    });
    ledger.commit(give("ada", 600_000));
    const ada = ledger.settled();
    ledger.commit(give("bob", 600_000));
    const bob = ledger.settled();
    await ada;
    await expect(bob).rejects.toMatchObject({ code: "STORAGE_FULL" });
    expect(ledger.synced).toBe(1);
  });

  test("waits for what others committed as well", async () => {
    const disk = new TestDisk();
    disk.holding = true;
    const { ledger } = await openLedger(newFolder(), { disk });
    ledger.commit(give("ada"));
    let answered = false;
    const reader = ledger.settled()?.then(() => {
      answered = true;
    });
    await turn();
    expect(answered).toBe(false);
    disk.release();
    await reader;
    expect(answered).toBe(true);
  });
});

describe("publish", () => {
  test("may commit, which is the next batch", async () => {
    const lines: Line[] = [];
    const opened = await openLedger(newFolder(), {
      publish: (line) => {
        lines.push(line);
        if (line.seq === 1) opened.ledger.commit(give("echo"));
      },
    });
    opened.ledger.commit(give("ada"));
    await opened.ledger.settled();
    await opened.ledger.settled();
    expect(lines.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test("cannot harm the ledger by throwing", async () => {
    const { ledger, logged } = await openLedger(newFolder(), {
      publish: () => {
        throw new RangeError("a listener failed");
      },
    });
    ledger.commit(give("ada"));
    await ledger.settled();
    expect(ledger.synced).toBe(1);
    expect(logged.join()).toContain("a listener failed");
  });
});

describe("close", () => {
  test("flushes, writes the checkpoint and takes nothing more", async () => {
    const folder = newFolder();
    const { ledger } = await openLedger(folder);
    ledger.commit(give("ada"));
    const closing = ledger.close();
    expect(() => ledger.commit(give("bob"))).toThrow(expect.objectContaining({ code: "SHUTTING_DOWN" }));
    await closing;
    await ledger.close();
    expect(JSON.parse(readFileSync(join(folder, "state.json"), "utf8"))).toMatchObject({ checkpoint: 1, seq: 1 });
    expect((await openLedger(folder)).badges.names).toEqual(["ada"]);
  });
});

test("everything is private to the account", async () => {
  const folder = newFolder();
  const { ledger } = await openLedger(folder);
  ledger.commit(give("ada"));
  await ledger.close();
  const mode = (path: string): string => (statSync(join(folder, path)).mode & 0o777).toString(8);
  expect(mode("ledger")).toBe("700");
  expect(["ledger/000001.log", "ledger/reserve", "state.json"].map(mode)).toEqual(["600", "600", "600"]);
});
