/**
 * Changes that were asked for with an idempotency key. For ten minutes a repeat by the same actor, with the same key and
 * input, is answered with the first outcome and changes nothing.
 *
 * The outcome may hold a secret, so it is in memory only. The key (hashed) is in the line of the change: after a restart a
 * repeat learns that it was carried out, and on what, and never a secret.
 */

import { sha256 } from "../crypto/hash.ts";
import { lp, toHex } from "../foundation/bytes.ts";
import type { Clock } from "../foundation/clock.ts";
import { MINUTE } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Fold } from "../ledger/fold.ts";
import type { Change, Line } from "../ledger/line.ts";
import { parseObject, parseString } from "../wire/parse.ts";

/** How long a repeat is recognised. */
export const REPEAT_TIME = 10 * MINUTE;

/** Keys remembered at once, oldest forgotten first: about 1 KiB each with its outcome. Sixteen changes a second fill it. */
export const REPEATS = 10_000;

/** Bytes kept of each hash. */
const HASH_LENGTH = 16;

/** In the line of a change that had a key; hashes, because a key is the caller's own business. */
export interface CallKeyed extends Change {
  readonly type: "call.keyed";
  readonly key: string;
  readonly input: string;
}

interface Kept {
  readonly input: string;
  /** What the change was about. */
  readonly ids: readonly string[];
  /** RFC 3339 UTC of the line. */
  readonly at: string;
}

interface Outcome {
  readonly input: string;
  readonly output: unknown;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** What a call with a key is told: the outcome to join, or how to record its own. */
export type KeyedCall =
  | { readonly joined: true; readonly output: unknown }
  | { readonly joined: false; readonly change: CallKeyed; readonly remember: (output: unknown) => void };

/** Which keys were used, and what came of them. */
export class Repeats implements Fold {
  readonly name = "repeats";
  readonly asides = ["call.keyed"];
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  readonly #outcomes = new Map<string, Outcome>();

  /** @param clock never running backwards */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Returns the first outcome, or what the line and the memory of this call need. Throws IDEMPOTENCY_MISMATCH when the key
   * came with another input, IDEMPOTENCY_KNOWN with `ids` when the outcome is not remembered any more.
   * @param actor label of who asks: keys of two actors have nothing to do with each other
   */
  begin(actor: string, key: string, operation: string, input: unknown): KeyedCall {
    const now = this.#clock.now();
    const change: CallKeyed = {
      type: "call.keyed",
      key: hashed(actor, key),
      input: hashed(key, operation, JSON.stringify(input)),
    };
    const outcome = this.#outcomes.get(change.key);
    const kept = this.#kept.get(change.key);
    const known = outcome !== undefined && outcome.until > now ? outcome : keptUntil(kept) > now ? kept : undefined;
    if (known !== undefined && known.input !== change.input) throw new FleetError("IDEMPOTENCY_MISMATCH");
    if (known !== undefined && known === outcome) return { joined: true, output: outcome.output };
    if (known !== undefined && kept !== undefined) throw new FleetError("IDEMPOTENCY_KNOWN", undefined, { ids: kept.ids });
    const remember = (output: unknown): void => {
      this.#outcomes.delete(change.key);
      this.#outcomes.set(change.key, { input: change.input, output, until: now + REPEAT_TIME });
      trim(this.#outcomes, ({ until }) => until <= now);
    };
    return { joined: false, change, remember };
  }

  /** Drops outcomes whose lines were lost, as when the disk was full. */
  rebuilt(): void {
    for (const key of this.#outcomes.keys()) if (!this.#kept.has(key)) this.#outcomes.delete(key);
  }

  apply(change: Change, line: Line): void {
    if (change.type !== "call.keyed") return;
    const ids = line.changes.flatMap(({ id }) => (typeof id === "string" ? [id] : []));
    this.#keep(parseString(change, "key"), { input: parseString(change, "input"), ids: [...new Set(ids)], at: line.at });
  }

  /** Leaves out keys whose time is over. */
  snapshot(): unknown {
    const now = this.#clock.now();
    return [...this.#kept].flatMap(([key, kept]) => (keptUntil(kept) > now ? [{ key, ...kept }] : []));
  }

  restore(snapshot: unknown): void {
    this.#kept.clear();
    if (snapshot === undefined) return;
    if (!Array.isArray(snapshot)) throw new SyntaxError("not the keys of changes");
    for (const row of snapshot) {
      const stored = parseObject(row, "key");
      const ids = Array.isArray(stored["ids"]) ? stored["ids"].map(String) : [];
      this.#keep(parseString(stored, "key"), { input: parseString(stored, "input"), ids, at: parseString(stored, "at") });
    }
  }

  /** Uses the times of the lines and not the clock, so that a replay of the ledger leads to the same state. */
  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const at = Date.parse(kept.at);
    trim(this.#kept, (other) => keptUntil(other) <= at);
  }
}

function keptUntil(kept: Kept | undefined): number {
  return kept === undefined ? 0 : Date.parse(kept.at) + REPEAT_TIME;
}

/** Forgets the oldest while they are over, or too many. */
function trim<T>(entries: Map<string, T>, isOver: (entry: T) => boolean): void {
  for (const [key, entry] of entries) {
    if (entries.size <= REPEATS && !isOver(entry)) return;
    entries.delete(key);
  }
}

function hashed(...parts: readonly string[]): string {
  return toHex(sha256(lp(...parts)).subarray(0, HASH_LENGTH));
}
