/**
 * Bounds how many files are being sent at once. A slow reader keeps a file open for as long as it likes, and a process
 * without free file descriptors can neither accept connections nor write its record.
 */

import { FleetError } from "../foundation/errors.ts";
import type { Limits } from "./limits.ts";

/** Counts the files that are being sent, in all and by network. */
export class FilePlaces {
  readonly #limits: Pick<Limits, "files" | "filesPerNetwork">;
  readonly #byNetwork = new Map<string, number>();
  #taken = 0;

  constructor(limits: Pick<Limits, "files" | "filesPerNetwork">) {
    this.#limits = limits;
  }

  /** Runs `work` while holding a place; rejects with RATE_LIMITED when this network, or all together, have none left. */
  async with(network: string, work: () => Promise<void>): Promise<void> {
    const taken = this.#byNetwork.get(network) ?? 0;
    if (this.#taken >= this.#limits.files || taken >= this.#limits.filesPerNetwork)
      throw new FleetError("RATE_LIMITED", "too many files are being sent", { retryAfter: 1 });
    this.#taken++;
    this.#byNetwork.set(network, taken + 1);
    try {
      await work();
    } finally {
      this.#giveBack(network);
    }
  }

  #giveBack(network: string): void {
    const left = (this.#byNetwork.get(network) ?? 1) - 1;
    if (left === 0) this.#byNetwork.delete(network);
    else this.#byNetwork.set(network, left);
    this.#taken--;
  }
}
