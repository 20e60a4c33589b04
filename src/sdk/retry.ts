/**
 * Sends a call again where that is safe and may help: the node was not reached, or said that it is busy. Reads change
 * nothing, and a change carries a key by which the node carries it out once, however often it arrives.
 */

import type { Clock } from "../foundation/clock.ts";
import { SECOND } from "../foundation/durations.ts";
import { type FleetError, isFleetError } from "../foundation/errors.ts";
import type { Random } from "../foundation/random.ts";
import { type Backoff, waitAfter } from "./backoff.ts";
import { pause, reasonOf } from "./deadline.ts";

/** How often a call is sent again unless told otherwise. */
export const DEFAULT_RETRIES = 2;

const RETRYING: Backoff = { first: 0.5 * SECOND, longest: 8 * SECOND };

/** How often, and until when. */
export interface Retrying {
  readonly retries: number;
  readonly clock: Clock;
  readonly random: Random;
  /** When the call ends, in the clock's elapsed milliseconds; no wait goes past it. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** Resolves as the first attempt that does; rejects with the error of the last one. */
export async function retrying<T>(rules: Retrying, attempt: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (failures > rules.retries || !isFleetError(error) || !mayPass(error)) throw error;
      const wait = waitAfter(error, failures, RETRYING, rules.random);
      if (rules.clock.elapsed() + wait >= rules.deadline) throw error;
      await pause(wait, rules.signal);
      if (rules.signal.aborted) throw reasonOf(rules.signal);
    }
  }
}

/**
 * Returns whether another attempt may help: the node was not reached, or answered 429 or 503. NOT_READY is no such error:
 * it answers a question about the node's state, and asking again frees no disk.
 */
function mayPass(error: FleetError): boolean {
  if (error.code === "CONNECTION_FAILED") return true;
  const status = error.code === "UNKNOWN_CODE" ? error.details.status : error.status;
  return error.code !== "NOT_READY" && (status === 429 || status === 503);
}
