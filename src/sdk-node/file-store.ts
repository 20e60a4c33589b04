/**
 * The store as files: `key.json`, `nodes/<node id>.json` for each node, and `heads/<node id>.json` for what was seen of
 * its record, 0600 in folders of 0700. A file is replaced whole and durably. A file that others may read or write is
 * refused, with the command that mends it.
 */

import { linkSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { FleetError, isFleetError } from "../foundation/errors.ts";
import { isSystemError, readIfPresent, syncFolder, writeDurably } from "../host/files.ts";
import { quoted } from "../host/shell.ts";
import type { Store } from "../sdk/records.ts";

const SUFFIX = ".json";
const NAME = /^(?:key|(?:nodes|heads)\/[0-9a-f-]{36})$/;

/** One folder of records. */
export class FileStore implements Store {
  readonly #folder: string;

  /** @param folder made when the first thing is kept */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns the text, or undefined. Throws STORE_UNUSABLE when the file is not private or cannot be read. */
  get(name: string): string | undefined {
    const path = this.#pathOf(name);
    return guarded(path, () => {
      const bytes = readIfPresent(path);
      if (bytes !== undefined) requirePrivate(path, 0o077);
      return bytes?.toString("utf8");
    });
  }

  /** Keeps the text; a key that is there already stays. Throws STORE_UNUSABLE. */
  set(name: string, text: string): void {
    const path = this.#pathOf(name);
    guarded(path, () => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      requirePrivate(this.#folder, 0o022);
      if (name === "key") createDurably(path, text);
      else writeDurably(path, text);
    });
  }

  /** Returns the names of all nodes. */
  list(): readonly string[] {
    const folder = join(this.#folder, "nodes");
    return guarded(folder, () => {
      const files = readFolder(folder).filter((file) => file.endsWith(SUFFIX));
      return files.map((file) => `nodes/${file.slice(0, -SUFFIX.length)}`).filter((name) => NAME.test(name));
    });
  }

  #pathOf(name: string): string {
    if (!NAME.test(name)) throw new RangeError("not a name of the client's store");
    return join(this.#folder, `${name}${SUFFIX}`);
  }
}

/** Writes the file unless there is one: of two programs, one wins, and neither sees half a file. */
function createDurably(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.new`;
  writeDurably(temporary, text);
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (!isSystemError(error, "EEXIST")) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolder(dirname(path));
}

function readFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw error;
  }
}

/** POSIX only: Windows keeps a profile folder private by its own means. */
function requirePrivate(path: string, forbidden: number): void {
  const uid = process.geteuid?.();
  if (uid === undefined) return;
  const stats = lstatSync(path);
  if (stats.uid !== uid) {
    throw unusable(`${path} belongs to uid ${stats.uid}, this is uid ${uid}; run as that account, or set CIDER_CONFIG_DIR`);
  }
  if ((stats.mode & forbidden) === 0) return;
  throw unusable(`${path} is open to other accounts; run: chmod ${stats.isDirectory() ? "700" : "600"} ${quoted(path)}`);
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isFleetError(error) || !(error instanceof Error && "code" in error)) throw error;
    throw unusable(`${path}: ${error.message}`, error);
  }
}

function unusable(message: string, cause?: unknown): FleetError {
  return new FleetError("STORE_UNUSABLE", message, {}, { cause });
}
