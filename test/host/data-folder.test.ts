import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  defaultDataFolder,
  MAX_SOCKET_PATH,
  openDataFolder,
  socketPathFor,
  systemDataFolder,
} from "../../src/host/data-folder.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cider-data-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const unsafe = (text: string): Error =>
  expect.objectContaining({ code: "FOLDER_UNSAFE", message: expect.stringContaining(text) as string }) as Error;

describe("openDataFolder", () => {
  test("makes the folder and its parents private, and takes it again", () => {
    const folder = join(newFolder(), "state", "cider-fleet");
    openDataFolder(folder);
    openDataFolder(folder);
    for (const path of [folder, join(folder, "..")]) expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  test.each(["0701", "0710", "0755", "0777", "0500", "0600"])("refuses mode %s and names the cure", (text) => {
    const mode = Number.parseInt(text, 8);
    const folder = newFolder();
    chmodSync(folder, mode);
    expect(() => openDataFolder(folder)).toThrow(unsafe(`(mode ${text}): chmod 700 '${folder}'`));
    expect(statSync(folder).mode & 0o777).toBe(mode);
  });

  test("refuses a link, a file, and a way through a file", () => {
    const folder = newFolder();
    mkdirSync(join(folder, "real"), { mode: 0o700 });
    symlinkSync(join(folder, "real"), join(folder, "link"));
    symlinkSync(join(folder, "nowhere"), join(folder, "dangling"));
    writeFileSync(join(folder, "file"), "");
    for (const link of ["link", "dangling"]) expect(() => openDataFolder(join(folder, link))).toThrow(unsafe("symbolic link"));
    expect(() => openDataFolder(join(folder, "file"))).toThrow(unsafe("not a directory"));
    expect(() => openDataFolder(join(folder, "file", "x"))).toThrow(unsafe("cannot be made"));
  });

  test("refuses another account's folder and names the cure, quoted for a shell", () => {
    const folder = join(newFolder(), "it's");
    mkdirSync(folder, { mode: 0o700 });
    const uid = process.geteuid?.();
    if (uid === 0) {
      chownSync(folder, 12345, 12345);
      expect(() => openDataFolder(folder)).toThrow(unsafe("uid 12345"));
      expect(() => openDataFolder(folder)).toThrow(unsafe("sudo chown -R 0 '"));
      expect(() => openDataFolder(folder)).toThrow(unsafe("it'\\''s'"));
    } else {
      expect(() => openDataFolder("/")).toThrow(unsafe("uid 0"));
    }
  });
});

describe("defaultDataFolder", () => {
  test.each([
    [{ CIDER_DATA_DIR: "/srv/node" }, "linux", 0, "/srv/node"],
    [{ CIDER_DATA_DIR: "" }, "linux", 0, "/var/lib/cider-fleet"],
    [{}, "linux", 0, "/var/lib/cider-fleet"],
    [{}, "darwin", 0, "/Library/Application Support/cider-fleet"],
    [{}, "darwin", 501, "/home/ada/Library/Application Support/cider-fleet"],
    [{}, "linux", 1000, "/home/ada/.local/state/cider-fleet"],
    [{ XDG_STATE_HOME: "/x/state" }, "linux", 1000, "/x/state/cider-fleet"],
    [{ XDG_STATE_HOME: "relative" }, "linux", 1000, "/home/ada/.local/state/cider-fleet"],
    [{ XDG_STATE_HOME: "/x/state" }, "darwin", 501, "/home/ada/Library/Application Support/cider-fleet"],
  ] as const)("%j on %s as uid %i is %s", (env, platform, uid, folder) => {
    expect(defaultDataFolder(env, platform, uid, "/home/ada")).toBe(folder);
  });
});

describe("socketPathFor", () => {
  test.each(["linux", "darwin"] as const)(
    "the system's own node on %s has the system's run folder, any other its own",
    (platform) => {
      const run = platform === "darwin" ? "/var/run" : "/run";
      expect(socketPathFor(systemDataFolder(platform), platform)).toBe(`${run}/cider-fleet/node.sock`);
      expect(socketPathFor(`${systemDataFolder(platform)}/`, platform)).toBe(`${run}/cider-fleet/node.sock`);
      expect(socketPathFor("/srv/second", platform)).toBe("/srv/second/run/node.sock");
    },
  );

  test("a path of 103 bytes works, one more is refused", () => {
    const fits = `/${"ä".repeat(44)}`;
    expect(Buffer.byteLength(socketPathFor(fits, "linux"))).toBe(MAX_SOCKET_PATH);
    expect(() => socketPathFor(`${fits}x`, "linux")).toThrow(expect.objectContaining({ code: "SOCKET_PATH_TOO_LONG" }));
  });
});
