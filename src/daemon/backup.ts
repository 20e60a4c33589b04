/**
 * Copies what a node cannot be made again without into one private file, while the node runs.
 *
 * The node is asked for one thing only: the signed end of its record. What is on disk up to there is read beside it, by
 * an account that may read the folder anyway; so the identity key passes through no operation, and no API can be made
 * to give it away. The ledger only grows, so a copy up to the head is consistent. Retention is the exception: it
 * removes a beginning. So checkpoints are read before the head is asked for and segments after it; if a removal came in
 * between, the copy does not verify, and is made again.
 */

import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { type Clock, timestamp } from "../foundation/clock.ts";
import { FleetError, isFleetError } from "../foundation/errors.ts";
import { isSystemError, readIfPresent, writeNewFile } from "../host/files.ts";
import { AUTHORITY_FILE } from "../identity/chain.node.ts";
import { KEY_FILE } from "../identity/key-file.node.ts";
import { listSegments, readHeader, segmentPath } from "../ledger/segment.ts";
import { type Archive, type ArchivedFile, formatArchive, type SignedHead } from "./archive.ts";
import { CHECKPOINTS, checkArchive } from "./archive-check.ts";

/** What is copied, and whereto. */
export interface BackupOptions {
  /** The data folder of the running node. */
  readonly dataDir: string;
  /** The file to make; it must not be there. */
  readonly file: string;
  readonly clock: Clock;
  /** Most bytes of record; `MAX_BACKUP` by default. */
  readonly limit?: number;
  /** Asks the node for the signed end of its record, which is on disk by then. */
  readonly head: () => Promise<SignedHead>;
}

/** Most bytes of record: one document has to fit into memory as a text. */
export const MAX_BACKUP = 256 * 1024 * 1024;

/** How often the copy is tried; retention comes once an hour. */
const TRIES = 3;
const NEWLINE = 0x0a;

const MAY_NOT = "this account may not; run the command as the account of the node, or as root";
const REASONS: Readonly<Record<string, string>> = {
  EACCES: MAY_NOT,
  EPERM: MAY_NOT,
  EEXIST: "it is there already, and a backup replaces nothing",
  ENOENT: "there is no such folder or file",
  ENOSPC: "the disk is full",
};

/** Writes the backup, 0600, and returns what is in it. Throws BACKUP_FAILED or BACKUP_UNUSABLE; then no file is left. */
export async function writeBackup(options: BackupOptions): Promise<Archive> {
  const archive = await collectVerified(options, TRIES);
  try {
    writeNewFile(options.file, formatArchive(archive));
  } catch (error) {
    throw failed(error, `${options.file} cannot be made`);
  }
  return archive;
}

async function collectVerified(options: BackupOptions, tries: number): Promise<Archive> {
  try {
    const archive = await collect(options);
    checkArchive(archive);
    return archive;
  } catch (error) {
    const isPassing = isFleetError(error, "BACKUP_UNUSABLE") || isSystemError(error, "ENOENT");
    if (isPassing && tries > 1) return collectVerified(options, tries - 1);
    throw failed(error, `${options.dataDir} cannot be read`);
  }
}

async function collect({ clock, dataDir, head: ask, limit = MAX_BACKUP }: BackupOptions): Promise<Archive> {
  const always = [KEY_FILE, AUTHORITY_FILE].map((name) => ({ name, bytes: readFileSync(join(dataDir, name)) }));
  const checkpoints = CHECKPOINTS.map((name) => ({ name, bytes: readIfPresent(join(dataDir, name)) }));
  const head = await ask();
  const { segments, isWhole } = readSegments(join(dataDir, "ledger"), head.seq, limit);
  const files: ArchivedFile[] = [...always, ...segments];
  for (const { bytes, name } of checkpoints) if (!isWhole && bytes !== undefined) files.push({ name, bytes });
  return { version: manifest.version, made: timestamp(clock.now()), head, files };
}

/** Returns the segments up to the line `seq`, and whether they begin with the first. */
function readSegments(folder: string, seq: number, room: number) {
  const segments: ArchivedFile[] = [];
  const numbers = listSegments(folder);
  let left = room;
  for (const number of numbers) {
    const path = segmentPath(folder, number);
    const bytes = upTo(readFileSync(path), seq);
    if (bytes === undefined) break;
    left -= bytes.length;
    if (left < 0) {
      const most = `${room / 1024 / 1024} MiB`;
      throw new FleetError(
        "BACKUP_FAILED",
        `the record is larger than ${most}; stop the node and copy ${dirname(folder)} instead`,
      );
    }
    segments.push({ name: `ledger/${basename(path)}`, bytes });
  }
  return { segments, isWhole: numbers[0] === 1 };
}

/** Returns the segment up to the line `seq`; undefined when it begins behind it. */
function upTo(bytes: Buffer, seq: number): Buffer | undefined {
  const { header, length } = readHeader(bytes);
  if (header.from > seq) return undefined;
  let end = length;
  for (let next = header.from; next <= seq && end < bytes.length; next++) {
    const newline = bytes.indexOf(NEWLINE, end);
    end = newline < 0 ? bytes.length : newline + 1;
  }
  return bytes.subarray(0, end);
}

function failed(error: unknown, what: string): unknown {
  if (!isSystemError(error, ...Object.keys(REASONS))) return error;
  const why = REASONS[error.code ?? ""];
  return new FleetError("BACKUP_FAILED", `${what}: ${why}`, {}, { cause: error });
}
