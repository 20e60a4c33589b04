/**
 * The append-only record from which all kept state is built: one write path, and a record that cannot disagree with
 * the state, because the state is folded from the very text that is written.
 *
 * Decide, commit, fold: one tick. `commit` numbers and hashes the line, folds it into memory and queues its bytes, so
 * the next call sees it. No answer leaves before everything it saw is on disk: whoever read or changed state awaits
 * `settled()`, called in that same tick.
 *
 * When the disk is full, one rule keeps "nothing was changed" and "revoking still works" both true:
 *   1. The file is cut to the last synced line and the reserve is given up.
 *   2. A batch of nothing but endings (changes that only take rights away, as each fold declares) is written again,
 *      into the room just made. Any other batch is lost, with all that chains on it: its callers get STORAGE_FULL and
 *      memory is rebuilt by the start-up replay. An ending caught in a mixed batch is lost with it, and its next try
 *      comes under rule 3.
 *   3. While the reserve is missing, `commit` takes endings only and refuses everything else at once, so nothing else
 *      can use that room up. It is made again as soon as there is space for it twice.
 *
 * A segment that is full is closed at a batch boundary, when the next one is already on disk, and a checkpoint is
 * written if memory holds nothing unsynced. Retention removes whole segments that two checkpoints have made needless.
 *
 * When a sync fails, nobody can say what the disk holds (later calls may report success for pages already dropped):
 * everything not synced fails with STORAGE_FAILED, nothing more is taken, and the daemon must exit.
 */

import { fsyncSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Clock, timestamp } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Logger } from "../foundation/logger.ts";
import { sweepTemporaryFiles, syncFolder } from "../host/files.ts";
import { Checkpoints } from "./checkpoints.ts";
import { type Disk, isFull, systemDisk } from "./disk.ts";
import { type Fold, Folds } from "./fold.ts";
import { type Entry, formatLine, GENESIS, type Head, type Line, parseLine } from "./line.ts";
import type { Extent } from "./reader.ts";
import { type Replayed, replay } from "./replay.ts";
import { Reserve } from "./reserve.ts";
import { type Retention, trimmingDue } from "./retention.ts";
import { listSegments, segmentPath, startSegment } from "./segment.ts";
import { TRIMMED } from "./trimmed.ts";
import { Writer, type WriterEvents } from "./writer.ts";

/** What a ledger is opened with. */
export interface LedgerOptions {
  /** The data folder, whose lock the caller holds. */
  readonly folder: string;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly folds: readonly Fold[];
  /** Called for every line once it is on disk, in order, before its caller is released. */
  publish(line: Line): void;
  /** Called once when the disk failed; the daemon logs and exits. */
  onFatal(error: FleetError): void;
  /** Called after memory was rebuilt because the disk was full: what was derived from lost lines must go. */
  rebuilt?(): void;
  /** The file operations; the system's by default. */
  readonly disk?: Disk;
  /** Bytes after which a segment is closed; 16 MiB by default. */
  readonly segmentBytes?: number;
}

/** Some 40,000 lines. */
const SEGMENT_BYTES = 16 * 1024 * 1024;

/** The one write path: lines are committed, folded, written and published in order. */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #folder: string;
  readonly #folds: Folds;
  readonly #checkpoints: Checkpoints;
  readonly #reserve: Reserve;
  readonly #writer: Writer;
  #head: Head;
  /** The last line on disk. */
  #syncedHead: Head;
  #segment: number;
  #closed = false;

  /**
   * Opens or begins the ledger of a data folder and builds the folds. Throws LEDGER_DAMAGED, FORMAT_NEWER,
   * KEY_UNUSABLE (the ledger is another node's) or STORAGE_FULL (no room to begin one).
   */
  static async open(options: LedgerOptions): Promise<Ledger> {
    return new Ledger(options);
  }

  private constructor(options: LedgerOptions) {
    this.#options = options;
    this.#folder = join(options.folder, "ledger");
    this.#folds = new Folds(options.folds);
    this.#checkpoints = new Checkpoints(options.folder, options.node, options.logger);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    for (const folder of [options.folder, this.#folder]) sweepTemporaryFiles(folder);
    const { segment, length, head } = sayFull(() => this.#load() ?? this.#begin());
    this.#head = head;
    this.#syncedHead = head;
    this.#segment = segment;
    this.#reserve = new Reserve(this.#folder);
    this.#writer = new Writer({
      file: openSynced(segmentPath(this.#folder, segment)),
      position: length,
      synced: head.seq,
      disk: options.disk ?? systemDisk,
      events: this.#events(),
    });
  }

  #begin(): Replayed {
    const length = startSegment(this.#folder, { node: this.#options.node, segment: 1, from: 1, prev: GENESIS.hash });
    return { segment: 1, length, head: GENESIS };
  }

  /** Builds the folds from checkpoint and lines; `running` as in replay. */
  #load(running?: { readonly seq: number; readonly length: number }): Replayed | undefined {
    const isPartial = (listSegments(this.#folder)[0] ?? 1) > 1;
    const after = this.#checkpoints.restore(this.#folds, isPartial);
    return replay({
      ...this.#options,
      folder: this.#folder,
      after,
      ...(running && { running }),
      visit: (line) => this.#folds.apply(line),
    });
  }

  /** The last line committed, synced or not. */
  get head(): Head {
    return this.#head;
  }

  /** Highest seq known to be on disk. */
  get synced(): number {
    return this.#writer.synced;
  }

  /** What can be read from disk now. */
  get extent(): Extent {
    return { folder: this.#folder, segment: this.#segment, length: this.#writer.position, head: this.#syncedHead };
  }

  /** Returns why not everything can be recorded, if so: `full` takes endings only, `failed` nothing. Looks for room again. */
  trouble(): "full" | "failed" | undefined {
    if (this.#writer.failure !== undefined) return "failed";
    return this.#reserve.restore() ? undefined : "full";
  }

  /**
   * Returns the line after folding it and queueing its bytes. Throws STORAGE_FULL when the disk is known to be full
   * and the entry is not an ending, STORAGE_FAILED after a failed sync, SHUTTING_DOWN after `close`; then nothing changed.
   */
  commit(entry: Entry): Line {
    if (this.#closed) throw new FleetError("SHUTTING_DOWN");
    if (this.#writer.failure !== undefined) throw this.#writer.failure;
    if (!this.#reserve.held && !this.#folds.isEnding(entry.changes) && !this.#reserve.restore())
      throw new FleetError("STORAGE_FULL");
    const text = formatLine(this.#head, this.synced, timestamp(this.#options.clock.now()), entry);
    const line = parseLine(text); // what is folded is what is written, not what the caller still holds
    this.#fold(line);
    this.#head = { seq: line.seq, hash: line.hash };
    this.#writer.append(line, text);
    return line;
  }

  #fold(line: Line): void {
    try {
      this.#folds.apply(line);
    } catch (error) {
      // A defect in a fold: undo the half that was applied, so that memory is what the record says.
      this.#load({ seq: this.synced, length: this.#writer.position });
      for (const pending of this.#writer.pending) this.#folds.apply(pending);
      throw error;
    }
  }

  /**
   * Resolves when everything committed so far is on disk; undefined when it is, which is the usual case and costs
   * nothing. Rejects with STORAGE_FULL or STORAGE_FAILED when it was lost. Call it in the tick in which state was read.
   */
  settled(): Promise<void> | undefined {
    return this.#writer.settled();
  }

  /** Waits for the disk, writes the checkpoint and closes the file. Takes no commits from its first moment on. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#writer.settled();
    } catch (error) {
      this.#options.logger.error({ err: error }, "lost the last lines while stopping");
    }
    if (this.#writer.failure === undefined) this.#writeCheckpoint();
    this.#writer.close();
  }

  /** Writes the checkpoint; memory must hold synced lines only. On a full disk it is left out, so that endings have the room. */
  #writeCheckpoint(): void {
    if (this.#reserve.held) this.#checkpoints.write(this.#head, this.#folds);
  }

  #events(): WriterEvents {
    return {
      synced: (lines) => {
        const { seq, hash } = lines.at(-1) ?? this.#syncedHead;
        this.#syncedHead = { seq, hash };
        for (const line of lines) this.#publish(line);
        this.#closeSegment();
      },
      full: (batch) => this.#makeRoom(batch),
      lost: () => this.#rebuild(),
      failed: (error) => {
        this.#options.logger.error({ err: error }, "the disk refused to sync the ledger");
        this.#options.onFatal(error);
      },
    };
  }

  /**
   * Goes on in another segment when this one is full. Under steady load memory is always ahead of the disk: then a segment
   * may become twice as long, and is closed without a checkpoint.
   */
  #closeSegment(): void {
    const { segmentBytes = SEGMENT_BYTES } = this.#options;
    const isSettled = this.#head.seq === this.synced;
    if (this.#writer.position < (isSettled ? segmentBytes : 2 * segmentBytes) || !this.#reserve.held || this.#closed) return;
    const segment = this.#segment + 1;
    const { seq, hash } = this.#syncedHead;
    try {
      const length = startSegment(this.#folder, { node: this.#options.node, segment, from: seq + 1, prev: hash });
      this.#writer.moveTo(openSync(segmentPath(this.#folder, segment), "r+"), length);
      this.#segment = segment;
    } catch (error) {
      this.#options.logger.warn({ err: error, segment }, "could not begin another segment; going on in this one");
      this.#dropSegment(segment);
      return;
    }
    if (isSettled) this.#writeCheckpoint();
  }

  /** Removes a segment that could not be begun: beside it, further lines of the segment before would look like damage. */
  #dropSegment(segment: number): void {
    try {
      rmSync(segmentPath(this.#folder, segment), { force: true });
      syncFolder(this.#folder);
    } catch (error) {
      this.#options.onFatal(new FleetError("STORAGE_FAILED", undefined, {}, { cause: error }));
    }
  }

  /**
   * Removes the oldest segments that the retention does not keep, once a line that says so is on disk. Resolves to how
   * many went. Rejects as `commit` and `settled` do; then nothing was removed.
   */
  async trim(retention: Retention): Promise<number> {
    const { safe } = this.#checkpoints;
    const options = { folder: this.#folder, retention, now: this.#options.clock.now(), safe };
    const due = trimmingDue(options);
    if (due === undefined) return 0;
    const { seq: upTo, hash } = due.upTo;
    this.commit({ actor: "system", request: "", operation: "Trim", changes: [{ type: TRIMMED, upTo, hash }] });
    await this.settled();
    for (const segment of due.segments) rmSync(segmentPath(this.#folder, segment));
    syncFolder(this.#folder);
    this.#options.logger.info({ segments: due.segments.length, upTo }, "removed the oldest part of the record");
    return due.segments.length;
  }

  #publish(line: Line): void {
    try {
      this.#options.publish(line);
    } catch (error) {
      this.#options.logger.error({ err: error, seq: line.seq }, "a listener failed; the line is on disk");
    }
  }

  #makeRoom(batch: readonly Line[]): boolean {
    const madeRoom = this.#reserve.giveUp();
    this.#options.logger.error(
      { lines: batch.length, seq: this.synced + 1 },
      "the disk is full; only revoking and removing work until there is space",
    );
    return madeRoom && batch.every(({ changes }) => this.#folds.isEnding(changes));
  }

  #rebuild(): void {
    const end = this.#load({ seq: this.synced, length: this.#writer.position });
    this.#head = end?.head ?? GENESIS;
    this.#options.rebuilt?.();
  }
}

/** Opens the segment and syncs it: lines of a killed process may be in the page cache only, and count as synced from here on. */
function openSynced(path: string): number {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } catch (error) {
    throw new FleetError("STORAGE_FAILED", undefined, {}, { cause: error });
  }
  return file;
}

function sayFull<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw isFull(error)
      ? new FleetError("STORAGE_FULL", "the disk is full; the ledger cannot be opened", {}, { cause: error })
      : error;
  }
}
