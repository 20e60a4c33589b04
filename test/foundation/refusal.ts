/** For the test beside each success: what was refused, and with which code. */

import { FleetError } from "../../src/foundation/errors.ts";

/** Returns the FleetError that `work` throws; fails when it throws nothing or something else. */
export function refusal(work: () => unknown): FleetError {
  try {
    work();
  } catch (error) {
    if (error instanceof FleetError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** Resolves to the FleetError that `promise` rejects with; fails when it resolves or rejects with something else. */
export async function rejection(promise: Promise<unknown>): Promise<FleetError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FleetError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
