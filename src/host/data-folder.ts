/**
 * Where a node keeps what it must not lose, and proof that nobody else can read or write there: a real directory,
 * ours, closed to group and world. Everything inside relies on this one check.
 */

import { accessSync, chmodSync, constants, lstatSync, mkdirSync, type Stats } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { FleetError, messageOf } from "../foundation/errors.ts";
import { runChild } from "./child.ts";
import { isSystemError } from "./files.ts";
import { quoted } from "./shell.ts";

/** Longest socket path in bytes, by macOS's `sun_path` of 104 with its zero. Node cuts longer ones and listens elsewhere. */
export const MAX_SOCKET_PATH = 103;

/** Milliseconds that handing the socket to its group may take. */
const CHGRP_TIMEOUT = 5000;

/** Makes the folder and its parents, 0700, or checks the one that exists. Throws FOLDER_UNSAFE with the command that mends it. */
export function openDataFolder(path: string): void {
  requirePrivateFolder(path, "data folder");
}

/** Rights that nobody but the owner may have, and those that a group is not to have on a folder it may enter. */
const FOREIGN_RIGHTS = { private: 0o077, shared: 0o027 } as const;

/** What the owner must be able to do. */
const OWN_RIGHTS = 0o700;

/**
 * The same check for another folder of ours, such as the local socket's; `what` names it in the message. A `shared` one
 * may be entered by its group.
 */
export function requirePrivateFolder(path: string, what: string, kind: keyof typeof FOREIGN_RIGHTS = "private"): void {
  const problem = findProblem(path, lookOrMake(path, what), FOREIGN_RIGHTS[kind]);
  if (problem !== undefined) throw new FleetError("FOLDER_UNSAFE", `the ${what} ${path} ${problem}`, { path });
}

function lookOrMake(path: string, what: string): Stats {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats !== undefined) return stats;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return lstatSync(path);
  } catch (error) {
    throw notMade(path, what, error);
  }
}

/**
 * Lets the members of a group use the local socket at `path`: they may enter its folder and open it, nothing else. By
 * name through chgrp, since Node knows no group names. Throws CONFIG_INVALID when this account may not hand it over.
 */
export async function shareSocket(path: string, group: string): Promise<void> {
  const folder = dirname(path);
  const { code, stderr } = await runChild("chgrp", [group, folder, path], { timeout: CHGRP_TIMEOUT });
  if (code !== 0) throw new FleetError("CONFIG_INVALID", `socketGroup: ${stderr.trim()}`, { key: "socketGroup" });
  chmodSync(folder, 0o750);
  chmodSync(path, 0o660);
}

function notMade(path: string, what: string, error: unknown): FleetError {
  const reason = isSystemError(error, "EACCES", "EPERM") ? "permission denied" : messageOf(error);
  const text = `the ${what} ${path} cannot be made: ${reason}; choose another with --data-dir`;
  return new FleetError("FOLDER_UNSAFE", text, { path }, { cause: error });
}

function findProblem(path: string, stats: Stats, foreign: number): string | undefined {
  if (stats.isSymbolicLink()) return "is a symbolic link; name the folder it leads to with --data-dir";
  if (!stats.isDirectory()) return "is not a directory; choose another with --data-dir";
  const uid = process.geteuid?.();
  if (uid !== undefined && stats.uid !== uid) {
    return `belongs to uid ${stats.uid}, this is uid ${uid}; if it is yours: sudo chown -R ${uid} ${quoted(path)}`;
  }
  const mode = (stats.mode & 0o777).toString(8).padStart(4, "0");
  if ((stats.mode & foreign) !== 0) return `is open to other accounts (mode ${mode}): chmod 700 ${quoted(path)}`;
  if ((stats.mode & OWN_RIGHTS) !== OWN_RIGHTS) return `cannot be written (mode ${mode}): chmod 700 ${quoted(path)}`;
  return isWritable(path) ? undefined : "cannot be written, its disk is read-only; choose another with --data-dir";
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns the folder of a node that was given none: `$CIDER_DATA_DIR`; for root the system's; else the account's own,
 * on Linux below `$XDG_STATE_HOME` (relative values are ignored, as its specification says).
 */
export function defaultDataFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  uid: number,
  home: string,
): string {
  const named = env["CIDER_DATA_DIR"];
  if (named !== undefined && named !== "") return resolve(named);
  if (uid === 0) return systemDataFolder(platform);
  if (platform === "darwin") return join(home, "Library/Application Support/cider-fleet");
  const state = env["XDG_STATE_HOME"] ?? "";
  return join(isAbsolute(state) ? state : join(home, ".local/state"), "cider-fleet");
}

/** Returns the folder of the system's own node. */
export function systemDataFolder(platform: NodeJS.Platform): string {
  return platform === "darwin" ? "/Library/Application Support/cider-fleet" : "/var/lib/cider-fleet";
}

/**
 * Returns the path of the local socket: in the system's run folder for the system's own data folder, else in `run`
 * inside the data folder, so that two nodes on one machine never meet. Throws SOCKET_PATH_TOO_LONG above 103 bytes.
 */
export function socketPathFor(dataFolder: string, platform: NodeJS.Platform): string {
  const folder = resolve(dataFolder);
  const path = join(folder === systemDataFolder(platform) ? systemRunFolder(platform) : join(folder, "run"), "node.sock");
  const length = Buffer.byteLength(path);
  if (length > MAX_SOCKET_PATH) {
    throw new FleetError(
      "SOCKET_PATH_TOO_LONG",
      `the local socket's path ${path} has ${length} bytes, at most ${MAX_SOCKET_PATH} work`,
    );
  }
  return path;
}

/** Returns the folder of the system's own socket; only root can make it, whoever owns it then. */
export function systemRunFolder(platform: NodeJS.Platform): string {
  return platform === "darwin" ? "/var/run/cider-fleet" : "/run/cider-fleet";
}
