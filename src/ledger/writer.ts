/**
 * Group commit: one writer that takes all lines queued by then, writes them, waits for the disk, and releases whoever
 * waited. A line alone pays one sync; a hundred at once pay one sync together.
 *
 * Order within a batch: write → sync → `synced` advances → lines are published → waiters are released. So nobody is
 * answered or told of a line that a power cut could take back.
 */

import { closeSync } from "node:fs";
import { FleetError } from "../foundation/errors.ts";
import { type Disk, isFull } from "./disk.ts";
import type { Line } from "./line.ts";

/** Most bytes of one batch, unless a single line is longer. */
export const MAX_BATCH = 1024 * 1024;

/** What the owner of the file does when the disk has spoken. */
export interface WriterEvents {
  /** These lines are on disk, in order. Called before waiters are released. */
  synced(lines: readonly Line[]): void;
  /** The disk has no room for this batch; the file is as it was before. Returns true when room was made to try again. */
  full(batch: readonly Line[]): boolean;
  /** Every line not on disk was dropped. Called before waiters learn of it. Throwing counts as failure. */
  lost(): void;
  /** The disk failed for good. Called once; the writer takes nothing any more. */
  failed(error: FleetError): void;
}

interface Queued {
  readonly line: Line;
  readonly bytes: Buffer;
}

interface Waiter {
  readonly seq: number;
  readonly resolve: () => void;
  readonly reject: (error: FleetError) => void;
}

export interface WriterParts {
  /** Open file descriptor; the writer closes it. */
  readonly file: number;
  /** Bytes of the file that hold whole, synced lines. */
  readonly position: number;
  /** Seq of the last of them. */
  readonly synced: number;
  readonly disk: Disk;
  readonly events: WriterEvents;
}

export class Writer {
  #file: number;
  readonly #disk: Disk;
  readonly #events: WriterEvents;
  #position: number;
  #synced: number;
  #queue: Queued[] = [];
  /** Lines written or being written, not synced yet. */
  #batch: readonly Queued[] = [];
  /** A write is scheduled or a sync is under way. */
  #busy = false;
  readonly #waiters: Waiter[] = [];
  /** The promise of the highest seq anybody waits for. */
  #latest: { readonly seq: number; readonly promise: Promise<void> } | undefined;
  #failure: FleetError | undefined;

  constructor({ file, position, synced, disk, events }: WriterParts) {
    this.#file = file;
    this.#position = position;
    this.#synced = synced;
    this.#disk = disk;
    this.#events = events;
  }

  /** Highest seq known to be on disk. */
  get synced(): number {
    return this.#synced;
  }

  /** Length of the file up to the last synced line. */
  get position(): number {
    return this.#position;
  }

  /** What ended this writer, if anything did: STORAGE_FAILED. */
  get failure(): FleetError | undefined {
    return this.#failure;
  }

  /** Lines not on disk yet, in order. */
  get pending(): readonly Line[] {
    return [...this.#batch, ...this.#queue].map(({ line }) => line);
  }

  /** Queues a line. The write starts when this turn of the event loop is over, with all that came by then. */
  append(line: Line, text: string): void {
    this.#queue.push({ line, bytes: Buffer.from(text) });
    if (this.#busy) return;
    this.#busy = true;
    setImmediate(() => this.#write());
  }

  /**
   * Resolves when every line queued so far is on disk; undefined when that is so already. Rejects with STORAGE_FULL or
   * STORAGE_FAILED when they were dropped.
   */
  settled(): Promise<void> | undefined {
    if (this.#failure !== undefined) return watched(Promise.reject(this.#failure));
    const seq = (this.#queue.at(-1) ?? this.#batch.at(-1))?.line.seq;
    if (seq === undefined) return undefined;
    return this.#latest?.seq === seq ? this.#latest.promise : this.#wait(seq);
  }

  #wait(seq: number): Promise<void> {
    const promise = watched(new Promise<void>((resolve, reject) => this.#waiters.push({ seq, resolve, reject })));
    this.#latest = { seq, promise };
    return promise;
  }

  #write(): void {
    this.#batch = this.#take();
    if (this.#batch.length === 0) {
      this.#busy = false;
      return;
    }
    const bytes = Buffer.concat(this.#batch.map((queued) => queued.bytes));
    try {
      this.#disk.write(this.#file, bytes, this.#position);
    } catch (error) {
      this.#notWritten(error);
      return;
    }
    this.#disk.sync(this.#file, (error) => {
      if (error === null) this.#onDisk(bytes.length);
      else this.#fail(error);
    });
  }

  #take(): readonly Queued[] {
    let count = 0;
    let length = 0;
    for (const { bytes } of this.#queue) {
      length += bytes.length;
      if (length > MAX_BATCH && count > 0) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  #onDisk(length: number): void {
    const lines = this.#batch.map(({ line }) => line);
    this.#batch = [];
    this.#position += length;
    this.#synced = lines.at(-1)?.seq ?? this.#synced;
    this.#events.synced(lines);
    while ((this.#waiters[0]?.seq ?? Infinity) <= this.#synced) this.#waiters.shift()?.resolve();
    this.#write();
  }

  #notWritten(cause: unknown): void {
    if (!isFull(cause)) {
      this.#fail(cause);
      return;
    }
    try {
      this.#disk.truncate(this.#file, this.#position);
      if (this.#events.full(this.#batch.map(({ line }) => line))) {
        this.#queue.unshift(...this.#batch);
        this.#write();
        return;
      }
      const losers = this.#drop();
      this.#events.lost();
      for (const { reject } of losers) reject(new FleetError("STORAGE_FULL", undefined, {}, { cause }));
      this.#write();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(cause: unknown): void {
    const failure = new FleetError("STORAGE_FAILED", undefined, {}, { cause });
    this.#failure = failure;
    for (const { reject } of this.#drop()) reject(failure);
    this.#events.failed(failure);
  }

  /** Forgets every line not on disk and returns who waited for them. */
  #drop(): readonly Waiter[] {
    this.#batch = [];
    this.#queue = [];
    this.#latest = undefined;
    return this.#waiters.splice(0);
  }

  /** Goes on in another file, of which `position` bytes are written. Called by `synced`, when no batch is under way. */
  moveTo(file: number, position: number): void {
    closeSync(this.#file);
    this.#file = file;
    this.#position = position;
  }

  /** Closes the file. Whoever calls it has waited for `settled`. */
  close(): void {
    closeSync(this.#file);
  }
}

/** An asker who hung up does not look at the outcome; that must not end the process. */
function watched(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}
