/**
 * A log that keeps itself small, for where nobody else does (launchd). When it is full its bytes are copied to `.1` and
 * the file is cut, not renamed: launchd holds it open as well and goes on appending to it.
 */

import { appendFileSync, copyFileSync, existsSync, mkdirSync, renameSync, statSync, truncateSync } from "node:fs";
import { dirname } from "node:path";

/** Bytes after which a log is put aside. */
export const MAX_LOG_BYTES = 10 * 1024 * 1024;
/** Logs kept beside the present one: `.1` is the youngest. */
export const KEPT_LOGS = 3;

/** When a log is cut, and how many earlier ones stay. */
export interface LogLimits {
  readonly bytes: number;
  readonly kept: number;
}

/** A log that is appended to. */
export class LogFile {
  readonly #path: string;
  readonly #limits: LogLimits;
  #size: number;

  /** Makes the file, 0600, where there is none. */
  constructor(path: string, limits: LogLimits = { bytes: MAX_LOG_BYTES, kept: KEPT_LOGS }) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    appendFileSync(path, "", { mode: 0o600 });
    this.#path = path;
    this.#limits = limits;
    // Others write into it as well: launchd appends what failed starts said.
    this.#size = statSync(path).size;
  }

  /** Appends a line. A log that cannot be written, as on a full disk, ends nothing. */
  write(line: string): void {
    try {
      if (this.#size >= this.#limits.bytes) this.#rotate();
      appendFileSync(this.#path, line, { mode: 0o600 });
      this.#size += Buffer.byteLength(line);
    } catch {
      // There is no better place to say it.
    }
  }

  #rotate(): void {
    const named = (age: number) => `${this.#path}.${age}`;
    for (let age = this.#limits.kept - 1; age >= 1; age--) if (existsSync(named(age))) renameSync(named(age), named(age + 1));
    copyFileSync(this.#path, named(1));
    truncateSync(this.#path);
    this.#size = 0;
  }
}
