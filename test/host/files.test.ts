import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { isSystemError, readIfPresent, sweepTemporaryFiles, syncFolder, writeDurably } from "../../src/host/files.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cider-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe("writeDurably", () => {
  test("makes a private file and leaves nothing beside it", () => {
    const folder = newFolder();
    writeDurably(join(folder, "key"), "one");
    expect([readFileSync(join(folder, "key"), "utf8"), modeOf(join(folder, "key")), readdirSync(folder)]).toEqual([
      "one",
      "600",
      ["key"],
    ]);
  });

  test("replaces as a whole, with the mode asked for whatever the umask or the old file says", () => {
    const path = join(newFolder(), "ca.pem");
    writeFileSync(path, "an older, longer text");
    chmodSync(path, 0o666);
    const before = process.umask(0o077);
    try {
      writeDurably(path, Uint8Array.of(1, 2), 0o644);
    } finally {
      process.umask(before);
    }
    expect([...readFileSync(path)]).toEqual([1, 2]);
    expect(modeOf(path)).toBe("644");
  });

  test("does not write through a link laid where its temporary file would be", () => {
    const folder = newFolder();
    const victim = join(folder, "victim");
    writeFileSync(victim, "untouched");
    symlinkSync(victim, join(folder, `.key.${process.pid}.tmp`));
    writeDurably(join(folder, "key"), "secret");
    expect(readFileSync(victim, "utf8")).toBe("untouched");
    expect(statSync(join(folder, "key")).isFile()).toBe(true);
  });

  test("leaves the old file and no half one when it fails", () => {
    const folder = newFolder();
    const path = join(folder, "taken");
    writeDurably(join(folder, "file"), "kept");
    symlinkSync(folder, path);
    expect(() => writeDurably(join(folder, "missing", "file"), "x")).toThrow(expect.objectContaining({ code: "ENOENT" }));
    rmSync(path);
    expect(readdirSync(folder)).toEqual(["file"]);
  });
});

test("readIfPresent returns undefined for no file, and throws for what is none", () => {
  const folder = newFolder();
  expect(readIfPresent(join(folder, "none"))).toBeUndefined();
  expect(() => readIfPresent(folder)).toThrow(expect.objectContaining({ code: "EISDIR" }));
});

test("sweepTemporaryFiles takes what a killed writer left, and nothing else", () => {
  const folder = newFolder();
  for (const name of [".state.json.123.tmp", "state.json", ".hidden", "x.123.tmp"]) writeFileSync(join(folder, name), "");
  sweepTemporaryFiles(folder);
  expect(readdirSync(folder).sort()).toEqual([".hidden", "state.json", "x.123.tmp"]);
});

test("syncFolder needs a folder", () => {
  const folder = newFolder();
  expect(() => syncFolder(folder)).not.toThrow();
  expect(() => syncFolder(join(folder, "none"))).toThrow();
  expect(existsSync(folder)).toBe(true);
});

test("isSystemError tells the system's errors from others", () => {
  const error = Object.assign(new Error("no space"), { code: "ENOSPC" });
  expect(isSystemError(error, "EDQUOT", "ENOSPC")).toBe(true);
  expect([
    isSystemError(error, "ENOENT"),
    isSystemError(new Error("ENOENT"), "ENOENT"),
    isSystemError({ code: "ENOENT" }, "ENOENT"),
  ]).toEqual([false, false, false]);
});
