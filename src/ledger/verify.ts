/**
 * Verifies the ledger while the node runs: every hash from the first line (or from the anchor, where older segments
 * were removed) to the head. The chain alone proves nothing against whoever can write the folder, for he can hash it
 * anew. So it is held against what was seen elsewhere: the head in this process's memory, and heads that were exported.
 */

import { GENESIS, type Head } from "./line.ts";
import { type Extent, forward, linesOf, type OpenSegment, openSegment, segmentsOf } from "./reader.ts";
import { segmentPath, verifyNext } from "./segment.ts";
import { trimmedBy } from "./trimmed.ts";

/** The first thing that is not as it should be. */
export interface Fault {
  readonly file: string;
  /** Line of the file, the header being 1. */
  readonly line: number;
  /** Seq of the line that is bad or missing. */
  readonly seq: number;
  /** What is wrong with the line, such as `is cut short`. */
  readonly reason: string;
}

/** What the chain is worth. */
export interface Verification {
  /** Seq of the first line there is. */
  readonly from: number;
  /** The last line that verified. */
  readonly head: Head;
  readonly segments: number;
  readonly fault?: Fault;
}

/** Where the verification stands. */
interface Progress {
  head: Head;
  from: number;
  /** Highest seq that a line says was removed. */
  trimmed: number;
  /** Path and line of what was verified last. */
  file: string;
  line: number;
}

/** Resolves to what the chain is worth. `seen` are heads that were shown to somebody: their lines must still be there. */
export async function verifyLedger(extent: Extent, seen: readonly Head[]): Promise<Verification> {
  const numbers = segmentsOf(extent);
  const known = [...seen, extent.head];
  const progress: Progress = { head: GENESIS, from: 1, trimmed: 0, file: segmentPath(extent.folder, numbers[0] ?? 1), line: 1 };
  let fault: Fault | undefined;
  for (const [index, number] of numbers.entries()) {
    fault ??= await verifySegment(extent, number, index === 0, progress, known);
  }
  fault ??= missingBeginning(progress, segmentPath(extent.folder, numbers[0] ?? 1)) ?? missing(progress, known);
  return { from: progress.from, head: progress.head, segments: numbers.length, ...(fault && { fault }) };
}

async function verifySegment(
  extent: Extent,
  number: number,
  isFirst: boolean,
  progress: Progress,
  known: readonly Head[],
): Promise<Fault | undefined> {
  Object.assign(progress, { file: segmentPath(extent.folder, number), line: 1 });
  const segment = await openSegment(extent, number).catch(() => undefined);
  if (segment === undefined) return faultAt(progress, "is not a ledger header");
  try {
    if (isFirst) Object.assign(progress, { head: { seq: segment.from - 1, hash: segment.prev }, from: segment.from });
    return continues(segment, progress.head) ? await verifyLines(segment, progress, known) : faultAt(progress, NO_SUCCESSOR);
  } finally {
    await segment.file.close();
  }
}

const NO_SUCCESSOR = "does not continue the segment before it";

function continues({ from, prev }: OpenSegment, { seq, hash }: Head): boolean {
  return from === seq + 1 && prev === hash && (seq > 0 || hash === GENESIS.hash);
}

async function verifyLines(segment: OpenSegment, progress: Progress, known: readonly Head[]): Promise<Fault | undefined> {
  for await (const block of forward(segment)) {
    for (const bytes of linesOf(block)) {
      progress.line++;
      const verified = block.at(-1) === NEWLINE ? verifyNext(bytes, progress.head, GENESIS) : "is cut short";
      if (typeof verified === "string") return faultAt(progress, verified);
      if (known.some((head) => contradicts(head, verified.head))) return faultAt(progress, REWRITTEN);
      progress.head = verified.head;
      progress.trimmed = Math.max(progress.trimmed, trimmedBy(verified.line?.changes ?? []));
    }
  }
  return undefined;
}

const NEWLINE = 0x0a;
const REWRITTEN = "is not the line that was shown before: the record was rewritten";

function contradicts(shown: Head, found: Head): boolean {
  return shown.seq === found.seq && shown.hash !== found.hash;
}

/** The lines before the anchor may be missing only if a line of the chain says that they were removed. */
function missingBeginning({ from, trimmed }: Progress, file: string): Fault | undefined {
  if (from - 1 <= trimmed) return undefined;
  const reason = `is missing: the record begins at seq ${from}, and no line says that those before it were removed`;
  return { file, line: 1, seq: trimmed + 1, reason };
}

/** Names the line after the last one when somebody was shown more than there is. */
function missing(progress: Progress, known: readonly Head[]): Fault | undefined {
  const furthest = Math.max(...known.map(({ seq }) => seq));
  if (furthest <= progress.head.seq) return undefined;
  const reason = `is missing: the record ends at seq ${progress.head.seq}, but seq ${furthest} was shown before: its end was cut off`;
  return faultAt({ ...progress, line: progress.line + 1 }, reason);
}

function faultAt({ file, line, head }: Progress, reason: string): Fault {
  return { file, line, seq: head.seq + 1, reason };
}
