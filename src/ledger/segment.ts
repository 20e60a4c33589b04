/** One file of lines: how it begins, how it is read and verified, and how an unacknowledged end is moved aside. */

import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Clock, timestamp } from "../foundation/clock.ts";
import { writeDurably } from "../host/files.ts";
import { formatHeader, type Head, type Header, type Line, parseHeader, parseLine, verifyLine } from "./line.ts";
import { TRIMMED, trimmedBy } from "./trimmed.ts";

const NEWLINE = 0x0a;
const LOG = /^([0-9]{6,})\.log$/;
const SYNCED = /^\{"hash":"[0-9a-f]{64}","seq":[0-9]+,"synced":([0-9]+),/;

/** Longest beginning of a line that `SYNCED` can need. */
const SYNCED_LENGTH = 140;

/** Returns the path of a segment: `000001.log`. */
export function segmentPath(folder: string, segment: number): string {
  return join(folder, `${String(segment).padStart(6, "0")}.log`);
}

/** Returns the numbers of the segments in `folder`, ascending. */
export function listSegments(folder: string): readonly number[] {
  const numbers = readdirSync(folder).map((name) => Number(LOG.exec(name)?.[1] ?? Number.NaN));
  return numbers.filter((number) => !Number.isNaN(number)).sort((a, b) => a - b);
}

/** Writes a segment that has only its header, durably. Returns its length in bytes. */
export function startSegment(folder: string, header: Header): number {
  const text = Buffer.from(formatHeader(header));
  writeDurably(segmentPath(folder, header.segment), text);
  return text.length;
}

/** Returns the header of a segment and its length in bytes; throws SyntaxError when it is not one. */
export function readHeader(bytes: Buffer): { readonly header: ReturnType<typeof parseHeader>; readonly length: number } {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0) throw new SyntaxError("not a ledger header");
  return { header: parseHeader(bytes.toString("utf8", 0, end)), length: end + 1 };
}

/** The first line that does not verify. Everything from it on is unproven. */
export interface Damage {
  /** Line of the file, the header being 1. */
  readonly line: number;
  readonly seq: number;
  readonly reason: string;
  /** Highest seq that a later line says was on disk; 0 when none says so. */
  readonly acknowledged: number;
}

/** What a segment's file holds. */
export interface Scan {
  /** The last line that verified. */
  readonly head: Head;
  /** Bytes up to its newline. */
  readonly length: number;
  /** Highest seq that a line says was removed; 0 when none says so. */
  readonly trimmed: number;
  readonly damage?: Damage;
}

/** What the segment must go on from. */
export interface ScanStart {
  /** Offset of the first line. */
  readonly offset: number;
  /** The line before it. */
  readonly previous: Head;
  /** Lines up to here are verified, not visited; the line with its seq must have its hash. */
  readonly after: Head;
}

/** Verifies lines in order, visits those behind `after`, and stops at the first that is not what it should be. */
export function scanLines(bytes: Buffer, { offset, previous, after }: ScanStart, visit: (line: Line) => void): Scan {
  let head = previous;
  let length = offset;
  let trimmed = 0;
  for (let number = 2; length < bytes.length; number++) {
    const end = bytes.indexOf(NEWLINE, length);
    const verified = end < 0 ? "is cut short" : verifyNext(bytes.subarray(length, end), head, after);
    if (typeof verified === "string") {
      const acknowledged = end < 0 ? 0 : highestSynced(bytes, end + 1);
      return { head, length, trimmed, damage: { line: number, seq: head.seq + 1, reason: verified, acknowledged } };
    }
    head = verified.head;
    length = end + 1;
    if (verified.line === undefined) continue;
    trimmed = Math.max(trimmed, trimmedBy(verified.line.changes));
    if (head.seq > after.seq) visit(verified.line);
  }
  return { head, length, trimmed };
}

/** Returns the next line's place, parsed when it is to be visited or may say what was removed, or what is wrong with it. */
export function verifyNext(bytes: Buffer, previous: Head, after: Head): { readonly head: Head; readonly line?: Line } | string {
  const hash = verifyLine(bytes, previous.hash);
  if (hash === undefined) return "does not match its hash";
  const head = { seq: previous.seq + 1, hash };
  if (head.seq === after.seq && hash !== after.hash) return "is not the line the checkpoint was made at";
  if (head.seq <= after.seq && !bytes.includes(TRIMMED)) return { head };
  try {
    const line = parseLine(bytes.toString());
    return line.seq === head.seq ? { head, line } : "is out of order";
  } catch {
    return "is not a ledger line";
  }
}

/** Lines behind the first bad one cannot be verified; that they say "synced" is warning enough. */
function highestSynced(bytes: Buffer, from: number): number {
  let highest = 0;
  for (let start = from; start > 0 && start < bytes.length; start = bytes.indexOf(NEWLINE, start) + 1) {
    const synced = SYNCED.exec(bytes.toString("latin1", start, start + SYNCED_LENGTH))?.[1];
    highest = Math.max(highest, Number(synced ?? 0));
  }
  return highest;
}

/** Moves what stands in a segment from `length` on into a file of its own, durably, before cutting it off. Returns that file. */
export function cutTail(folder: string, segment: number, bytes: Buffer, length: number, clock: Clock): string {
  const moved = unusedPath(join(folder, `cut-${timestamp(clock.now()).replaceAll(":", "-")}`));
  writeDurably(moved, bytes.subarray(length));
  const file = openSync(segmentPath(folder, segment), "r+");
  try {
    ftruncateSync(file, length);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return moved;
}

function unusedPath(stem: string): string {
  let path = `${stem}.bin`;
  for (let count = 2; existsSync(path); count++) path = `${stem}-${count}.bin`;
  return path;
}
