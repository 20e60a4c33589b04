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

/** Most characters of one batch, unless a single line is longer; bytes, but for names in other scripts. */
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

/** Lines that are written together, and one promise for all who wait for any of them. */
class Batch {
  readonly lines: Line[] = [];
  text = "";
  #settled: Promise<void> | undefined;
  #settle: ((error?: FleetError) => void) | undefined;

  add(line: Line, text: string): void {
    this.lines.push(line);
    this.text += text;
  }

  /** Resolves when these lines are on disk. */
  settled(): Promise<void> {
    this.#settled ??= watched(
      new Promise<void>((resolve, reject) => {
        this.#settle = (error) => (error === undefined ? resolve() : reject(error));
      }),
    );
    return this.#settled;
  }

  /** Releases whoever waits; with an error when the lines were dropped. */
  settle(error?: FleetError): void {
    this.#settle?.(error);
  }
}

/** Where lines go, and who hears of them. */
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

/** Writes queued lines in batches, each synced before anybody is told. */
export class Writer {
  #file: number;
  readonly #disk: Disk;
  readonly #events: WriterEvents;
  #position: number;
  #synced: number;
  readonly #queue: Batch[] = [];
  /** What is written or being written, not synced yet. */
  #batch: Batch | undefined;
  /** A write is scheduled or a sync is under way. */
  #busy = false;
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
    return this.#unsettled().flatMap(({ lines }) => lines);
  }

  /** Queues a line. The write starts when this turn of the event loop is over, with all that came by then. */
  append(line: Line, text: string): void {
    const last = this.#queue.at(-1);
    if (last !== undefined && last.text.length + text.length <= MAX_BATCH) last.add(line, text);
    else this.#begin().add(line, text);
    if (this.#busy) return;
    this.#busy = true;
    setImmediate(() => this.#write());
  }

  #begin(): Batch {
    const batch = new Batch();
    this.#queue.push(batch);
    return batch;
  }

  /**
   * Resolves when every line queued so far is on disk; undefined when that is so already. Rejects with STORAGE_FULL or
   * STORAGE_FAILED when they were dropped.
   */
  settled(): Promise<void> | undefined {
    if (this.#failure !== undefined) return watched(Promise.reject(this.#failure));
    return (this.#queue.at(-1) ?? this.#batch)?.settled();
  }

  #write(): void {
    const batch = this.#queue.shift();
    this.#batch = batch;
    if (batch === undefined) {
      this.#busy = false;
      return;
    }
    const bytes = Buffer.from(batch.text);
    try {
      this.#disk.write(this.#file, bytes, this.#position);
    } catch (error) {
      this.#notWritten(batch, error);
      return;
    }
    this.#disk.sync(this.#file, (error) => {
      if (error === null) this.#onDisk(batch, bytes.length);
      else this.#fail(error);
    });
  }

  #onDisk(batch: Batch, length: number): void {
    this.#batch = undefined;
    this.#position += length;
    this.#synced = batch.lines.at(-1)?.seq ?? this.#synced;
    this.#events.synced(batch.lines);
    batch.settle();
    this.#write();
  }

  #notWritten(batch: Batch, cause: unknown): void {
    if (!isFull(cause)) {
      this.#fail(cause);
      return;
    }
    try {
      this.#disk.truncate(this.#file, this.#position);
      if (this.#events.full(batch.lines)) {
        this.#queue.unshift(batch);
        this.#write();
        return;
      }
      const lost = this.#drop();
      this.#events.lost();
      for (const dropped of lost) dropped.settle(new FleetError("STORAGE_FULL", undefined, {}, { cause }));
      this.#write();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(cause: unknown): void {
    const failure = new FleetError("STORAGE_FAILED", undefined, {}, { cause });
    this.#failure = failure;
    for (const dropped of this.#drop()) dropped.settle(failure);
    this.#events.failed(failure);
  }

  /** Forgets every line not on disk and returns the batches they were in. */
  #drop(): readonly Batch[] {
    const dropped = this.#unsettled();
    this.#batch = undefined;
    this.#queue.length = 0;
    return dropped;
  }

  #unsettled(): readonly Batch[] {
    return this.#batch === undefined ? [...this.#queue] : [this.#batch, ...this.#queue];
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
