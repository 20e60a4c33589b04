/**
 * The nonces of accepted signatures, so that each is accepted once. Never evicts: a memory that forgets early accepts a
 * replay, so a full one refuses. Only proven signers fill it, and one of them at most an eighth.
 */

import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";

/** Nonces held at once, about 120 bytes each; one signer's eighth lasts for 870 requests a second of 60 s lifetime. */
export const REPLAY_CAPACITY = 2 ** 19;
const SHARES = 8;
const UUID_LENGTH = 36;

/** The nonces that must not come again. */
export class ReplayMemory {
  readonly #capacity: number;
  /** keyid ‖ nonce; the keyid has a fixed length. */
  readonly #seen = new Set<string>();
  /** What to forget once this Unix second is over. */
  readonly #bySecond = new Map<number, string[]>();
  readonly #held = new Map<string, number>();
  /** Seconds up to here have been forgotten. */
  #swept = Number.NEGATIVE_INFINITY;

  constructor(capacity: number = REPLAY_CAPACITY) {
    this.#capacity = capacity;
  }

  /** Nonces held at present. */
  get size(): number {
    return this.#seen.size;
  }

  /**
   * Tests and sets in one step. `now` and `until` (the last moment the signature is accepted) are Unix seconds.
   * Throws SIGNATURE_REPLAYED for a nonce of this key that is still held, REPLAY_MEMORY_FULL when there is no room.
   */
  remember(keyid: NodeId, nonce: string, until: number, now: number): void {
    this.#sweep(now);
    // A copy: a nonce cut out of a header would keep the whole header in memory.
    const entry = Buffer.from(keyid + nonce, "latin1").toString("latin1");
    if (this.#seen.has(entry)) throw new FleetError("SIGNATURE_REPLAYED");
    const held = this.#held.get(keyid) ?? 0;
    if (this.#seen.size >= this.#capacity || held >= Math.ceil(this.#capacity / SHARES)) throw this.#full(now);
    this.#seen.add(entry);
    this.#held.set(keyid, held + 1);
    const second = Math.ceil(until);
    const bucket = this.#bySecond.get(second);
    if (bucket === undefined) this.#bySecond.set(second, [entry]);
    else bucket.push(entry);
  }

  /** Forgets seconds that are wholly over; at most about 90 of them are held, so this looks at few. */
  #sweep(now: number): void {
    const over = Math.ceil(now) - 1;
    if (over <= this.#swept) return;
    this.#swept = over;
    for (const [second, entries] of this.#bySecond) {
      if (second > over) continue;
      for (const entry of entries) this.#forget(entry);
      this.#bySecond.delete(second);
    }
  }

  #forget(entry: string): void {
    this.#seen.delete(entry);
    const keyid = entry.slice(0, UUID_LENGTH);
    const held = (this.#held.get(keyid) ?? 0) - 1;
    if (held > 0) this.#held.set(keyid, held);
    else this.#held.delete(keyid);
  }

  #full(now: number): FleetError {
    const first = Math.min(...this.#bySecond.keys());
    return new FleetError("REPLAY_MEMORY_FULL", undefined, { retryAfter: Math.max(1, Math.ceil(first - now)) });
  }
}
