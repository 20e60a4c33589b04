/**
 * How many files are being sent. Each holds a descriptor of the process for as long as its reader likes, and a process that
 * has none left can neither accept nor keep its record.
 */

import { FleetError } from "../foundation/errors.ts";
import type { Limits } from "./limits.ts";

export class FilePlaces {
  readonly #limits: Pick<Limits, "files" | "filesPerNetwork">;
  readonly #byNetwork = new Map<string, number>();
  #taken = 0;

  constructor(limits: Pick<Limits, "files" | "filesPerNetwork">) {
    this.#limits = limits;
  }

  /** Does what needs a file with one of the places; rejects with RATE_LIMITED when there is none for the network. */
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
