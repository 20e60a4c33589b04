/** A data folder that wakes up on another machine stops the start, until a person says whether it was moved or copied. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { reportFailure } from "../../src/cli/failure.ts";
import { loadConfig } from "../../src/config/load.ts";
import { startDaemon } from "../../src/daemon/index.ts";
import type { OnMove } from "../../src/daemon/moved.ts";
import { silentLogger } from "../../src/foundation/logger.ts";
import { machineMark } from "../../src/host/machine-mark.ts";
import { run, terminalDouble } from "../cli/doubles.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cider-moved-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

/** Starts and stops a node of the folder on a machine with this mark, and returns the node's id. */
async function nodeOn(mark: string | undefined, onMove?: OnMove): Promise<string> {
  const flags = { "data-dir": folder, port: 0, listen: ["127.0.0.1"] };
  const config = loadConfig({ flags, env: { HOME: folder, CIDER_DISCOVERY: "off" } });
  const node = await startDaemon({
    config,
    logger: silentLogger,
    mark: () => Promise.resolve(mark),
    ...(onMove !== undefined && { onMove }),
  });
  await node.stop();
  return node.nodeId;
}

const failureOn = (mark: string): Promise<unknown> => nodeOn(mark).catch((error: unknown) => error);

describe("a data folder", () => {
  it("goes on where it was, where nothing tells machines apart, and where it was never recorded", async () => {
    const id = await nodeOn(undefined);
    expect(existsSync(join(folder, "machine.json"))).toBe(false);
    expect(await nodeOn("one")).toBe(id);
    expect(JSON.parse(readFileSync(join(folder, "machine.json"), "utf8"))).toEqual({ machine: 1, mark: "one" });
    expect(statSync(join(folder, "machine.json")).mode & 0o777).toBe(0o600);
    expect(await nodeOn("one", "renew")).toBe(id);
    expect(await nodeOn(undefined)).toBe(id);
  });

  it("stops the start on another machine, says what there is to choose, and changes nothing", async () => {
    await nodeOn("one");
    const before = readdirSync(folder);
    const terminal = terminalDouble();
    expect(reportFailure(await failureOn("two"), terminal)).toBe(78);
    expect(terminal.stderr.text).toBe(
      `cider: error: the data folder ${folder} was last used on another machine\n` +
        'cider: hint: moved here, and the old place is gone: "cider fleet up --keep-identity"; ' +
        'copied, and both are to run: "cider fleet up --renew-identity"\n',
    );
    expect(await failureOn("two")).toMatchObject({ code: "FOLDER_MOVED" });
    expect(readdirSync(folder)).toEqual(before);
  });

  it("goes on as the same node when it was moved, and is at home from then on", async () => {
    const id = await nodeOn("one");
    expect(await nodeOn("two", "keep")).toBe(id);
    expect(await nodeOn("two")).toBe(id);
    expect(await failureOn("one")).toMatchObject({ code: "FOLDER_MOVED" });
  });

  it("becomes another node when it was copied, and keeps the copy aside", async () => {
    const id = await nodeOn("one");
    const key = readFileSync(join(folder, "identity.key"), "utf8");
    const other = await nodeOn("two", "renew");
    expect(other).not.toBe(id);
    expect(await nodeOn("two")).toBe(other);
    const aside = readdirSync(folder).find((name) => name.startsWith("before-")) ?? "";
    expect(readFileSync(join(folder, aside, "identity.key"), "utf8")).toBe(key);
    expect(statSync(join(folder, aside)).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, aside))).toContain("ledger");
  });

  it("is recorded again when the record is damaged, and refused when it is newer", async () => {
    const id = await nodeOn("one");
    writeFileSync(join(folder, "machine.json"), "{");
    expect(await nodeOn("two")).toBe(id);
    writeFileSync(join(folder, "machine.json"), '{"machine":2,"mark":"two"}');
    expect(await failureOn("two")).toMatchObject({ code: "FORMAT_NEWER" });
  });

  it("cannot be both", async () => {
    const { code, err } = await run("up", "--data-dir", folder, "--keep-identity", "--renew-identity");
    expect([code, err]).toEqual([2, "cider: error: --keep-identity and --renew-identity exclude each other\n"]);
  });
});

describe("the mark of a machine", () => {
  const ID = "0123456789abcdef0123456789abcdef";
  const UUID = "564D1F2A-0000-1111-2222-333344445555";
  const linux = (text: string, found: readonly string[] = []) =>
    machineMark({
      platform: "linux",
      read: () => text,
      exists: (path) => found.includes(path),
      run: () => Promise.reject(new Error("no tool is asked on Linux")),
    });
  const mac = (code: number, stdout: string) => {
    const asked: string[][] = [];
    const mark = machineMark({
      platform: "darwin",
      read: () => "",
      exists: () => false,
      run: (tool, args) => {
        asked.push([tool, ...args]);
        return Promise.resolve({ code, stdout });
      },
    });
    return { asked, mark };
  };

  it("is the hashed machine-id of Linux, and there is none without one or in a container", async () => {
    const mark = await linux(`${ID}\n`);
    expect(mark).toMatch(/^[0-9a-f]{64}$/);
    expect(mark).not.toContain(ID);
    expect(await linux(ID.replace("0", "1"))).not.toBe(mark);
    for (const text of ["", "uninitialized\n", `${ID}0`]) expect(await linux(text)).toBeUndefined();
    expect(await linux(ID, ["/.dockerenv"])).toBeUndefined();
    expect(await linux(ID, ["/run/.containerenv"])).toBeUndefined();
  });

  it("is the hashed platform UUID of macOS, and there is none when the tool fails", async () => {
    const { asked, mark } = mac(0, `+-o J314  <class IOPlatformExpertDevice>\n      "IOPlatformUUID" = "${UUID}"\n`);
    expect(await mark).toMatch(/^[0-9a-f]{64}$/);
    expect(asked).toEqual([["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"]]);
    expect(await mac(1, `"IOPlatformUUID" = "${UUID}"`).mark).toBeUndefined();
    expect(await mac(0, "nothing").mark).toBeUndefined();
  });
});
