/**
 * Files that must survive a power cut and be private from their first byte: keys, certificates, checkpoints.
 *
 * A file is replaced as a whole: exclusive temporary file in the same folder, write, sync, rename, sync the folder.
 * Readers see the old bytes or the new ones, never a mixture, and never a moment with wider rights. On macOS Node's
 * sync calls are F_FULLFSYNC, so "on disk" means past the drive's own cache.
 */

import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

const TEMPORARY = /^\..+\.[0-9]+\.tmp$/;

/** Replaces `path` by `bytes`, durably, with exactly `mode`. Throws the system's error and leaves the old file. */
export function writeDurably(path: string, bytes: Uint8Array | string, mode = 0o600): void {
  replace(path, bytes, mode, fsyncSync);
  syncFolder(dirname(path));
}

/** Does the same without waiting for the disk, for what may be lost or empty after a power cut. */
export function writeLightly(path: string, bytes: Uint8Array | string, mode = 0o600): void {
  replace(path, bytes, mode, () => undefined);
}

/** Makes a file that must not be there yet, durably. Throws the system's error and leaves no part of it. */
export function writeNewFile(path: string, bytes: Uint8Array | string, mode = 0o600): void {
  const file = openSync(path, "wx", mode);
  try {
    fillNew(file, bytes, mode, fsyncSync);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

function replace(path: string, bytes: Uint8Array | string, mode: number, sync: (file: number) => void): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  // Only a process of this id, now dead, can have left this name. "wx" neither follows a link nor opens what exists.
  rmSync(temporary, { force: true });
  try {
    writeNew(temporary, bytes, mode, sync);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writeNew(path: string, bytes: Uint8Array | string, mode: number, sync: (file: number) => void): void {
  fillNew(openSync(path, "wx", mode), bytes, mode, sync);
}

/** Closes the file in any case. */
function fillNew(file: number, bytes: Uint8Array | string, mode: number, sync: (file: number) => void): void {
  try {
    fchmodSync(file, mode); // what the umask took away, or a wider default
    writeFileSync(file, bytes);
    sync(file);
  } finally {
    closeSync(file);
  }
}

/** Returns the whole file, or undefined when there is none; any other failure throws the system's error. */
export function readIfPresent(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Returns the text of a file; empty when there is none, or when this account may not read it. */
export function textOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Returns the names in a folder; none when there is none, or when this account may not read it. */
export function namesOrNone(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Makes names that were created, renamed or removed in `path` durable. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Removes temporary files that a killed process left in `folder`. Only for whoever holds the folder's lock. */
export function sweepTemporaryFiles(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (TEMPORARY.test(name)) rmSync(join(folder, name), { force: true });
  }
}

/** Returns whether `error` came from the operating system, with one of these codes (`ENOENT`, `ENOSPC` …). */
export function isSystemError(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code);
}
