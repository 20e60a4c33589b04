/**
 * `state.json`: the folds at one synced line, so that a start need not fold everything again. A lowdb database with an
 * adapter of our own, because lowdb's writer makes 0600 into 0644 and never syncs.
 *
 * As long as no segment was ever removed it is a cache: one that is damaged, or that a fold cannot read, is passed
 * over and all lines are replayed. It is also a witness: its line was acknowledged. The one before is kept beside it as
 * `state.previous.json`, because after retention nothing else can replace it.
 */

import { hash } from "node:crypto";
import { linkSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { LowSync, type SyncAdapter } from "lowdb";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { isSystemError, readIfPresent, syncFolder, writeDurably } from "../host/files.ts";
import type { Snapshots } from "./fold.ts";
import type { Head } from "./line.ts";

/** Version of the file's form. */
export const CHECKPOINT_VERSION = 1;

/** All state at one line of the ledger. */
export interface Checkpoint {
  /** The last line the folds contain. */
  readonly head: Head;
  readonly folds: Snapshots;
}

interface Stored {
  readonly checkpoint: number;
  readonly node: NodeId;
  readonly seq: number;
  readonly hash: string;
  /** SHA-256 of all the rest: finds what a disk changed, not what a person did. */
  readonly digest: string;
  readonly folds: Snapshots;
}

/** JSON in one file, replaced durably, 0600. */
class DurableJson implements SyncAdapter<unknown> {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  read(): unknown {
    const bytes = readIfPresent(this.#path);
    return bytes === undefined ? null : JSON.parse(bytes.toString());
  }

  write(data: unknown): void {
    writeDurably(this.#path, `${JSON.stringify(data)}\n`);
  }
}

/** `state.json`, and the one before it. */
export class CheckpointFile {
  readonly #path: string;
  readonly #node: NodeId;
  readonly #database: LowSync;

  constructor(path: string, node: NodeId) {
    this.#path = path;
    this.#node = node;
    this.#database = new LowSync<unknown>(new DurableJson(path), null);
  }

  /** Returns the checkpoint, or undefined when there is none. Throws SyntaxError for a damaged one, FORMAT_NEWER for a newer. */
  read(): Checkpoint | undefined {
    this.#database.read();
    const stored = this.#database.data;
    this.#database.data = null; // lowdb keeps what it read before when the file is gone
    if (stored === null) return undefined;
    if (!isStored(stored)) throw new SyntaxError("not a checkpoint");
    const { checkpoint: version, node, seq, hash: lineHash, folds } = stored;
    if (version > CHECKPOINT_VERSION) {
      throw new FleetError("FORMAT_NEWER", `${this.#path} has form ${version}, this version reads up to ${CHECKPOINT_VERSION}`);
    }
    if (node !== this.#node || stored.digest !== digest({ seq, hash: lineHash }, folds))
      throw new SyntaxError("not this ledger's checkpoint");
    return { head: { seq, hash: lineHash }, folds };
  }

  /** Puts the file, if there is one, in the place of `other` as well. It must be one that was read or written here. */
  keepAs(other: CheckpointFile): void {
    const temporary = `${other.#path}.new`;
    rmSync(temporary, { force: true });
    try {
      linkSync(this.#path, temporary);
    } catch (error) {
      if (isSystemError(error, "ENOENT")) return;
      throw error;
    }
    renameSync(temporary, other.#path);
    syncFolder(dirname(other.#path));
  }

  /** Replaces the file. Throws the system's error and leaves the old one. */
  write({ head: { seq, hash: lineHash }, folds }: Checkpoint): void {
    const stored: Stored = {
      checkpoint: CHECKPOINT_VERSION,
      node: this.#node,
      seq,
      hash: lineHash,
      digest: digest({ seq, hash: lineHash }, folds),
      folds,
    };
    this.#database.data = stored;
    this.#database.write();
    this.#database.data = null; // the folds are the state; no second copy stays in memory
  }
}

function digest({ seq, hash: lineHash }: Head, folds: Snapshots): string {
  return hash("sha256", `${seq} ${lineHash} ${JSON.stringify(folds)}`);
}

function isStored(value: unknown): value is Stored {
  if (typeof value !== "object" || value === null) return false;
  const { checkpoint, seq, hash: lineHash, folds } = value as Readonly<Record<string, unknown>>;
  const counts = Number.isSafeInteger(checkpoint) && Number.isSafeInteger(seq);
  return counts && typeof lineHash === "string" && typeof folds === "object" && folds !== null;
}
