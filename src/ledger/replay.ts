/**
 * Start-up: every segment is read, every hash verified, and what is behind the checkpoint visited.
 *
 * The chain begins with the first line, or with the anchor where retention removed the lines before it: the header of
 * the oldest segment. Two things must agree with that: a checkpoint that holds what those lines said, and a line of the
 * chain that says that they were removed. Segments that somebody else took away are missing for either of them.
 *
 * At the first bad line, seq s, one question decides: was anybody told of s? If a later line says `synced` ≥ s, a later
 * segment exists, or the checkpoint was made at or behind s, acknowledged data is damaged: LEDGER_DAMAGED, nothing is
 * touched. Otherwise the lines were never answered for: their bytes move to `cut-<time>.bin` and the node goes on.
 */

import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import { type NodeId, shortId } from "../foundation/ids.ts";
import type { Logger } from "../foundation/logger.ts";
import { GENESIS, type Head, LEDGER_VERSION, type Line } from "./line.ts";
import { cutTail, type Damage, listSegments, readHeader, type Scan, scanLines, segmentPath } from "./segment.ts";

/** What is read, and into which folds. */
export interface ReplayOptions {
  /** The folder of the segments. */
  readonly folder: string;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where the checkpoint stands, GENESIS without one; lines behind it are visited. */
  readonly after: Head;
  /** While running: the last synced seq, which must be there, and the bytes of the last segment that lead to it. */
  readonly running?: { readonly seq: number; readonly length: number };
  readonly visit: (line: Line) => void;
}

/** The end of the ledger. */
export interface Replayed {
  readonly segment: number;
  /** Bytes of that segment. */
  readonly length: number;
  readonly head: Head;
}

/** Returns the end of the ledger, or undefined when there is none yet. Throws LEDGER_DAMAGED, FORMAT_NEWER or KEY_UNUSABLE. */
export function replay(options: ReplayOptions): Replayed | undefined {
  const { folder, after, running } = options;
  const segments = listSegments(folder);
  const known = Math.max(after.seq, running?.seq ?? 0);
  let end: Replayed | undefined;
  let trimmed = 0;
  for (const segment of segments) {
    const last = segment === segments.at(-1);
    const whole = readFileSync(segmentPath(folder, segment));
    const bytes = last && running !== undefined ? whole.subarray(0, running.length) : whole;
    const scan = scanSegment(options, segment, end, bytes);
    if (scan.damage !== undefined)
      settleDamage(options, { segment, bytes, scan, damage: scan.damage, told: last ? known : Infinity });
    end = { segment, length: scan.length, head: scan.head };
    trimmed = Math.max(trimmed, scan.trimmed);
  }
  refuseMissingBeginning(folder, segments[0], trimmed);
  const reached = end?.head.seq ?? 0;
  if (reached < known)
    throw damaged(folder, end?.segment ?? 1, undefined, `ends at seq ${reached}, but seq ${known} was acknowledged`);
  return end;
}

function scanSegment(options: ReplayOptions, segment: number, before: Replayed | undefined, bytes: Buffer): Scan {
  const { folder, node, after, visit } = options;
  const { header, length } = requireHeader(folder, segment, bytes);
  const anchor = { seq: header.from - 1, hash: header.prev };
  const isAnchored = before === undefined && header.segment > 1;
  const previous = before?.head ?? (isAnchored ? anchor : GENESIS);
  if (header.version > LEDGER_VERSION) {
    throw new FleetError(
      "FORMAT_NEWER",
      `${segmentPath(folder, segment)} has form ${header.version}, this version reads up to ${LEDGER_VERSION}`,
    );
  }
  if (header.node !== node) {
    const text = `the ledger in ${folder} belongs to node ${shortId(header.node)}, the identity key is node ${shortId(node)}'s`;
    throw new FleetError("KEY_UNUSABLE", text);
  }
  if (isAnchored && after.seq < anchor.seq) {
    throw damaged(folder, segment, 1, `begins at seq ${header.from}, and no checkpoint holds what the lines before it said`);
  }
  const follows = isAnchored || header.segment === (before?.segment ?? 0) + 1;
  if (
    !follows ||
    header.segment !== segment ||
    (isAnchored && after.seq === anchor.seq && after.hash !== anchor.hash) ||
    header.from !== previous.seq + 1 ||
    header.prev !== previous.hash
  ) {
    throw damaged(folder, segment, 1, "does not continue the segment before it");
  }
  return scanLines(bytes, { offset: length, previous, after }, visit);
}

/** The lines before the oldest segment may be missing only if the record itself says that they were removed. */
function refuseMissingBeginning(folder: string, segment: number | undefined, trimmed: number): void {
  if (segment === undefined || segment === 1) return;
  const { header } = readHeader(readFileSync(segmentPath(folder, segment)));
  if (header.from - 1 > trimmed)
    throw damaged(folder, segment, 1, `begins at seq ${header.from}, and no line says that those before it were removed`);
}

/** A header is durable before its segment is used, so that a bad one is never an interrupted write. */
function requireHeader(folder: string, segment: number, bytes: Buffer): ReturnType<typeof readHeader> {
  try {
    return readHeader(bytes);
  } catch {
    throw damaged(folder, segment, 1, "is not a ledger header");
  }
}

interface Found {
  readonly segment: number;
  readonly bytes: Buffer;
  readonly scan: Scan;
  readonly damage: Damage;
  /** Highest seq somebody was told of, as far as other evidence than later lines says. */
  readonly told: number;
}

function settleDamage({ folder, clock, logger }: ReplayOptions, { segment, bytes, scan, damage, told }: Found): void {
  const { line, seq, reason, acknowledged } = damage;
  if (Math.max(told, acknowledged) >= seq) throw damaged(folder, segment, line, `(seq ${seq}) ${reason}`);
  const moved = cutTail(folder, segment, bytes, scan.length, clock);
  const lost = bytes.length - scan.length;
  logger.warn({ segment, line, seq, reason, bytes: lost, moved }, "cut an unacknowledged end off the ledger");
}

function damaged(folder: string, segment: number, line: number | undefined, reason: string): FleetError {
  const file = segmentPath(folder, segment);
  const place = line === undefined ? file : `${file} line ${line}`;
  const data = dirname(folder);
  const text = `${place} ${reason}; acknowledged data is damaged. Keep a copy (cp -Rp "${data}" "${data}.damaged"), then restore the folder from a backup`;
  return new FleetError("LEDGER_DAMAGED", text, { file, ...(line === undefined ? {} : { line }) });
}
