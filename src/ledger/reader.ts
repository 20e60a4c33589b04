/**
 * Reads lines that are on disk while the node runs: newest first for queries, oldest first for those who resume.
 *
 * A ledger may be larger than memory and a reader must not hold up anybody, so a file is read in slices, each awaited;
 * what is yielded is a block of whole lines. Only synced bytes are read: a line that a power cut could take back is
 * nobody's to see.
 */

import { type FileHandle, open } from "node:fs/promises";
import { FleetError } from "../foundation/errors.ts";
import { isSystemError } from "../host/files.ts";
import type { Head } from "./line.ts";
import { listSegments, readHeader, segmentPath } from "./segment.ts";

/** Bytes read at once. Parsing them takes about a millisecond. */
const SLICE = 64 * 1024;
/** Bytes that hold most lines whole. */
const PROBE = 4 * 1024;
const NEWLINE = 0x0a;
const SEQ = /^\{"hash":"[0-9a-f]{64}","seq":([0-9]+),/;
/** Longest beginning of a line that `SEQ` can need. */
const SEQ_LENGTH = 110;

/** What is on disk at one moment. */
export interface Extent {
  /** The folder of the segments. */
  readonly folder: string;
  /** The last segment. */
  readonly segment: number;
  /** Bytes of the last segment up to its last synced line. */
  readonly length: number;
  /** The last synced line. */
  readonly head: Head;
}

/** A segment opened for reading. */
export interface OpenSegment {
  readonly file: FileHandle;
  readonly number: number;
  readonly path: string;
  /** Seq of its first line, and the hash before it. */
  readonly from: number;
  readonly prev: string;
  /** Offset of its first line. */
  readonly start: number;
  /** Offset behind its last synced line. */
  readonly end: number;
}

/** Yields blocks of whole lines with seq < `before`, the newest block first. Throws RECORD_DAMAGED. */
export async function* blocksBefore(extent: Extent, before: number): AsyncGenerator<Buffer, void, undefined> {
  for (const number of segmentsOf(extent).reverse()) {
    const segment = await openSegment(extent, number);
    if (segment === undefined) return; // retention removed it and all before it
    try {
      if (segment.from < before) yield* backward(segment, await locate(segment, before));
    } finally {
      await segment.file.close();
    }
  }
}

/** Yields blocks of whole lines with seq > `after`, the oldest block first. Throws RECORD_DAMAGED. */
export async function* blocksAfter(extent: Extent, after: number): AsyncGenerator<Buffer, void, undefined> {
  for (const number of await segmentsAfter(extent, after)) {
    const segment = await openSegment(extent, number);
    if (segment === undefined) continue;
    try {
      yield* forward(segment, await locate(segment, after + 1));
    } finally {
      await segment.file.close();
    }
  }
}

/** Returns the numbers of the segments, oldest first. */
export function segmentsOf({ folder, segment }: Extent): number[] {
  return listSegments(folder).filter((number) => number <= segment);
}

/** Opens a segment; undefined when it is gone. Throws RECORD_DAMAGED when it does not begin with a header. */
export async function openSegment(extent: Extent, number: number): Promise<OpenSegment | undefined> {
  const path = segmentPath(extent.folder, number);
  const file = await openIfPresent(path);
  if (file === undefined) return undefined;
  try {
    const { header, length } = readHeader(await read(file, 0, PROBE));
    const end = number === extent.segment ? extent.length : (await file.stat()).size;
    return { file, number, path, from: header.from, prev: header.prev, start: length, end };
  } catch (error) {
    await file.close();
    throw error instanceof SyntaxError ? damaged(path, "does not begin with a header") : error;
  }
}

async function openIfPresent(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** A segment is passed over when the one behind it begins no later than what is wanted. */
async function segmentsAfter(extent: Extent, after: number): Promise<readonly number[]> {
  const wanted: number[] = [];
  for (const number of segmentsOf(extent).reverse()) {
    wanted.unshift(number);
    const segment = await openSegment(extent, number);
    await segment?.file.close();
    if (segment !== undefined && segment.from <= after + 1) break;
  }
  return wanted;
}

async function* backward({ file, start }: OpenSegment, end: number): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for (let to = end; to > start; ) {
    const from = Math.max(start, to - SLICE);
    const bytes = Buffer.concat([await read(file, from, to), rest]);
    const cut = from === start ? 0 : bytes.indexOf(NEWLINE) + 1;
    if (cut < bytes.length) yield bytes.subarray(cut);
    rest = bytes.subarray(0, cut);
    to = from;
  }
}

/** Yields the blocks of a segment from `offset` on; the last ends without a newline when the file is cut short. */
export async function* forward(segment: OpenSegment, offset = segment.start): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for (let from = offset; from < segment.end; from += SLICE) {
    const bytes = Buffer.concat([rest, await read(segment.file, from, Math.min(from + SLICE, segment.end))]);
    const cut = bytes.lastIndexOf(NEWLINE) + 1;
    if (cut > 0) yield bytes.subarray(0, cut);
    rest = bytes.subarray(cut);
  }
  if (rest.length > 0) yield rest;
}

/** Returns the lines of a block as bytes without newline, in the order of the file. */
export function* linesOf(block: Buffer): Generator<Buffer, void, undefined> {
  for (let start = 0; start < block.length; ) {
    const newline = block.indexOf(NEWLINE, start);
    const end = newline < 0 ? block.length : newline;
    yield block.subarray(start, end);
    start = end + 1;
  }
}

/** Resolves to the offset of the first line with at least this seq; the segment's end when there is none. Bisects. */
async function locate(segment: OpenSegment, seq: number): Promise<number> {
  let low = segment.start;
  let high = segment.end;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const start = await lineStart(segment, middle);
    if (start < segment.end && (await seqAt(segment, start)) < seq) low = start + 1;
    else high = middle;
  }
  return lineStart(segment, low);
}

/** Resolves to the offset of the first line that begins at `offset` or behind it. */
async function lineStart({ file, start, end }: OpenSegment, offset: number): Promise<number> {
  if (offset <= start) return start;
  for (let from = offset - 1; from < end; from += PROBE) {
    const newline = (await read(file, from, Math.min(from + PROBE, end))).indexOf(NEWLINE);
    if (newline >= 0) return from + newline + 1;
  }
  return end;
}

async function seqAt({ file, path }: OpenSegment, offset: number): Promise<number> {
  const seq = SEQ.exec((await read(file, offset, offset + SEQ_LENGTH)).toString("latin1"))?.[1];
  if (seq === undefined) throw damaged(path, `holds no line at byte ${offset}`);
  return Number(seq);
}

/** Resolves to the bytes from `from` to `to`, fewer where the file ends before. */
async function read(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(to - from);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
  return buffer.subarray(0, bytesRead);
}

/** Returns RECORD_DAMAGED that names the file. */
export function damaged(path: string, reason: string): FleetError {
  return new FleetError("RECORD_DAMAGED", `${path} ${reason}; see "cider fleet audit verify"`, { file: path });
}
