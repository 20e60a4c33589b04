/**
 * `ledger/reserve`: room kept for the day the disk is full, so that rights can still be taken away on it.
 *
 * The file is filled with bytes no file system can compress or leave out. It is given up at the first "no space" and
 * made again when there is room for it and as much besides; while it is missing the ledger takes endings only.
 */

import { createHash } from "node:crypto";
import { closeSync, openSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Bytes; some 500 revocations. */
export const RESERVE_LENGTH = 256 * 1024;

/** Room on the disk that is given up when there is no other. */
export class Reserve {
  readonly #folder: string;
  readonly #path: string;
  #held: boolean;

  /** Takes the reserve that is there, or makes one if the disk has room for just that. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, "reserve");
    this.#held = this.#isWhole() || this.#write();
  }

  get held(): boolean {
    return this.#held;
  }

  /** Makes the reserve again, if the disk has room for it twice. Returns whether there is one now. */
  restore(): boolean {
    this.#held ||= this.#hasRoom() && this.#write();
    return this.#held;
  }

  /** Removes the file. Returns whether that made room. */
  giveUp(): boolean {
    const held = this.#held;
    rmSync(this.#path, { force: true });
    this.#held = false;
    return held;
  }

  #isWhole(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false })?.size === RESERVE_LENGTH;
  }

  #hasRoom(): boolean {
    const { bavail, bsize } = statfsSync(this.#folder);
    return bavail * bsize >= 2 * RESERVE_LENGTH;
  }

  #write(): boolean {
    const filling = createHash("shake256", { outputLength: RESERVE_LENGTH }).update("cider-fleet reserve").digest();
    try {
      const file = openSync(this.#path, "w", 0o600);
      try {
        writeFileSync(file, filling);
      } finally {
        closeSync(file);
      }
      return true;
    } catch {
      rmSync(this.#path, { force: true });
      return false;
    }
  }
}
