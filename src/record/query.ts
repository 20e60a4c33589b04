/**
 * Looks through the record, newest first. A page ends when it is full, or when so much was read for it that others
 * should have their turn: then it has a cursor and may be short, even empty.
 */

import { type Line, parseLine, timeOf } from "../ledger/line.ts";
import { blocksBefore, damaged, type Extent, linesOf } from "../ledger/reader.ts";

/** What entries must fit; absent members fit all. */
export interface Filter {
  /** Milliseconds since the epoch; the moment itself fits. */
  readonly after?: number | undefined;
  /** Milliseconds since the epoch; the moment itself does not fit. */
  readonly before?: number | undefined;
  readonly actor?: string | undefined;
  readonly token?: string | undefined;
  readonly peer?: string | undefined;
  readonly operation?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly request?: string | undefined;
  readonly address?: string | undefined;
}

/** Whether a call was carried out. */
export type Outcome = "done" | "refused";

/** Some lines, and where to go on. */
export interface Page {
  readonly lines: readonly Line[];
  /** Lines older than this seq were not looked at; undefined when there are none. */
  readonly next?: number;
}

/** Bytes of lines that are parsed for one page. */
const PARSED_BYTES = 4 * 1024 * 1024;
/** How much cheaper it is to see that a line is of another time or holds not all of the words sought. */
const PASSED_LINE = 1 / 6;
/** How much cheaper it is to see that of a whole block. */
const PASSED_BLOCK = 1 / 32;
/** Changes that say that the call was refused. */
const REFUSALS: readonly string[] = ["call.refused", "pairing.failed"];

/** Resolves to the newest `limit` lines with seq < `below` that fit. Throws RECORD_DAMAGED. */
export async function findLines(extent: Extent, filter: Filter, limit: number, below = Infinity): Promise<Page> {
  const words = wordsOf(filter);
  const lines: Line[] = [];
  let cost = 0;
  for await (const block of blocksBefore(extent, below)) {
    const newestFirst = [...linesOf(block)].reverse();
    const isWorthwhile = holds(block, words);
    if (!isWorthwhile) cost += block.length * PASSED_BLOCK;
    for (const bytes of isWorthwhile ? newestFirst : []) {
      const isCandidate = isOfTime(bytes, filter) && holds(bytes, words);
      cost += bytes.length * (isCandidate ? 1 : PASSED_LINE);
      const line = isCandidate ? readLine(extent, bytes) : undefined;
      if (line === undefined || !fits(line, filter)) continue;
      lines.push(line);
      if (lines.length === limit) return pageOf(lines, line.seq);
    }
    const oldest = newestFirst.at(-1);
    if (cost > PARSED_BYTES && oldest !== undefined) return pageOf(lines, readLine(extent, oldest).seq);
  }
  return { lines };
}

/** A line without a readable time is read, so that the damage is named. */
function isOfTime(bytes: Buffer, { after, before }: Filter): boolean {
  if (after === undefined && before === undefined) return true;
  const at = timeOf(bytes) ?? Number.NaN;
  return !(at < (after ?? -Infinity) || at >= (before ?? Infinity));
}

function pageOf(lines: readonly Line[], oldest: number): Page {
  return oldest > 1 ? { lines, next: oldest } : { lines };
}

/** Returns the line; throws RECORD_DAMAGED when it is none, for silence would hide what somebody did to it. */
export function readLine({ folder }: Pick<Extent, "folder">, bytes: Buffer): Line {
  try {
    return parseLine(bytes.toString());
  } catch {
    throw damaged(folder, "holds a line that cannot be read");
  }
}

/** Words that must stand in the bytes of every line that fits, any one of each row. */
type Words = readonly (readonly string[])[];

/** Returns the words of the filter: most lines are passed over without being parsed. */
function wordsOf({ actor, token, peer, operation, outcome, request, address }: Filter): Words {
  const words = [actor, token, peer, operation, request, address].filter((word) => word !== undefined);
  const plain = words.filter((word) => /^[\w:.-]+$/.test(word)).map((word) => [word]);
  return outcome === "refused" ? [REFUSALS, ...plain] : plain;
}

function holds(bytes: Buffer, words: Words): boolean {
  return words.every((alternatives) => alternatives.some((word) => bytes.includes(word)));
}

function fits(line: Line, { actor, token, peer, operation, outcome, request, address }: Filter): boolean {
  return (
    line.actor === (actor ?? line.actor) &&
    line.operation === (operation ?? line.operation) &&
    line.request === (request ?? line.request) &&
    outcomeOf(line) === (outcome ?? outcomeOf(line)) &&
    (token === undefined || concerns(line, "token", token)) &&
    (peer === undefined || concerns(line, "peer", peer)) &&
    (address === undefined || isFrom(line, address))
  );
}

/** Returns whether the call was carried out. */
export function outcomeOf({ changes }: Line): Outcome {
  return changes.some(({ type }) => REFUSALS.includes(type)) ? "refused" : "done";
}

function concerns({ actor, changes }: Line, kind: "token" | "peer", id: string): boolean {
  const label = `${kind}:${id}`;
  const about = (change: Line["changes"][number]): boolean =>
    (change.type.startsWith(`${kind}.`) && change["id"] === id) ||
    change["credential"] === label ||
    (kind === "peer" && (change["nodeId"] === id || change["owner"] === `node:${id}`));
  return actor === label || changes.some(about);
}

function isFrom({ from, changes }: Line, address: string): boolean {
  return from === address || changes.some((change) => change["address"] === address || change["from"] === address);
}
