/** What the node does by itself: ends what time ended, follows the machine's addresses, writes counters down. */

import { HOUR, MINUTE, SECOND } from "../foundation/durations.ts";
import type { Logger } from "../foundation/logger.ts";

interface Chore {
  readonly name: string;
  /** Milliseconds between two runs. */
  readonly every: number;
  readonly run: () => unknown;
}

/** What is to be done again and again. */
export interface Chores {
  /** Writes down which tokens have ended by time. */
  readonly expireTokens: () => void;
  /** Closes windows and exchanges whose time is over. */
  readonly expirePairing: () => void;
  /** Re-issues the TLS leaf when addresses changed or its life runs out. */
  readonly renewCertificates: () => Promise<unknown>;
  /** Announces the node on links that came, under names and addresses that changed. */
  readonly renewAnnouncement: () => Promise<void>;
  /** Removes what of the record is past its retention. */
  readonly trimRecord: () => Promise<unknown>;
  /** Writes down who used what. */
  readonly writeActivity: () => void;
}

/** Starts the chores; returns the function that stops them. A chore that fails is logged and tried again next time. */
export function startHousekeeping(chores: Chores, logger: Logger): () => void {
  const all: readonly Chore[] = [
    { name: "expire tokens", every: SECOND, run: () => chores.expireTokens() },
    { name: "expire pairing", every: SECOND, run: () => chores.expirePairing() },
    { name: "renew certificates", every: 2 * SECOND, run: () => chores.renewCertificates() },
    { name: "renew announcement", every: 2 * SECOND, run: () => chores.renewAnnouncement() },
    { name: "trim record", every: HOUR, run: () => chores.trimRecord() },
    { name: "write activity", every: 5 * MINUTE, run: () => chores.writeActivity() },
  ];
  const timers = all.map((chore) => setInterval(() => void attempt(chore, logger), chore.every).unref());
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

async function attempt({ name, run }: Chore, logger: Logger): Promise<void> {
  try {
    await run();
  } catch (error) {
    logger.warn({ err: error, chore: name }, "chore failed");
  }
}
