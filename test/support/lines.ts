/** Lines of a ledger that was never on a disk. */

import type { Fold } from "../../src/ledger/fold.ts";
import type { Change, Line } from "../../src/ledger/line.ts";

export const AT = "2026-11-21T20:00:00.000Z";

/** Returns a line of these changes. */
export function lineOf(changes: readonly Change[], line: Partial<Line> = {}): Line {
  const { seq = 1, at = AT, actor = "local", request = "", operation = "Test" } = line;
  return { hash: "0".repeat(64), seq, synced: seq - 1, at, actor, request, operation, changes };
}

/** Folds the changes, one line each, and returns the fold. */
export function folded<F extends Fold>(fold: F, ...changes: readonly Change[]): F {
  for (const change of changes) fold.apply(change, lineOf([change]));
  return fold;
}

/** Returns what the fold is after a restart: restored from its own snapshot as JSON. */
export function restarted<F extends Fold>(from: F, into: F): F {
  into.restore(JSON.parse(JSON.stringify(from.snapshot())));
  return into;
}
