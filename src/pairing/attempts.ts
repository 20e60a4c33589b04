/** Counts of attempts over time: the budget of guesses over all windows, and the pace of `begin` at a link. */

import { DAY, HOUR, MINUTE, SECOND } from "../foundation/durations.ts";
import { ATTEMPTS_PER_DAY, ATTEMPTS_PER_HOUR, LINK_BEGINS_PER_MINUTE, LINK_BEGINS_PER_NETWORK } from "./limits.ts";

/**
 * Guesses at digits over all windows. Times are milliseconds of `Clock.elapsed`. It counts guesses in windows of the
 * local socket too, but does not refuse those: strangers can spend guesses and still not keep the owner out.
 */
export class AttemptBudget {
  /** Ascending; no more than a day's worth is ever needed. */
  readonly #times: number[] = [];

  spend(now: number): void {
    this.#times.push(now);
    if (this.#times.length > ATTEMPTS_PER_DAY) this.#times.shift();
  }

  /** Returns the seconds until a guess is free again, 0 when one is. */
  secondsUntilFree(now: number): number {
    const untilFree = (limit: number, span: number): number => (this.#times.at(-limit) ?? Number.NEGATIVE_INFINITY) + span - now;
    const wait = Math.max(untilFree(ATTEMPTS_PER_HOUR, HOUR), untilFree(ATTEMPTS_PER_DAY, DAY), 0);
    return Math.ceil(wait / SECOND);
  }
}

/** The pace of `begin` for links: nobody can guess those, but each costs the node arithmetic. */
export class LinkPace {
  #begins: { readonly network: string; readonly at: number }[] = [];

  /** Counts one `begin` and returns 0, or returns the seconds to wait and counts nothing. */
  take(network: string, now: number): number {
    this.#begins = this.#begins.filter(({ at }) => at > now - MINUTE);
    const own = this.#begins.filter((begin) => begin.network === network);
    const first =
      own.length >= LINK_BEGINS_PER_NETWORK
        ? own[0]
        : this.#begins.length >= LINK_BEGINS_PER_MINUTE
          ? this.#begins[0]
          : undefined;
    if (first !== undefined) return Math.ceil((first.at + MINUTE - now) / SECOND);
    this.#begins.push({ network, at: now });
    return 0;
  }
}
