/** Request ids. They are no secrets, so what a single UUID takes is done for many at once: every answer carries one. */

import type { Clock } from "../foundation/clock.ts";
import type { Random } from "../foundation/random.ts";

/** Bytes of chance drawn at once, and hex digits of it that one id takes. */
const POOL = 4_000;
const DIGITS = 20;

/** Returns a maker of UUIDv7 (RFC 9562 §5.7), whose time is written once a millisecond. */
export function requestIds(clock: Clock, random: Random): () => string {
  let [now, time] = [Number.NaN, ""];
  let [pool, next] = ["", 0];
  return () => {
    if (now !== clock.now()) {
      now = clock.now();
      time = now.toString(16).padStart(12, "0").replace(/.{8}/, "$&-");
    }
    if (next === pool.length) [pool, next] = [Buffer.from(random.bytes(POOL)).toString("hex"), 0];
    const at = next;
    next += DIGITS;
    return `${time}-7${pool.slice(at, at + 3)}-8${pool.slice(at + 4, at + 7)}-${pool.slice(at + 8, next)}`;
  };
}
