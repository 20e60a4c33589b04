/** The summary of what has no entry of its own: how often who used what from where, newest first. */

import { type ActivityRow, COUNTED } from "../ledger/activity.ts";
import type { Change } from "../ledger/line.ts";
import { blocksBefore, type Extent, linesOf } from "../ledger/reader.ts";
import type { Activity } from "./activity.ts";
import { readLine } from "./query.ts";

/** What rows must fit; absent members fit all. */
export interface RowFilter {
  /** `peer:<id>`, `token:<id>`, `local` or `nobody`. */
  readonly actor?: string | undefined;
  readonly operation?: string | undefined;
  readonly address?: string | undefined;
}

/** Some rows, and where to go on. */
export interface RowPage {
  readonly rows: readonly ActivityRow[];
  /** Lines older than this seq were not looked at; undefined when there are none. */
  readonly next?: number;
}

/** Lines looked through for one page: some 75 KiB each at most. */
const LINES = 200;

/** The rows in memory and on disk as one list. */
export class ActivitySummary {
  readonly #parts: { readonly activity: Activity; readonly extent: () => Extent };

  constructor(parts: { readonly activity: Activity; readonly extent: () => Extent }) {
    this.#parts = parts;
  }

  /**
   * Resolves to at least `limit` rows that fit, unless there are fewer: a line is shown whole. What is not written down
   * yet stands on the first page.
   */
  async list(filter: RowFilter, limit: number, below = Infinity): Promise<RowPage> {
    const { activity, extent } = this.#parts;
    const rows = below === Infinity ? activity.pending().filter((row) => fits(row, filter)) : [];
    let lines = 0;
    for await (const block of blocksBefore(extent(), below)) {
      for (const bytes of [...linesOf(block)].reverse()) {
        const { changes, seq } = readLine(extent(), bytes);
        rows.push(
          ...changes
            .filter(isCounted)
            .map(rowOf)
            .filter((row) => fits(row, filter)),
        );
        if (rows.length >= limit || ++lines === LINES) return seq > 1 ? { rows, next: seq } : { rows };
      }
    }
    return { rows };
  }
}

/** Sums that were carried over from removed segments were counted before. */
function isCounted({ type }: Change): boolean {
  return type === COUNTED;
}

function rowOf(change: Change): ActivityRow {
  const text = (member: string): string => String(change[member]);
  return {
    operation: text("operation"),
    credential: text("credential"),
    from: text("from"),
    n: Number(change["n"]),
    last: text("last"),
  };
}

function fits({ credential, from, operation }: ActivityRow, { actor, address, operation: name }: RowFilter): boolean {
  return credential === (actor ?? credential) && from === (address ?? from) && operation === (name ?? operation);
}
