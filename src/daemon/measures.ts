/** What the node's parts give to the metrics. */

import type { Line } from "../ledger/line.ts";
import type { Metrics } from "../record/metrics.ts";
import { statusOf, type Token } from "../tokens/token.ts";

/** Counts attempts to pair, which the record has one by one. */
export function countAttempts({ changes }: Line, metrics: Metrics): void {
  for (const { type, way } of changes) {
    if (type === "pairing.attempted") metrics.pairingAttempt(String(way));
  }
}

/** Returns how many tokens there are of each status, those of none included. */
export function countByStatus(tokens: readonly Token[], now: number): Readonly<Record<string, number>> {
  const counts = { active: 0, expired: 0, revoked: 0 };
  for (const token of tokens) counts[statusOf(token, now)]++;
  return counts;
}
