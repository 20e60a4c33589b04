/**
 * Who used what, from where and when: counters, not a record of state. They are kept in memory, written down every five
 * minutes and at a clean stop, and nothing waits for that.
 */

import { type Clock, timestamp } from "../foundation/clock.ts";

/** One row of what is written down: so many uses of an operation by a credential from an address. */
export interface ActivityRow {
  readonly operation: string;
  readonly credential: string;
  readonly from: string;
  /** Uses since the last writing. */
  readonly n: number;
  /** RFC 3339 UTC of the latest. */
  readonly last: string;
}

export interface Usage {
  readonly count: number;
  /** RFC 3339 UTC. */
  readonly lastUsedAt: string;
  readonly lastUsedFrom: string;
}

interface Tally {
  readonly operation: string;
  readonly credential: string;
  readonly from: string;
  n: number;
  last: number;
}

interface Total {
  count: number;
  last: number;
  from: string;
}

/** Rows held between two writings; above that, uses are counted under an empty address. */
const MAX_TALLIES = 5_000;

export class Activity {
  readonly #clock: Clock;
  readonly #totals = new Map<string, Total>();
  #tallies = new Map<string, Tally>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one use. On the path of every request, so it makes no object when the row is known. */
  note(operation: string, credential: string, from: string): void {
    const now = this.#clock.now();
    const total = this.#totals.get(credential);
    if (total === undefined) this.#totals.set(credential, { count: 1, last: now, from });
    else {
      total.count++;
      total.last = now;
      total.from = from;
    }
    const address = this.#tallies.size < MAX_TALLIES ? from : "";
    const key = `${operation} ${credential} ${address}`;
    const tally = this.#tallies.get(key);
    if (tally === undefined) this.#tallies.set(key, { operation, credential, from: address, n: 1, last: now });
    else {
      tally.n++;
      tally.last = now;
    }
  }

  /** Returns how often and when last the credential was used; undefined when it never was. */
  usageOf(credential: string): Usage | undefined {
    const total = this.#totals.get(credential);
    return total && { count: total.count, lastUsedAt: timestamp(total.last), lastUsedFrom: total.from };
  }

  /** Drops the counters of a credential that is gone. */
  forget(credential: string): void {
    this.#totals.delete(credential);
  }

  /** Adds a row that was written down before this start. */
  restore(row: ActivityRow): void {
    const last = Date.parse(row.last);
    const total = this.#totals.get(row.credential) ?? { count: 0, last: 0, from: "" };
    total.count += row.n;
    if (last >= total.last) {
      total.last = last;
      total.from = row.from;
    }
    this.#totals.set(row.credential, total);
  }

  /** Returns what came since the last call, most used first, and begins anew. */
  take(): readonly ActivityRow[] {
    const tallies = [...this.#tallies.values()];
    this.#tallies = new Map();
    return tallies.sort((a, b) => b.n - a.n).map(({ last, ...row }) => ({ ...row, last: timestamp(last) }));
  }
}
