/**
 * One daemon per data folder, by a lock the kernel releases when its holder dies, however it dies. Never a pid file:
 * pids are reused, and a file outlives a `kill -9`.
 *
 * Linux: an abstract Unix socket named by device and inode of the folder, so that every path to the folder is the
 * same lock. The name fills all 108 bytes of `sun_path`: Node 20 pads shorter names with zeros and Node 22 does not,
 * and two daemons of different Node versions would each own the folder (tried 2026-11, Node 20.20, 22.23, 24.21).
 * Abstract names belong to a network namespace: containers that share a folder must share it too.
 * macOS: `O_EXLOCK|O_NONBLOCK` on the file `lock`.
 *
 * `owner.json` only tells the loser who the winner is. It is never trusted as a lock.
 */

import { closeSync, constants, openSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { FleetError } from "../foundation/errors.ts";
import { isNodeId, type NodeId, shortId } from "../foundation/ids.ts";
import { isSystemError, readIfPresent, writeLightly } from "./files.ts";

/** Bytes of an abstract name after its leading zero: all that `sun_path` holds. */
const ABSTRACT_NAME_LENGTH = 107;

/** `O_EXLOCK` of macOS, which Node's constants do not list: open with an exclusive flock. */
const O_EXLOCK = 0x20;

/** What the loser of a race is told. */
export interface Owner {
  readonly nodeId: NodeId;
  readonly port: number;
}

/** The right to write in a folder, held until `release` or the end of the process. */
export interface Lock {
  /** Records who holds the folder, for the message of whoever finds it taken. */
  announce(owner: Owner): void;
  release(): Promise<void>;
}

/** Takes the folder for this process. Throws FOLDER_IN_USE, naming the owner, when another holds it. Does not wait. */
export async function acquireLock(folder: string, platform: NodeJS.Platform = process.platform): Promise<Lock> {
  const unlock = platform === "darwin" ? lockFile(folder) : await bindName(folder, platform);
  const ownerFile = join(folder, "owner.json");
  const announce = (owner: Partial<Owner>): void => {
    try {
      writeLightly(ownerFile, `${JSON.stringify({ pid: process.pid, ...owner })}\n`);
    } catch (error) {
      // A full disk must not keep a node down; the loser of a race just learns less.
      if (!isSystemError(error, "ENOSPC", "EDQUOT")) throw error;
    }
  };
  try {
    announce({});
  } catch (error) {
    await unlock();
    throw error;
  }
  return {
    announce,
    release: () => {
      rmSync(ownerFile, { force: true }); // before unlocking: afterwards it may be the next owner's
      return unlock();
    },
  };
}

async function bindName(folder: string, platform: NodeJS.Platform): Promise<() => Promise<void>> {
  if (platform !== "linux") throw new FleetError("UNSUPPORTED_PLATFORM");
  const { dev, ino } = statSync(folder, { bigint: true });
  const name = `\0${`cider-fleet-${dev}-${ino}`.padEnd(ABSTRACT_NAME_LENGTH, "-")}`;
  const server = createServer((socket) => socket.destroy());
  try {
    await listen(server, name);
  } catch (error) {
    throw isSystemError(error, "EADDRINUSE") ? inUse(folder) : error;
  }
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

function listen(server: Server, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(name, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function lockFile(folder: string): () => Promise<void> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOFOLLOW | O_EXLOCK;
  let file: number;
  try {
    file = openSync(join(folder, "lock"), flags, 0o600);
  } catch (error) {
    throw isSystemError(error, "EAGAIN", "EWOULDBLOCK") ? inUse(folder) : error;
  }
  return () => {
    closeSync(file);
    return Promise.resolve();
  };
}

function inUse(folder: string): FleetError {
  const owner = readOwner(folder);
  const who = owner === undefined ? "another process" : `process ${owner.pid}${owner.text}`;
  return new FleetError("FOLDER_IN_USE", `${who} owns ${folder}`, owner === undefined ? {} : { pid: owner.pid });
}

/** Returns what `owner.json` says, unless its process is gone: then it is an earlier owner's. */
function readOwner(folder: string): { readonly pid: number; readonly text: string } | undefined {
  try {
    const value: unknown = JSON.parse(readIfPresent(join(folder, "owner.json"))?.toString() ?? "null");
    if (typeof value !== "object" || value === null || !("pid" in value)) return undefined;
    const pid = value.pid;
    if (typeof pid !== "number" || !Number.isInteger(pid) || pid < 1 || !isAlive(pid)) return undefined;
    const node = "nodeId" in value && isNodeId(value.nodeId) ? `node ${shortId(value.nodeId)}` : "";
    const port = "port" in value && typeof value.port === "number" ? `port ${value.port}` : "";
    const about = [node, port].filter((part) => part !== "").join(", ");
    return { pid, text: about === "" ? "" : ` (${about})` };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isSystemError(error, "EPERM");
  }
}
