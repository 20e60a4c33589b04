/**
 * Which old segments may go. A segment goes whole, the oldest first, and never one that the state still needs: both
 * generations of the checkpoint must stand behind its last line. What was removed is a line of the ledger itself,
 * committed before the first file goes, so that lines somebody else took away are missed.
 */

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { type Head, timeOf } from "./line.ts";
import { listSegments, readHeader, segmentPath } from "./segment.ts";

/** How much of the record is kept; null for all of it. */
export interface Retention {
  /** Milliseconds; a segment goes when its last line is older. */
  readonly maxAge: number | null;
  /** Bytes of all segments together; the last one always stays. */
  readonly maxBytes: number | null;
}

/** What may go. */
export interface Trimming {
  /** Oldest first. */
  readonly segments: readonly number[];
  /** The last line that goes: the anchor, from which the chain is verified from then on. */
  readonly upTo: Head;
}

/** How old and how large the record may become. */
export interface TrimmingOptions {
  /** The folder of the segments. */
  readonly folder: string;
  readonly retention: Retention;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Lines up to here are in both generations of the checkpoint. */
  readonly safe: number;
}

/** Header and first line fit. */
const BEGINNING = 1024;

/** Returns what is to go now; undefined when nothing is. */
export function trimmingDue({ folder, retention, now, safe }: TrimmingOptions): Trimming | undefined {
  const segments = listSegments(folder);
  const { maxAge, maxBytes } = retention;
  let size = segments.reduce((sum, segment) => sum + statSync(segmentPath(folder, segment)).size, 0);
  let due: Trimming | undefined;
  for (const [index, segment] of segments.slice(0, -1).entries()) {
    const next = beginningOf(folder, segments[index + 1] ?? segment);
    const isOld = maxAge !== null && next.at !== undefined && next.at < now - maxAge;
    const isMuch = maxBytes !== null && size > maxBytes;
    if (next.before.seq > safe || !(isOld || isMuch)) break;
    due = { segments: [...(due?.segments ?? []), segment], upTo: next.before };
    size -= statSync(segmentPath(folder, segment)).size;
  }
  return due;
}

/** Returns the last line before a segment, and the time of its first line, which no line before it is younger than. */
function beginningOf(folder: string, segment: number): { readonly before: Head; readonly at: number | undefined } {
  const bytes = Buffer.alloc(BEGINNING);
  const file = openSync(segmentPath(folder, segment), "r");
  try {
    readSync(file, bytes, 0, BEGINNING, 0);
  } finally {
    closeSync(file);
  }
  const { header, length } = readHeader(bytes);
  return { before: { seq: header.from - 1, hash: header.prev }, at: timeOf(bytes.subarray(length)) };
}
