/** A small noun to keep in a ledger, folders that vanish after the test, and disks that misbehave on demand. */

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Clock } from "../../src/foundation/clock.ts";
import type { FleetError } from "../../src/foundation/errors.ts";
import { isNodeId, type NodeId } from "../../src/foundation/ids.ts";
import { type Logger, silentLogger } from "../../src/foundation/logger.ts";
import { type Disk, systemDisk } from "../../src/ledger/disk.ts";
import type { Fold } from "../../src/ledger/fold.ts";
import { Ledger, type LedgerOptions } from "../../src/ledger/ledger.ts";
import type { Change, Entry, Line } from "../../src/ledger/line.ts";

export function nodeId(text: string): NodeId {
  if (!isNodeId(text)) throw new SyntaxError(text);
  return text;
}

export const NODE = nodeId("5a07a723-c795-8830-ae2e-6be0ef71b399");
export const OTHER_NODE = nodeId("f857ae4e-d6e3-8e33-b61a-ea25caaee3fe");

/** Stands still. */
export const CLOCK: Clock = { now: () => Date.parse("2026-11-21T20:00:00.000Z"), elapsed: () => 0 };

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cider-ledger-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Returns a copy of a data folder as a crash at this moment would leave it. */
export function crashCopy(folder: string): string {
  const copy = newFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

/** Badges by name: `badge.given` needs room, `badge.taken` only takes away, `badge.cursed` is a defect. */
export class Badges implements Fold {
  readonly name = "badges";
  readonly endings = ["badge.taken"];
  readonly asides = ["badge.noticed"];
  readonly held = new Map<string, string>();
  /** Lines folded since this object was made. */
  folded = 0;

  apply(change: Change, line: Line): void {
    this.folded++;
    const name = String(change["name"]);
    if (change.type === "badge.given") this.held.set(name, line.at);
    if (change.type === "badge.taken") this.held.delete(name);
    if (change.type === "badge.cursed") throw new RangeError("a fold failed");
  }

  snapshot(): unknown {
    return [...this.held];
  }

  restore(snapshot: unknown): void {
    this.held.clear();
    if (snapshot === undefined) return;
    if (!Array.isArray(snapshot)) throw new SyntaxError("not badges");
    for (const [name, at] of snapshot as [string, string][]) this.held.set(name, at);
  }

  get names(): readonly string[] {
    return [...this.held.keys()];
  }
}

export function entry(...changes: readonly Change[]): Entry {
  return { actor: "local", request: "0190b2c0-0000-7000-8000-000000000100", operation: "GiveBadge", changes };
}

export function give(name: string, padding = 0): Entry {
  return entry({ type: "badge.given", name, ...(padding > 0 && { padding: "x".repeat(padding) }) });
}

export function take(name: string): Entry {
  return entry({ type: "badge.taken", name });
}

/** A ledger with everything it told its owner. */
export interface Opened {
  readonly ledger: Ledger;
  readonly badges: Badges;
  readonly published: number[];
  readonly fatal: FleetError[];
  readonly logged: string[];
  rebuilt: number;
}

export async function openLedger(folder: string, options: Partial<LedgerOptions> = {}): Promise<Opened> {
  const badges = new Badges();
  const told = { badges, published: [] as number[], fatal: [] as FleetError[], logged: [] as string[], rebuilt: 0 };
  const log = (fields: object, message: string): void => void told.logged.push(`${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { ...silentLogger, warn: log, error: log };
  const ledger = await Ledger.open({
    folder,
    node: NODE,
    clock: CLOCK,
    logger,
    folds: [badges],
    publish: (line) => told.published.push(line.seq),
    onFatal: (error) => told.fatal.push(error),
    rebuilt: () => {
      told.rebuilt++;
    },
    ...options,
  });
  return Object.assign(told, { ledger });
}

/** A disk with buttons. */
export class TestDisk implements Disk {
  /** Writes fail with this code, after half the bytes, while set. */
  writeFails: string | undefined;
  /** Syncs fail with EIO while set. */
  syncFails = false;
  /** Syncs wait here while set; `release` lets them go. */
  holding = false;
  readonly #held: (() => void)[] = [];
  readonly writes: number[] = [];
  syncs = 0;

  write(file: number, bytes: Uint8Array, position: number): void {
    if (this.writeFails !== undefined) {
      systemDisk.write(file, bytes.subarray(0, bytes.length / 2), position);
      throw systemError(this.writeFails);
    }
    this.writes.push(bytes.length);
    systemDisk.write(file, bytes, position);
  }

  sync(file: number, done: (error: Error | null) => void): void {
    this.syncs++;
    const finish = (): void => (this.syncFails ? done(systemError("EIO")) : systemDisk.sync(file, done));
    if (this.holding) this.#held.push(finish);
    else finish();
  }

  truncate(file: number, length: number): void {
    systemDisk.truncate(file, length);
  }

  release(): void {
    this.holding = false;
    for (const finish of this.#held.splice(0)) finish();
  }
}

export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made for a test`), { code });
}

/** Resolves when the writer has started on what is queued. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}
