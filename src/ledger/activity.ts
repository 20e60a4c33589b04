/**
 * `activity/`: uses of tokens and failed attempts, counted. The noise that has no place in the ledger: same form of
 * line, its own chain, its own retention. Nothing waits for it and nothing but counters is rebuilt from it, so where
 * the ledger would stop, this log drops a line or cuts its end and goes on.
 */

import { mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, timestamp } from "../foundation/clock.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Logger } from "../foundation/logger.ts";
import { type Disk, systemDisk } from "./disk.ts";
import { type Change, formatLine, GENESIS, type Head, type Line, parseLine } from "./line.ts";
import type { Extent } from "./reader.ts";
import { cutTail, listSegments, readHeader, scanLines, segmentPath, startSegment } from "./segment.ts";
import { Writer } from "./writer.ts";

/** Rows of one line; what is beyond becomes one more row. */
export const MAX_ROWS = 500;

const ROW = "activity.counted";
const SEGMENT = 1;

/** What one credential did from one address since the line before. */
export interface ActivityRow {
  /** Name of the operation; `*` in the row that sums the rest. */
  readonly operation: string;
  /** `token:<id>`, `peer:<id>`, or empty for nobody; `*` in the row that sums the rest. */
  readonly credential: string;
  /** Address without zone; empty for the local socket; `*` in the row that sums the rest. */
  readonly from: string;
  /** How often. */
  readonly n: number;
  /** When last, RFC 3339 UTC with milliseconds. */
  readonly last: string;
}

export interface ActivityOptions {
  /** The data folder. */
  readonly folder: string;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called for every row on file, oldest first. */
  readonly replay: (row: ActivityRow) => void;
  readonly disk?: Disk;
}

export class ActivityLog {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #writer: Writer;
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
    const { head, length } = readLog(folder, options);
    this.#folder = folder;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#head = head;
    this.#synced = head;
    this.#writer = new Writer({
      file: openSync(segmentPath(folder, SEGMENT), "r+"),
      position: length,
      synced: head.seq,
      disk: options.disk ?? systemDisk,
      events: {
        synced: (lines) => {
          this.#synced = lines.at(-1) ?? this.#synced;
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
    return { folder: this.#folder, segment: SEGMENT, length: this.#writer.position, head: { seq, hash } };
  }

  /** Queues one line of these rows, the most telling first: those beyond 500 are summed. Never throws, never waits. */
  append(rows: readonly ActivityRow[]): void {
    if (rows.length === 0 || this.#closed || this.#writer.failure !== undefined) return;
    const changes = sumRest(rows).map((row) => ({ type: ROW, ...row }));
    const entry = { actor: "system", request: "", operation: "CountActivity", changes };
    const text = formatLine(this.#head, this.#writer.synced, timestamp(this.#clock.now()), entry);
    const line = parseLine(text);
    this.#head = { seq: line.seq, hash: line.hash };
    this.#writer.append(line, text);
  }

  /** Waits for what was appended and closes the file. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writer.settled()?.catch(() => undefined); // said in the log already
    this.#writer.close();
  }
}

function readLog(folder: string, options: ActivityOptions): { readonly head: Head; readonly length: number } {
  const { node, clock, logger, replay } = options;
  const begin = (): { head: Head; length: number } => {
    return { head: GENESIS, length: startSegment(folder, { node, segment: SEGMENT, from: 1, prev: GENESIS.hash }) };
  };
  if (!listSegments(folder).includes(SEGMENT)) return begin();
  const bytes = readFileSync(segmentPath(folder, SEGMENT));
  const offset = headerLength(bytes, node);
  const start = { offset: offset ?? 0, previous: GENESIS, after: GENESIS };
  const visit = (line: Line): void => {
    for (const row of line.changes.filter(isRow)) replay(row);
  };
  const scan = offset === undefined ? { head: GENESIS, length: 0 } : scanLines(bytes, start, visit);
  if (scan.length < bytes.length) {
    const moved = cutTail(folder, SEGMENT, bytes, scan.length, clock);
    logger.warn({ bytes: bytes.length - scan.length, moved }, "cut an unreadable end off the activity log");
  }
  return offset === undefined ? begin() : scan;
}

function headerLength(bytes: Buffer, node: NodeId): number | undefined {
  try {
    const { header, length } = readHeader(bytes);
    return header.node === node ? length : undefined;
  } catch {
    return undefined;
  }
}

function isRow(change: Change): change is Change & ActivityRow {
  const texts = [change["operation"], change["credential"], change["from"], change["last"]];
  return change.type === ROW && Number.isSafeInteger(change["n"]) && texts.every((text) => typeof text === "string");
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
