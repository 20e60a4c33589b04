/**
 * Looks through the record, newest first. A page ends when it is full, or when so much was read for it that others
 * should have their turn: then it has a cursor and may be short, even empty.
 */

import { type Line, parseLine } from "../ledger/line.ts";
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
/** How much cheaper it is to see that a block holds none of the words sought. */
const SKIPPED_SHARE = 1 / 32;
/** Changes that say that the call was refused. */
const REFUSALS: readonly string[] = ["call.refused", "pairing.failed"];

/** Resolves to the newest `limit` lines with seq < `below` that fit. Throws RECORD_DAMAGED. */
export async function findLines(extent: Extent, filter: Filter, limit: number, below = Infinity): Promise<Page> {
  const words = wordsOf(filter);
  const lines: Line[] = [];
  let cost = 0;
  for await (const block of blocksBefore(extent, below)) {
    const worthwhile = words.every((word) => block.includes(word));
    cost += worthwhile ? block.length : block.length * SKIPPED_SHARE;
    const all = [...linesOf(block)];
    for (const bytes of worthwhile ? all.reverse() : []) {
      const line = words.every((word) => bytes.includes(word)) ? readLine(extent, bytes) : undefined;
      if (line === undefined || !fits(line, filter)) continue;
      lines.push(line);
      if (lines.length === limit) return pageOf(lines, line.seq);
    }
    const oldest = worthwhile ? all.at(-1) : all[0];
    if (cost > PARSED_BYTES && oldest !== undefined) return pageOf(lines, readLine(extent, oldest).seq);
  }
  return { lines };
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

/** Returns what must stand in the bytes of every line that fits: most lines are passed over without being parsed. */
function wordsOf({ actor, token, peer, operation, request, address }: Filter): readonly string[] {
  return [actor, token, peer, operation, request, address].filter(
    (word) => word !== undefined && /^[\w:.-]+$/.test(word),
  ) as string[];
}

function fits(line: Line, { after, before, actor, token, peer, operation, outcome, request, address }: Filter): boolean {
  const at = Date.parse(line.at);
  return (
    at >= (after ?? at) &&
    (before === undefined || at < before) &&
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
