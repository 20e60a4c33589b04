/** A full disk: nothing was changed for who was refused, and rights can still be taken away. */

import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { isSystemError } from "../../src/host/files.ts";
import type { Disk } from "../../src/ledger/disk.ts";
import { systemDisk } from "../../src/ledger/disk.ts";
import { RESERVE_LENGTH } from "../../src/ledger/reserve.ts";
import { crashCopy, entry, give, newFolder, openLedger, systemError, TestDisk, take, turn } from "./fixture.ts";

const FULL = expect.objectContaining({ code: "STORAGE_FULL" }) as Error;

/** A disk with room for a log of `room` bytes, and for more once the reserve is gone. */
function smallDisk(folder: string, room: { bytes: number }): Disk {
  return {
    ...systemDisk,
    write: (file, bytes, position) => {
      const limit = room.bytes + (existsSync(join(folder, "ledger/reserve")) ? 0 : RESERVE_LENGTH);
      if (position + bytes.length <= limit) {
        systemDisk.write(file, bytes, position);
        return;
      }
      systemDisk.write(file, bytes.subarray(0, Math.max(0, limit - position)), position);
      throw systemError("ENOSPC");
    },
  };
}

const reserveOf = (folder: string): string => join(folder, "ledger/reserve");
const logLength = (folder: string): number => statSync(join(folder, "ledger/000001.log")).size;

describe.each(["ENOSPC", "EDQUOT"])("a batch that meets %s", (code) => {
  test("is refused whole, with what chains on it; memory is what the disk holds", async () => {
    const folder = newFolder();
    const disk = new TestDisk();
    const opened = await openLedger(folder, { disk });
    const { ledger, badges } = opened;
    ledger.commit(give("ada"));
    await ledger.settled();
    const [length, head] = [logLength(folder), ledger.head];

    disk.writeFails = code;
    ledger.commit(give("bob"));
    const bob = ledger.settled();
    ledger.commit(take("ada"));
    const reader = ledger.settled();
    expect(badges.names).toEqual(["bob"]);
    await expect(bob).rejects.toEqual(FULL);
    await expect(reader).rejects.toEqual(FULL);

    expect(badges.names).toEqual(["ada"]);
    expect(ledger.head).toEqual(head);
    expect(logLength(folder)).toBe(length);
    expect(existsSync(reserveOf(folder))).toBe(false);
    expect([opened.rebuilt, opened.fatal]).toEqual([1, []]);
    expect(opened.published).toEqual([1]);
    expect(ledger.settled()).toBeUndefined();
  });
});

describe("while the disk is full", () => {
  test("what accompanies an ending does not keep it out of the reserve, and does not get in alone", async () => {
    const folder = newFolder();
    const room = { bytes: 1 << 20 };
    const { ledger, badges } = await openLedger(folder, { disk: smallDisk(folder, room) });
    ledger.commit(give("ada"));
    await ledger.settled();
    room.bytes = logLength(folder);
    ledger.commit(entry({ type: "badge.taken", name: "ada" }, { type: "badge.noticed", name: "ada" }));
    await ledger.settled();
    expect(badges.names).toEqual([]);
    room.bytes = logLength(folder) - RESERVE_LENGTH;
    ledger.commit(entry({ type: "badge.noticed", name: "ada" }));
    await expect(ledger.settled()).rejects.toEqual(FULL);
  });

  test("a first revocation succeeds into the room of the reserve", async () => {
    const folder = newFolder();
    const room = { bytes: 1 << 20 };
    const opened = await openLedger(folder, { disk: smallDisk(folder, room) });
    const { ledger, badges } = opened;
    ledger.commit(give("ada"));
    ledger.commit(give("bob"));
    await ledger.settled();
    room.bytes = logLength(folder);
    ledger.commit(take("ada"));
    await ledger.settled();
    expect(badges.names).toEqual(["bob"]);
    expect(opened.rebuilt).toBe(0);
    expect(existsSync(reserveOf(folder))).toBe(false);
    expect((await openLedger(crashCopy(folder))).badges.names).toEqual(["bob"]);
  });

  test("lines that came during the retry are not written twice or lost", async () => {
    const folder = newFolder();
    const room = { bytes: 1 << 20 };
    const { ledger, published } = await openLedger(folder, { disk: smallDisk(folder, room) });
    for (const name of ["ada", "bob", "cyd"]) ledger.commit(give(name));
    await ledger.settled();
    room.bytes = logLength(folder);
    ledger.commit(take("ada"));
    await turn();
    ledger.commit(take("bob"));
    await ledger.settled();
    expect(published).toEqual([1, 2, 3, 4, 5]);
    expect((await openLedger(crashCopy(folder))).badges.names).toEqual(["cyd"]);
  });

  test("an entry that is not only endings is refused at once and changes nothing", async () => {
    const folder = newFolder();
    const room = { bytes: 1 << 20 };
    const { ledger, badges } = await openLedger(folder, { disk: smallDisk(folder, room) });
    ledger.commit(give("ada"));
    await ledger.settled();
    room.bytes = logLength(folder);
    const mixed = entry({ type: "badge.taken", name: "ada" }, { type: "badge.given", name: "bob" });
    ledger.commit(mixed);
    await expect(ledger.settled()).rejects.toEqual(FULL);
    expect(badges.names).toEqual(["ada"]);
    ledger.commit(take("ada"));
    await ledger.settled();
    expect(badges.names).toEqual([]);
  });

  test("an ending that finds no room even so is refused, and memory has it back", async () => {
    const disk = new TestDisk();
    const { ledger, badges, fatal } = await openLedger(newFolder(), { disk });
    ledger.commit(give("ada"));
    await ledger.settled();
    disk.writeFails = "ENOSPC";
    for (let attempt = 0; attempt < 2; attempt++) {
      ledger.commit(take("ada"));
      await expect(ledger.settled()).rejects.toEqual(FULL);
      expect([badges.names, fatal]).toEqual([["ada"], []]);
    }
    disk.writeFails = undefined;
    ledger.commit(take("ada"));
    await ledger.settled();
    expect(badges.names).toEqual([]);
  });

  test("a reader who saw the lost state is refused, one who comes later is not", async () => {
    const disk = new TestDisk();
    const { ledger } = await openLedger(newFolder(), { disk });
    disk.writeFails = "ENOSPC";
    ledger.commit(give("ada"));
    const early = ledger.settled();
    await expect(early).rejects.toEqual(FULL);
    expect(ledger.settled()).toBeUndefined();
  });

  test("what rebuilt() commits is written when there is room again", async () => {
    const disk = new TestDisk();
    const opened = await openLedger(newFolder(), {
      disk,
      rebuilt: () => {
        disk.writeFails = undefined;
        opened.ledger.commit(give("note"));
      },
    });
    disk.writeFails = "ENOSPC";
    opened.ledger.commit(give("ada"));
    await expect(opened.ledger.settled()).rejects.toEqual(FULL);
    await opened.ledger.settled();
    expect(opened.published).toEqual([1]);
    expect(opened.badges.names).toEqual(["note"]);
  });

  test("the checkpoint is left alone, and start needs none", async () => {
    const folder = newFolder();
    const disk = new TestDisk();
    const { ledger } = await openLedger(folder, { disk });
    ledger.commit(give("ada"));
    await ledger.settled();
    disk.writeFails = "ENOSPC";
    ledger.commit(give("bob"));
    await ledger.close();
    expect(existsSync(join(folder, "state.json"))).toBe(false);
    expect((await openLedger(folder)).badges.names).toEqual(["ada"]);
  });
});

test("whatever fits or not, memory is what a start would read, and every answer was true", async () => {
  const call = fc.record({
    take: fc.boolean(),
    name: fc.constantFrom("a", "b", "c"),
    padding: fc.integer({ min: 0, max: 400 }),
    wait: fc.boolean(),
  });
  const rooms = fc.integer({ min: 400, max: 4000 });
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 40 }), rooms, async (calls, bytes) => {
      const folder = newFolder();
      const { ledger, badges } = await openLedger(folder, { disk: smallDisk(folder, { bytes }) });
      const answered: string[] = [];
      const refused = (error: unknown): void => expect(error).toEqual(FULL);
      for (const { take: ends, name, padding, wait } of calls) {
        try {
          const { hash } = ledger.commit(ends ? take(name) : give(name, padding));
          const answer = ledger.settled()?.then(() => answered.push(hash), refused);
          if (wait) await answer;
        } catch (error) {
          refused(error);
        }
      }
      await ledger.settled()?.catch(() => undefined);
      const read = await openLedger(crashCopy(folder));
      expect(read.badges.snapshot()).toEqual(badges.snapshot());
      expect(read.ledger.head).toEqual(ledger.head);
      const log = readFileSync(join(folder, "ledger/000001.log"), "utf8");
      expect(answered.filter((hash) => !log.includes(`{"hash":"${hash}"`))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

describe("a real small file system", () => {
  /** Mounts 2 MiB of memory; elsewhere than CI an account without that right passes the test by, with a word. */
  function mountSmall(): string | undefined {
    const folder = newFolder();
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", folder], { stdio: "pipe" });
    } catch (error) {
      if (process.env["CI"] !== undefined) throw error;
      process.stderr.write("full.test.ts: no right to mount a tmpfs here; the full file system was not tried\n");
      return undefined;
    }
    onTestFinished(() => {
      execFileSync("umount", ["-l", folder]);
    });
    return folder;
  }

  /** Fills what is left, to the last byte. */
  function fill(folder: string): string {
    const path = join(folder, "ballast");
    const file = openSync(path, "w");
    try {
      for (let size = 65536; size >= 1; ) {
        try {
          writeSync(file, Buffer.alloc(size, 1));
        } catch (error) {
          if (!isSystemError(error, "ENOSPC")) throw error;
          size = Math.floor(size / 2);
        }
      }
    } finally {
      closeSync(file);
    }
    return path;
  }

  test("refuses with STORAGE_FULL, keeps memory right, still revokes, and recovers", async () => {
    const folder = mountSmall();
    if (folder === undefined) return;
    const { ledger, badges } = await openLedger(folder);
    for (let i = 0; i < 20; i++) ledger.commit(give(`b${i}`));
    await ledger.settled();
    const ballast = fill(folder);

    ledger.commit(give("one too many", 8000));
    await expect(ledger.settled()).rejects.toEqual(FULL);
    expect(badges.names).toHaveLength(20);
    expect(existsSync(reserveOf(folder))).toBe(false);
    for (let i = 0; i < 20; i++) {
      ledger.commit(take(`b${i}`));
      await ledger.settled();
      expect(() => ledger.commit(give("while full"))).toThrow(FULL);
    }
    expect([badges.names, ledger.trouble()]).toEqual([[], "full"]);

    rmSync(ballast);
    expect(ledger.trouble()).toBeUndefined();
    ledger.commit(give("after"));
    await ledger.settled();
    expect(readFileSync(reserveOf(folder))).toHaveLength(RESERVE_LENGTH);
    await ledger.close();
    expect((await openLedger(folder)).badges.names).toEqual(["after"]);
  });

  test("a start on it works, without reserve and checkpoint, for endings", async () => {
    const folder = mountSmall();
    if (folder === undefined) return;
    const first = await openLedger(folder);
    first.ledger.commit(give("ada"));
    await first.ledger.settled();
    rmSync(reserveOf(folder));
    fill(folder);
    const { ledger, badges } = await openLedger(folder);
    expect(badges.names).toEqual(["ada"]);
    expect(() => ledger.commit(give("bob"))).toThrow(FULL);
    await ledger.close();
  });

  test("a ledger cannot begin on it", async () => {
    const folder = mountSmall();
    if (folder === undefined) return;
    fill(folder);
    await expect(openLedger(folder)).rejects.toEqual(FULL);
  });
});
