/** The file operations of the writer, passed in so that a test can let a disk fill up or die. */

import { fdatasync, fsyncSync, ftruncateSync, writeSync } from "node:fs";
import type { Clock } from "../foundation/clock.ts";
import { isSystemError } from "../host/files.ts";

/** What the ledger needs of a disk. */
export interface Disk {
  /** Writes all of `bytes` at `position`. Throws the system's error; some bytes may be written by then. */
  write(file: number, bytes: Uint8Array, position: number): void;
  /** Calls back when everything written is on disk. After an error, never call it again on that descriptor. */
  sync(file: number, done: (error: Error | null) => void): void;
  /** Cuts the file, durably: a line that was refused must not come back after a power cut. */
  truncate(file: number, length: number): void;
}

/**
 * Writing fills the page cache in microseconds and is done at once; a second trip through the thread pool would cost
 * more. Waiting for the disk is what leaves the tick.
 */
export const systemDisk: Disk = {
  write: (file, bytes, position) => {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, position + done);
  },
  sync: fdatasync,
  truncate: (file, length) => {
    ftruncateSync(file, length);
    fsyncSync(file);
  },
};

/** Returns whether the error means that there is no room, by the disk or by quota. */
export function isFull(error: unknown): boolean {
  return isSystemError(error, "ENOSPC", "EDQUOT");
}

/** Returns the disk with each sync timed: `done` is told the milliseconds it took. */
export function timed(disk: Disk, clock: Clock, done: (ms: number) => void): Disk {
  return {
    ...disk,
    sync: (file, callback) => {
      const start = clock.elapsed();
      disk.sync(file, (error) => {
        done(clock.elapsed() - start);
        callback(error);
      });
    },
  };
}
