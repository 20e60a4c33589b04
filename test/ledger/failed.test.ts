/** A sync that failed: nobody knows what the disk holds, so nobody is told anything more. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { give, newFolder, openLedger, TestDisk, turn } from "./fixture.ts";

const FAILED = expect.objectContaining({ code: "STORAGE_FAILED" }) as Error;

describe("a failed sync", () => {
  test("fails every waiter, tells the daemon once, and is never tried again", async () => {
    const disk = new TestDisk();
    const { ledger, fatal, published } = await openLedger(newFolder(), { disk });
    ledger.commit(give("ada"));
    await ledger.settled();
    disk.syncFails = true;
    disk.holding = true;
    ledger.commit(give("bob"));
    const bob = ledger.settled();
    await turn();
    ledger.commit(give("cyd"));
    const cyd = ledger.settled();
    disk.release();
    await expect(bob).rejects.toEqual(FAILED);
    await expect(cyd).rejects.toEqual(FAILED);
    disk.syncFails = false;
    expect(() => ledger.commit(give("dan"))).toThrow(FAILED);
    await expect(ledger.settled()).rejects.toEqual(FAILED);
    await turn();
    expect([fatal.length, disk.syncs, disk.writes.length]).toEqual([1, 2, 2]);
    expect(fatal[0]?.cause).toMatchObject({ code: "EIO" });
    expect(ledger.trouble()).toBe("failed");
    expect([ledger.synced, published]).toEqual([1, [1]]);
  });

  test("leaves no checkpoint: memory holds what the disk may not", async () => {
    const folder = newFolder();
    const disk = new TestDisk();
    const { ledger } = await openLedger(folder, { disk });
    disk.syncFails = true;
    ledger.commit(give("ada"));
    await expect(ledger.settled()).rejects.toEqual(FAILED);
    await ledger.close();
    expect(existsSync(join(folder, "state.json"))).toBe(false);
  });

  test("readers wait in vain too", async () => {
    const disk = new TestDisk();
    const { ledger } = await openLedger(newFolder(), { disk });
    disk.syncFails = true;
    ledger.commit(give("ada"));
    const reader = ledger.settled();
    await expect(reader).rejects.toEqual(FAILED);
  });
});

test("a write that fails for another reason than room is a failure as well", async () => {
  const disk = new TestDisk();
  const { ledger, fatal } = await openLedger(newFolder(), { disk });
  disk.writeFails = "EIO";
  ledger.commit(give("ada"));
  await expect(ledger.settled()).rejects.toEqual(FAILED);
  expect([fatal.length, disk.syncs]).toEqual([1, 0]);
});

test("a full disk that cannot be cut back is a failure", async () => {
  const disk = new TestDisk();
  disk.truncate = () => {
    throw new Error("EIO");
  };
  const { ledger, fatal } = await openLedger(newFolder(), { disk });
  disk.writeFails = "ENOSPC";
  ledger.commit(give("ada"));
  await expect(ledger.settled()).rejects.toEqual(FAILED);
  expect(fatal).toHaveLength(1);
});

test("nobody need listen: a rejection without an asker does not end the process", async () => {
  const disk = new TestDisk();
  const { ledger } = await openLedger(newFolder(), { disk });
  disk.syncFails = true;
  ledger.commit(give("ada"));
  void ledger.settled();
  await turn();
  await turn();
  void ledger.settled();
  await turn();
});
