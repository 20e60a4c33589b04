/** Exchanges between `begin` and `finish`, and the answers that a byte-identical `finish` gets again. Bounded, in memory only. */

import { sha256 } from "../crypto/hash.ts";
import { concat, toHex } from "../foundation/bytes.ts";
import { SECOND } from "../foundation/durations.ts";
import type { FleetError } from "../foundation/errors.ts";
import type { Way } from "../foundation/vocabulary.ts";
import type { FinishAnswer, FinishRequest } from "../wire/pairing.ts";
import type { Registration } from "./changes.ts";
import { EXCHANGES_HELD, EXCHANGES_PER_NETWORK, OUTCOMES_REMEMBERED, REPEAT_SECONDS } from "./limits.ts";
import type { Agreement } from "./profile.ts";

/** One exchange that waits for its `finish`. */
export interface Exchange {
  readonly sid: Uint8Array;
  readonly network: string;
  /** Milliseconds of `Clock.elapsed`. */
  readonly deadline: number;
  readonly agreement: Agreement;
  readonly nodeName: string;
  /** The peer it would make. */
  readonly peer: Registration;
  /** Whether its attempt left a line, so that its failure leaves one too. */
  readonly recorded: boolean;
}

/** The exchanges held; none evicts another. */
export class ExchangeTable {
  readonly #held = new Map<string, Exchange>();

  /** Returns the deadline that must pass before another exchange fits, or undefined when one fits now. */
  busyUntil(way: Way, network: string): number | undefined {
    const held = [...this.#held.values()].filter((exchange) => exchange.peer.way === way);
    const own = held.filter((exchange) => exchange.network === network);
    if (own.length >= EXCHANGES_PER_NETWORK) return earliest(own);
    return held.length >= EXCHANGES_HELD ? earliest(held) : undefined;
  }

  hold(exchange: Exchange): void {
    this.#held.set(toHex(exchange.sid), exchange);
  }

  /** Removes and returns the exchange: the first `finish` uses it up. */
  take(sid: Uint8Array): Exchange | undefined {
    const key = toHex(sid);
    const exchange = this.#held.get(key);
    this.#held.delete(key);
    return exchange;
  }

  /** Removes and returns the exchanges whose time is over. */
  takeExpired(now: number): Exchange[] {
    return this.#takeWhere((exchange) => exchange.deadline <= now);
  }

  /** Removes and returns the exchanges of one way. */
  takeAll(way: Way): Exchange[] {
    return this.#takeWhere((exchange) => exchange.peer.way === way);
  }

  clear(): void {
    for (const exchange of this.#held.values()) wipe(exchange.agreement);
    this.#held.clear();
  }

  get nextDeadline(): number | undefined {
    return earliest([...this.#held.values()]);
  }

  #takeWhere(over: (exchange: Exchange) => boolean): Exchange[] {
    const taken = [...this.#held.values()].filter(over);
    for (const exchange of taken) this.take(exchange.sid);
    return taken;
  }
}

/** What a `finish` came to. */
export type Outcome = { readonly answer: FinishAnswer } | { readonly error: FleetError };

/** Outcomes for repeats, found by a hash of the whole request. Failures cannot push out a success. */
export class OutcomeMemory {
  readonly #successes = new Map<string, { readonly outcome: Outcome; readonly until: number }>();
  readonly #failures = new Map<string, { readonly outcome: Outcome; readonly until: number }>();

  remember(request: FinishRequest, outcome: Outcome, now: number): void {
    const memory = "answer" in outcome ? this.#successes : this.#failures;
    for (const [key, { until }] of memory) {
      if (until <= now || memory.size >= OUTCOMES_REMEMBERED) memory.delete(key);
    }
    memory.set(digest(request), { outcome, until: now + REPEAT_SECONDS * SECOND });
  }

  /** Returns the outcome of a byte-identical request that is at most a minute old. */
  recall(request: FinishRequest, now: number): Outcome | undefined {
    const key = digest(request);
    const found = this.#successes.get(key) ?? this.#failures.get(key);
    return found !== undefined && found.until > now ? found.outcome : undefined;
  }

  clear(): void {
    this.#successes.clear();
    this.#failures.clear();
  }
}

/** Overwrites what only the two sides know. */
export function wipe(agreement: Agreement): void {
  for (const bytes of [agreement.confirmP, agreement.confirmV, agreement.bind]) bytes.fill(0);
}

function earliest(exchanges: readonly Exchange[]): number | undefined {
  return exchanges.length === 0 ? undefined : Math.min(...exchanges.map(({ deadline }) => deadline));
}

function digest({ sid, confirm, proof }: FinishRequest): string {
  return toHex(sha256(concat(sid, confirm, proof)));
}
