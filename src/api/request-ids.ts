/** Request ids. They are no secrets, so what a single UUID takes is done for many at once: every answer carries one. */

import type { Clock } from "../foundation/clock.ts";
import type { Random } from "../foundation/random.ts";

/** Bytes of chance drawn at once, and hex digits of it that one batch takes. */
const POOL = 4_250;
const DIGITS = 17;

/** Between two of these stands what the ids of a batch have in common. */
const LAST_DIGITS = ["", ...Array.from("0123456789abcdef")];
const ID_LENGTH = 36;

/**
 * Returns a maker of UUIDv7 (RFC 9562 §5.7). Those of one millisecond are made sixteen at a time and differ in their last
 * digit. They are pieces of one text: node:http takes three times as long over a field that was put together.
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
