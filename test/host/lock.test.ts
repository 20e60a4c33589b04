import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { isNodeId } from "../../src/foundation/ids.ts";
import { acquireLock } from "../../src/host/lock.ts";

const ROUNDS = 40;

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cider-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

let program = "";

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "cider-holder-"));
  program = join(folder, "holder.mjs");
  const entry = fileURLToPath(new URL("holder.ts", import.meta.url));
  buildSync({ entryPoints: [entry], outfile: program, bundle: true, platform: "node", format: "esm", target: "node20" });
  return () => rmSync(folder, { recursive: true, force: true });
});

/** Another process that takes and releases on command. */
class Holder {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(folder: string) {
    this.#child = spawn(process.execPath, [program, folder]);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    onTestFinished(() => void this.#child.kill("SIGKILL"));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ask(command: "take" | "release"): Promise<string> {
    this.#child.stdin.write(`${command}\n`);
    return String((await this.#lines.next()).value);
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await once(this.#child, "close");
  }
}

const IN_USE = expect.objectContaining({ code: "FOLDER_IN_USE" }) as Error;

describe("two processes and one folder", () => {
  test(`have one owner in each of ${ROUNDS} races, and the loser says who`, async () => {
    const folder = newFolder();
    const holders = [new Holder(folder), new Holder(folder)] as const;
    for (let round = 0; round < ROUNDS; round++) {
      const answers = await Promise.all(holders.map((holder) => holder.ask("take")));
      const winner = answers.indexOf("owner");
      const lost = answers[1 - winner] ?? "";
      expect(answers.filter((answer) => answer === "owner")).toHaveLength(1);
      expect(lost).toMatch(/^FOLDER_IN_USE (process [0-9]+|another process) owns /);
      expect(await holders[1 - winner]?.ask("take")).toContain(`process ${holders[winner]?.pid ?? 0} owns ${folder}`);
      await holders[winner]?.ask("release");
    }
  });

  test("the lock of a killed owner is free at once", async () => {
    const folder = newFolder();
    for (let round = 0; round < 5; round++) {
      const holder = new Holder(folder);
      expect(await holder.ask("take")).toBe("owner");
      await expect(acquireLock(folder)).rejects.toThrow(IN_USE);
      await holder.kill();
      const lock = await acquireLock(folder);
      await lock.release();
    }
  });
});

describe("acquireLock", () => {
  test("is by the folder itself, whatever path leads there", async () => {
    const [folder, links] = [newFolder(), newFolder()];
    symlinkSync(folder, join(links, "link"));
    const lock = await acquireLock(folder);
    await expect(acquireLock(join(links, "link"))).rejects.toThrow(IN_USE);
    await (await acquireLock(newFolder())).release();
    await lock.release();
    await (await acquireLock(join(links, "link"))).release();
  });

  test("names node and port once the owner announced them, and forgets them on release", async () => {
    const folder = newFolder();
    const nodeId = "5a07a723-c795-8830-ae2e-6be0ef71b399";
    const lock = await acquireLock(folder);
    if (isNodeId(nodeId)) lock.announce({ nodeId, port: 9473 });
    await expect(acquireLock(folder)).rejects.toThrow(`process ${process.pid} (node 5a07a7, port 9473) owns ${folder}`);
    await lock.release();
    expect(existsSync(join(folder, "owner.json"))).toBe(false);
  });

  test.each(["", "null", "[]", "{", '{"pid":"1"}', '{"pid":-1}', '{"pid":999999999}', '{"pid":1.5}'])(
    "owner.json is only a hint: with %j in it the lock still holds",
    async (text) => {
      const folder = newFolder();
      const lock = await acquireLock(folder);
      writeFileSync(join(folder, "owner.json"), text);
      await expect(acquireLock(folder)).rejects.toThrow(`another process owns ${folder}`);
      await lock.release();
    },
  );

  test("an owner.json of a dead owner is no lock", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "owner.json"), '{"pid":1,"port":9473}');
    const lock = await acquireLock(folder);
    expect(JSON.parse(readFileSync(join(folder, "owner.json"), "utf8"))).toEqual({ pid: process.pid });
    await lock.release();
  });

  test("is refused where no such lock exists", async () => {
    await expect(acquireLock(newFolder(), "win32")).rejects.toMatchObject({ code: "UNSUPPORTED_PLATFORM" });
  });

  test("fills the abstract name on Linux, because Node versions pad shorter ones differently", async () => {
    if (process.platform !== "linux") return;
    const lock = await acquireLock(newFolder());
    const names = readFileSync("/proc/net/unix", "latin1")
      .split("\n")
      .filter((line) => line.includes("@cider-fleet-"));
    await lock.release();
    for (const name of names) expect(name.slice(name.indexOf("@"))).toMatch(/^@cider-fleet-[0-9]+-[0-9]+-+$/);
    expect(names.map((name) => name.length - name.indexOf("@"))).toContain(108);
  });
});
