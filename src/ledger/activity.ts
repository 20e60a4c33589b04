/**
 * `activity/`: uses of tokens and failed attempts, counted. The noise that has no place in the ledger: same form of
 * line, its own chain, its own retention. Nothing waits for it and nothing but counters is rebuilt from it, so where
 * the ledger would stop, this log drops a line or cuts its end and goes on.
 *
 * It is bounded: a segment that is full is followed by another, which begins with the sum of each credential, and the
 * one before the last is removed. So a start reads one segment, and whoever makes noise for a year fills two.
 */

import { mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Clock, timestamp } from "../foundation/clock.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Logger } from "../foundation/logger.ts";
import { writeDurably } from "../host/files.ts";
import { type Disk, systemDisk } from "./disk.ts";
import { type Change, formatHeader, formatLine, GENESIS, type Head, type Line, parseLine } from "./line.ts";
import type { Extent } from "./reader.ts";
import { cutTail, listSegments, readHeader, type ScanStart, scanLines, segmentPath, startSegment } from "./segment.ts";
import { Writer } from "./writer.ts";

/** Rows of one line; what is beyond becomes one more row. */
export const MAX_ROWS = 500;

/** Bytes after which a segment is followed by another; two are kept. */
const SEGMENT_BYTES = 8 * 1024 * 1024;

/** What came since the line before. */
export const COUNTED = "activity.counted";
/** All that came before this segment. */
const CARRIED = "activity.carried";

/** What one credential did from one address since the line before. */
export interface ActivityRow {
  /** Name of the operation; `*` in the row that sums the rest. */
  readonly operation: string;
  /** `token:<id>`, `peer:<id>`, `local` or `nobody`; `*` in the row that sums the rest. */
  readonly credential: string;
  /** Address without zone; empty for the local socket; `*` in the row that sums the rest. */
  readonly from: string;
  /** How often. */
  readonly n: number;
  /** When last, RFC 3339 UTC with milliseconds. */
  readonly last: string;
}

/** Where the files are, and how long they stay. */
export interface ActivityOptions {
  /** The data folder. */
  readonly folder: string;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called for every row that counts, oldest first. */
  readonly replay: (row: ActivityRow) => void;
  /** Returns the sum of each credential, what was appended included. */
  readonly totals: () => readonly ActivityRow[];
  readonly segmentBytes?: number;
  readonly disk?: Disk;
}

/** The files of counted uses, appended to. */
export class ActivityLog {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #options: ActivityOptions;
  readonly #writer: Writer;
  #segment: number;
  #head: Head;
  /** The last line on disk. */
  #synced: Head;
  #closed = false;

  /** Opens or begins the log, replaying its rows. An end that does not verify is moved aside. */
  static open(options: ActivityOptions): ActivityLog {
    return new ActivityLog(options);
  }

  private constructor(options: ActivityOptions) {
    const folder = join(options.folder, "activity");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { head, length, segment } = readLog(folder, options);
    this.#options = options;
    this.#segment = segment;
    this.#folder = folder;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#head = head;
    this.#synced = head;
    this.#writer = new Writer({
      file: openSync(segmentPath(folder, segment), "r+"),
      position: length,
      synced: head.seq,
      disk: options.disk ?? systemDisk,
      events: {
        synced: (lines) => {
          this.#synced = lines.at(-1) ?? this.#synced;
          this.#closeSegment();
        },
        full: () => false,
        lost: () => {
          this.#head = this.#synced;
          this.#logger.warn({}, "dropped counted activity; the disk is full");
        },
        failed: (error) => {
          this.#logger.warn({ err: error }, "stopped counting activity on disk");
        },
      },
    });
  }

  /** What can be read from disk now. */
  get extent(): Extent {
    const { seq, hash } = this.#synced;
    return { folder: this.#folder, segment: this.#segment, length: this.#writer.position, head: { seq, hash } };
  }

  /** Queues one line of these rows, the most telling first: those beyond 500 are summed. Never throws, never waits. */
  append(rows: readonly ActivityRow[]): void {
    if (rows.length > 0 && !this.#closed && this.#writer.failure === undefined) this.#append(COUNTED, sumRest(rows));
  }

  #append(type: string, rows: readonly ActivityRow[]): void {
    const changes = rows.map((row) => ({ ...row, type }));
    const entry = { actor: "system", request: "", operation: "CountActivity", changes };
    const text = formatLine(this.#head, this.#writer.synced, timestamp(this.#clock.now()), entry);
    const line = parseLine(text);
    this.#head = { seq: line.seq, hash: line.hash };
    this.#writer.append(line, text);
  }

  /** Goes on in another segment when this one is full and nothing is queued: queued lines are numbered to follow in this one. */
  #closeSegment(): void {
    const { clock, logger, node, segmentBytes = SEGMENT_BYTES, totals } = this.#options;
    if (this.#writer.position < segmentBytes || this.#head.seq !== this.#synced.seq || this.#closed) return;
    const segment = this.#segment + 1;
    const { seq, hash } = this.#synced;
    try {
      const lines = carriedLines({ seq, hash }, timestamp(clock.now()), totals());
      const header = formatHeader({ node, segment, from: seq + 1, prev: hash });
      writeDurably(segmentPath(this.#folder, segment), header + lines.text);
      this.#writer.moveTo(openSync(segmentPath(this.#folder, segment), "r+"), Buffer.byteLength(header + lines.text));
      this.#head = lines.head;
      this.#synced = lines.head;
      this.#segment = segment;
      rmSync(segmentPath(this.#folder, segment - 2), { force: true });
    } catch (error) {
      logger.warn({ err: error }, "could not begin another segment of the activity log; going on in this one");
    }
  }

  /** Waits for what was appended and closes the file. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writer.settled()?.catch(() => undefined); // said in the log already
    this.#writer.close();
  }
}

/** Reads the last segment only: it begins with the sums of those before. */
function readLog(
  folder: string,
  options: ActivityOptions,
): { readonly head: Head; readonly length: number; readonly segment: number } {
  const { node, clock, logger, replay } = options;
  const segment = listSegments(folder).at(-1);
  const begin = (number: number) => {
    const length = startSegment(folder, { node, segment: number, from: 1, prev: GENESIS.hash });
    return { head: GENESIS, length, segment: number };
  };
  if (segment === undefined) return begin(1);
  const bytes = readFileSync(segmentPath(folder, segment));
  const start = beginningOf(bytes, node);
  const visit = (line: Line): void => {
    for (const row of line.changes.filter(isRow)) replay(row);
  };
  const scan = start === undefined ? { head: GENESIS, length: 0 } : scanLines(bytes, start, visit);
  if (scan.length < bytes.length) {
    const moved = cutTail(folder, segment, bytes, scan.length, clock);
    logger.warn({ bytes: bytes.length - scan.length, moved }, "cut an unreadable end off the activity log");
  }
  return start === undefined ? begin(segment) : { head: scan.head, length: scan.length, segment };
}

/** Returns where the lines begin and what they follow; undefined when the header is not of this node's log. */
function beginningOf(bytes: Buffer, node: NodeId): ScanStart | undefined {
  try {
    const { header, length } = readHeader(bytes);
    const previous = { seq: header.from - 1, hash: header.prev };
    return header.node === node ? { offset: length, previous, after: GENESIS } : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the lines with which a segment begins, and the last of them. */
function carriedLines(after: Head, at: string, totals: readonly ActivityRow[]): { readonly text: string; readonly head: Head } {
  let head = after;
  let text = "";
  for (let first = 0; first < totals.length; first += MAX_ROWS) {
    const changes = totals.slice(first, first + MAX_ROWS).map((row) => ({ ...row, type: CARRIED }));
    const entry = { actor: "system", request: "", operation: "CountActivity", changes };
    const line = formatLine(head, head.seq, at, entry);
    text += line;
    const { hash, seq } = parseLine(line.trimEnd());
    head = { hash, seq };
  }
  return { text, head };
}

function isRow(change: Change): change is Change & ActivityRow {
  const texts = [change["operation"], change["credential"], change["from"], change["last"]];
  return (
    (change.type === COUNTED || change.type === CARRIED) &&
    Number.isSafeInteger(change["n"]) &&
    texts.every((text) => typeof text === "string")
  );
}

function sumRest(rows: readonly ActivityRow[]): readonly ActivityRow[] {
  const rest = rows.slice(MAX_ROWS);
  const last = rest
    .map((row) => row.last)
    .sort()
    .at(-1);
  if (last === undefined) return rows;
  const n = rest.reduce((sum, row) => sum + row.n, 0);
  return [...rows.slice(0, MAX_ROWS), { operation: "*", credential: "*", from: "*", n, last }];
}
