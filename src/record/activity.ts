/**
 * Who used what, from where and when: counters, not a record of state. They are kept in memory, written down every five
 * minutes and at a clean stop, and nothing waits for that.
 */

import { type Clock, timestamp } from "../foundation/clock.ts";
import type { ActivityRow } from "../ledger/activity.ts";

/** How a credential was used. */
export interface Usage {
  readonly count: number;
  /** RFC 3339 UTC. */
  readonly lastUsedAt: string;
  readonly lastUsedFrom: string;
}

interface Tally {
  n: number;
  /** Milliseconds since the epoch. */
  last: number;
}

/** All use of one credential: the sum, and what is not written down yet by operation and address. */
interface Account {
  count: number;
  last: number;
  from: string;
  /** What was counted last, and in which tally: most use is of one operation from one address. */
  operation: string;
  tally: Tally | undefined;
  readonly tallies: Map<string, Map<string, Tally>>;
}

/** Rows held between two writings; above that, uses are counted under an empty address. */
const MAX_TALLIES = 5_000;

/** Counts of uses, by credential, operation and network. */
export class Activity {
  readonly #clock: Clock;
  readonly #accounts = new Map<string, Account>();
  #rows = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one use. On the path of every request, so it makes no object when the row is known. */
  note(operation: string, credential: string, from: string, now: number = this.#clock.now()): void {
    const account = this.#account(credential);
    if (account.tally === undefined || account.operation !== operation || account.from !== from) {
      account.tally = this.#tally(account, operation, from);
      account.operation = operation;
      account.from = from;
    }
    account.count++;
    account.last = now;
    const { tally } = account;
    tally.n++;
    tally.last = now;
  }

  /** Returns how often and when last the credential was used; undefined when it never was. */
  usageOf(credential: string): Usage | undefined {
    const account = this.#accounts.get(credential);
    return account && { count: account.count, lastUsedAt: timestamp(account.last), lastUsedFrom: account.from };
  }

  /** Drops the counters of a credential that is gone. */
  forget(credential: string): void {
    this.#accounts.delete(credential);
  }

  /** Adds a row that was written down before this start. */
  restore(row: ActivityRow): void {
    const account = this.#account(row.credential);
    const last = Date.parse(row.last);
    account.count += row.n;
    if (last < account.last) return;
    account.last = last;
    account.from = row.from;
    account.tally = undefined;
  }

  /** Returns what came since it was last taken, most used first. */
  pending(): ActivityRow[] {
    const rows: ActivityRow[] = [];
    for (const [credential, { tallies }] of this.#accounts) {
      for (const [operation, byAddress] of tallies) {
        for (const [from, { n, last }] of byAddress) rows.push({ operation, credential, from, n, last: timestamp(last) });
      }
    }
    return rows.sort((a, b) => b.n - a.n);
  }

  /** Returns the sum of each credential, without what is pending. */
  totals(): readonly ActivityRow[] {
    const rows = [...this.#accounts].map(([credential, account]) => {
      const { count, from, last } = account;
      return { operation: "*", credential, from, n: count - pendingOf(account), last: timestamp(last) };
    });
    return rows.filter(({ n }) => n > 0);
  }

  /** Returns what is pending and begins anew. */
  take(): readonly ActivityRow[] {
    const rows = this.pending();
    for (const account of this.#accounts.values()) {
      account.tallies.clear();
      account.tally = undefined;
    }
    this.#rows = 0;
    return rows;
  }

  #account(credential: string): Account {
    const known = this.#accounts.get(credential);
    if (known !== undefined) return known;
    const account: Account = { count: 0, last: 0, from: "", operation: "", tally: undefined, tallies: new Map() };
    this.#accounts.set(credential, account);
    return account;
  }

  #tally({ tallies }: Account, operation: string, from: string): Tally {
    const byAddress = tallies.get(operation) ?? new Map<string, Tally>();
    const known = byAddress.get(from);
    if (known !== undefined) return known;
    const address = this.#rows < MAX_TALLIES ? from : "";
    const tally = byAddress.get(address) ?? { n: 0, last: 0 };
    if (tally.n === 0) this.#rows++;
    byAddress.set(address, tally);
    tallies.set(operation, byAddress);
    return tally;
  }
}

function pendingOf({ tallies }: Account): number {
  let sum = 0;
  for (const byAddress of tallies.values()) {
    for (const { n } of byAddress.values()) sum += n;
  }
  return sum;
}
