/**
 * The two generations of the checkpoint, `state.json` and the one before. One of them is always usable: the older goes
 * only when the newer was read or written whole.
 */

import { join } from "node:path";
import { isFleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Logger } from "../foundation/logger.ts";
import { type Checkpoint, CheckpointFile } from "./checkpoint.ts";
import type { Folds } from "./fold.ts";
import { GENESIS, type Head } from "./line.ts";

/** The checkpoints of a data folder, for the ledger that owns it. */
export class Checkpoints {
  readonly #logger: Logger;
  readonly #current: CheckpointFile;
  readonly #previous: CheckpointFile;
  /** Seq of the checkpoint on disk. */
  #seq = 0;
  /** Whether `state.json` itself can be read: only then may it take the place of the generation before. */
  #isCurrentGood = false;

  constructor(folder: string, node: NodeId, logger: Logger) {
    this.#logger = logger;
    this.#current = new CheckpointFile(join(folder, "state.json"), node);
    this.#previous = new CheckpointFile(join(folder, "state.previous.json"), node);
  }

  /** Seq up to which both generations hold the state, so that no line before is needed; 0 when one of them is unusable. */
  get safe(): number {
    return Math.min(...[this.#current, this.#previous].map((file) => this.#read(file)?.head.seq ?? 0));
  }

  /**
   * Restores the folds from the newest usable generation, or clears them, and returns the line up to which they are.
   * @param isPartial whether the first lines of the record are gone
   * Throws FORMAT_NEWER.
   */
  restore(folds: Folds, isPartial: boolean): Head {
    const head = this.#restore(folds, isPartial);
    this.#seq = head.seq;
    return head;
  }

  #restore(folds: Folds, isPartial: boolean): Head {
    for (const file of [this.#current, this.#previous]) {
      const checkpoint = this.#read(file);
      if (checkpoint === undefined) continue;
      try {
        folds.restore(checkpoint.folds, isPartial);
        this.#isCurrentGood = file === this.#current;
        return checkpoint.head;
      } catch (error) {
        this.#sayUnusable(error);
      }
    }
    folds.clear();
    return GENESIS;
  }

  /** Writes the state as of `head`, unless it is on disk already. Never throws: the lines it is made from are kept anyway. */
  write(head: Head, folds: Folds): void {
    if (head.seq === this.#seq) return;
    try {
      if (this.#isCurrentGood) this.#current.keepAs(this.#previous);
      this.#current.write({ head, folds: folds.snapshot() });
      this.#seq = head.seq;
      this.#isCurrentGood = true;
    } catch (error) {
      this.#logger.warn({ err: error }, "could not write the checkpoint; the next start replays more");
    }
  }

  #read(file: CheckpointFile): Checkpoint | undefined {
    try {
      return file.read();
    } catch (error) {
      if (isFleetError(error, "FORMAT_NEWER")) throw error;
      this.#sayUnusable(error);
      return undefined;
    }
  }

  #sayUnusable(error: unknown): void {
    this.#logger.warn({ err: error }, "passed over an unusable checkpoint; replaying more lines");
  }
}
