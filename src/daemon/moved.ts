/**
 * A data folder that wakes up on another machine: was it moved, or copied? Two nodes of one key would answer for each
 * other, and a token revoked on one would go on at the other. Only a person knows, so the start stops and asks.
 *
 * `machine.json` holds the mark of the machine that the folder was last used on. It is no kept state of the node, so it
 * is in no backup; a folder without it is recorded and goes on, and so does one on a machine that has no mark.
 */

import { mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { type Clock, timestamp } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Logger } from "../foundation/logger.ts";
import { readIfPresent, syncFolder, writeDurably } from "../host/files.ts";

/** What a person said of a folder that comes from elsewhere; `stop` when nothing was said. */
export type OnMove = "stop" | "keep" | "renew";

/** A folder, the machine it is on, and what a person said of that. */
export interface MoveCheck {
  /** The data folder, whose lock the caller holds. */
  readonly folder: string;
  /** This machine's mark; undefined where there is none. */
  readonly mark: string | undefined;
  readonly onMove: OnMove;
  readonly clock: Clock;
  readonly logger: Logger;
}

const RECORD = "machine.json";
const VERSION = 1;

/** What belongs to the process that holds the folder, or is an earlier node already. */
const STAYS = /^(?:lock|owner\.json|run|before-.+)$/;

/** Passes a folder that belongs here. Throws FOLDER_MOVED when it comes from another machine and nobody said why. */
export function settleMove({ clock, folder, logger, mark, onMove }: MoveCheck): void {
  if (mark === undefined) return;
  const recorded = readMark(folder, logger);
  if (recorded === mark) return;
  if (recorded !== undefined && onMove === "stop")
    throw new FleetError("FOLDER_MOVED", `the data folder ${folder} was last used on another machine`, { path: folder });
  if (recorded !== undefined && onMove === "renew") setAside(folder, clock, logger);
  if (recorded !== undefined && onMove === "keep") logger.info({ folder }, "the node was moved to this machine");
  writeDurably(join(folder, RECORD), `${JSON.stringify({ machine: VERSION, mark })}\n`);
}

/** Returns the mark in the folder; undefined when none can be read, since a lost one is no reason to stop a node. */
function readMark(folder: string, logger: Logger): string | undefined {
  const path = join(folder, RECORD);
  const text = readIfPresent(path)?.toString();
  if (text === undefined) return undefined;
  const { machine, mark } = parse(text);
  if (typeof machine === "number" && machine > VERSION)
    throw new FleetError("FORMAT_NEWER", `${path} has form ${machine}, this version reads up to ${VERSION}`);
  if (typeof mark === "string") return mark;
  logger.warn({ path }, "the record of the machine is damaged; it is made again");
  return undefined;
}

function parse(text: string): { readonly machine?: unknown; readonly mark?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Moves the copied node away, its machine's record last: whatever interrupts this, the next start asks again. */
function setAside(folder: string, clock: Clock, logger: Logger): void {
  const aside = join(folder, `before-${timestamp(clock.now()).replaceAll(":", "-")}`);
  mkdirSync(aside, { mode: 0o700 });
  const names = readdirSync(folder).filter((name) => name !== RECORD && !STAYS.test(name));
  for (const name of [...names, RECORD]) renameSync(join(folder, name), join(aside, name));
  syncFolder(aside);
  syncFolder(folder);
  logger.warn({ aside }, "the copied node was set aside; this one begins anew, with a key of its own");
}
