/**
 * Makes a node of a backup, in a folder that holds none.
 *
 * Everything is verified before anything is written. The identity key is written last: a folder that has a record but
 * no key starts no node, so whatever interrupts this, no half-restored node runs, and none with tokens that were to end.
 *
 * Tokens are revoked, because a backup may be older than a revocation: nobody could say which of them had been ended.
 */

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import type { SecretKey } from "../crypto/secret-key.ts";
import type { Clock } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Logger } from "../foundation/logger.ts";
import type { Random } from "../foundation/random.ts";
import { openDataFolder } from "../host/data-folder.ts";
import { writeDurably } from "../host/files.ts";
import { acquireLock } from "../host/lock.ts";
import { readChain } from "../identity/chain.node.ts";
import { KEY_FILE } from "../identity/key-file.node.ts";
import { systemDisk } from "../ledger/disk.ts";
import { revocations } from "../tokens/revoke.ts";
import { type Archive, parseArchive } from "./archive.ts";
import { checkArchive } from "./archive-check.ts";
import { startFailure } from "./start-failure.ts";
import { openStorage } from "./storage.ts";

/** What is made again, and where. */
export interface RestoreOptions {
  /** The backup's document. */
  readonly text: string;
  /** Settings; of them the data folder. */
  readonly config: Config;
  readonly keepTokens: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** What was made. */
export interface Restored {
  readonly archive: Archive;
  /** Name of the node. */
  readonly name: string;
  readonly tokensRevoked: number;
  readonly peers: number;
}

/** What a folder without a node may have: what the lock leaves, and the local socket's folder. */
const HARMLESS = new Set(["lock", "owner.json", "run"]);

/** Restores the node. Throws BACKUP_UNUSABLE, FORMAT_NEWER, FOLDER_IN_USE or FOLDER_NOT_EMPTY; then the folder is as it was. */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const archive = parseArchive(options.text);
  const key = checkArchive(archive);
  const folder = options.config.dataDir;
  openDataFolder(folder);
  const lock = await acquireLock(folder);
  try {
    if (namesIn(folder).length > 0) throw new FleetError("FOLDER_NOT_EMPTY", `${folder} is not empty; nothing was restored`);
    return await fill(folder, archive, key, options);
  } catch (error) {
    throw startFailure(error, folder);
  } finally {
    await lock.release();
  }
}

function namesIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => !HARMLESS.has(name));
}

async function fill(folder: string, archive: Archive, key: SecretKey, options: RestoreOptions): Promise<Restored> {
  const keyFile = archive.files.find(({ name }) => name === KEY_FILE);
  try {
    mkdirSync(join(folder, "ledger"), { mode: 0o700 });
    for (const { bytes, name } of archive.files) if (name !== KEY_FILE) writeDurably(join(folder, name), bytes);
    readChain(folder, key);
    const restored = await recordRestore(archive, options);
    if (keyFile !== undefined) writeDurably(join(folder, KEY_FILE), keyFile.bytes);
    return { archive, ...restored };
  } catch (error) {
    for (const name of namesIn(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    throw error;
  }
}

async function recordRestore(archive: Archive, options: RestoreOptions): Promise<Omit<Restored, "archive">> {
  const { nodeId, seq, hash } = archive.head;
  const nothing = () => undefined;
  const storage = await openStorage({
    ...options,
    nodeId,
    disk: systemDisk,
    publish: nothing,
    onFatal: nothing,
    rebuilt: nothing,
  });
  try {
    const { ledger, node, peers, tokens } = storage;
    const ended = options.keepTokens ? [] : revocations(tokens.list(), tokens, options.clock.now());
    const changes = [{ type: "record.restored", upTo: seq, hash }, ...ended];
    ledger.commit({ actor: "system", request: "", operation: "Restore", changes });
    await ledger.settled();
    return { name: node.nodeName, tokensRevoked: ended.length, peers: peers.size };
  } finally {
    await storage.close();
  }
}
