/** Request ids. Every answer carries one and none is a secret, so they are made in batches that share their random bits. */

import type { Clock } from "../foundation/clock.ts";
import type { Random } from "../foundation/random.ts";

/** Random bytes drawn at once, and how many hex digits of them one batch takes. */
const POOL = 4_250;
const DIGITS = 17;

/** Joined by the digits a batch has in common, these give its sixteen ids in one string. */
const LAST_DIGITS = ["", ...Array.from("0123456789abcdef")];
const ID_LENGTH = 36;

/**
 * Returns a function that makes UUIDv7s (RFC 9562 §5.7). Those of one millisecond are made sixteen at a time and differ in
 * their last digit. Each is a slice of one string, because node:http takes three times as long to write a concatenated one.
 */
export function requestIds(clock: Clock, random: Random): () => string {
  let [pool, drawn] = ["", 0];
  const chance = (): string => {
    if (drawn === pool.length) [pool, drawn] = [Buffer.from(random.bytes(POOL)).toString("hex"), 0];
    drawn += DIGITS;
    return pool.slice(drawn - DIGITS, drawn);
  };
  let [now, time] = [Number.NaN, ""];
  let [batch, next] = ["", 0];
  return () => {
    const at = clock.now();
    if (at !== now || next === batch.length) {
      if (at !== now) [now, time] = [at, timeOf(at)];
      [batch, next] = [LAST_DIGITS.join(time + lastOf(chance())), 0];
    }
    next += ID_LENGTH;
    return batch.slice(next - ID_LENGTH, next);
  };
}

function timeOf(now: number): string {
  const digits = now.toString(16).padStart(12, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}

/** Returns version, variant and chance, without the last digit. */
function lastOf(chance: string): string {
  return `-7${chance.slice(0, 3)}-8${chance.slice(3, 6)}-${chance.slice(6, 17)}`;
}
