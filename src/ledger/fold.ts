/** State built from ledger lines. Peers, tokens and the node's name are folds; the ledger knows none of them. */

import { FleetError } from "../foundation/errors.ts";
import type { Change, Line } from "./line.ts";

/**
 * One noun's state. `apply` is called for every change of every line, in order, and must not fail: what may be
 * refused is refused before it is committed. It ignores types it does not know. Nothing but lines may feed it, or a
 * restart would not bring it back.
 */
export interface Fold {
  /** Its place in the checkpoint; never reused for another shape. */
  readonly name: string;
  /** Types of changes that only take rights away (`token.revoked`); such lines may use the reserve of a full disk. */
  readonly endings?: readonly string[];
  /** Types of changes that may stand beside an ending without using up the reserve: small, and never alone in such a line. */
  readonly asides?: readonly string[];
  apply(change: Change, line: Line): void;
  /** Returns all state as plain JSON. */
  snapshot(): unknown;
  /** Replaces all state; `undefined` empties it. Throws when the snapshot is not one it can read: then all lines are replayed. */
  restore(snapshot: unknown): void;
}

/** Snapshots by fold name. */
export type Snapshots = Readonly<Record<string, unknown>>;

/** All folds of a ledger as one. */
export class Folds {
  readonly #folds: readonly Fold[];
  readonly #endings: ReadonlySet<string>;
  readonly #asides: ReadonlySet<string>;

  constructor(folds: readonly Fold[]) {
    if (new Set(folds.map(({ name }) => name)).size !== folds.length) throw new RangeError("two folds share a name");
    this.#folds = folds;
    this.#endings = new Set(folds.flatMap(({ endings }) => endings ?? []));
    this.#asides = new Set(folds.flatMap(({ asides }) => asides ?? []));
  }

  /** Returns whether these changes only take rights away. */
  isEnding(changes: readonly Change[]): boolean {
    const types = changes.map(({ type }) => type).filter((type) => !this.#asides.has(type));
    return types.length > 0 && types.every((type) => this.#endings.has(type));
  }

  apply(line: Line): void {
    for (const change of line.changes) {
      for (const fold of this.#folds) fold.apply(change, line);
    }
  }

  clear(): void {
    for (const fold of this.#folds) fold.restore(undefined);
  }

  snapshot(): Snapshots {
    return Object.fromEntries(this.#folds.map((fold) => [fold.name, fold.snapshot()]));
  }

  /**
   * Restores every fold; throws when one has no snapshot here or cannot read it, leaving a mixture that `clear` ends.
   * @param isPartial whether the first lines are gone: a fold that is newer than the checkpoint then begins empty
   */
  restore(snapshots: Snapshots, isPartial = false): void {
    for (const fold of this.#folds) {
      if (!isPartial && !Object.hasOwn(snapshots, fold.name))
        throw new FleetError("INTERNAL", `the checkpoint has no state of "${fold.name}"`);
      fold.restore(snapshots[fold.name]);
    }
  }
}
