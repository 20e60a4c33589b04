/**
 * Finds the local socket of a node: of the folder that was named, else the user's own place, then the system's.
 *
 * Whoever listens on the socket is told secrets, so only a folder of root or of this account is trusted to hold it.
 */

import { lstatSync, type Stats, statSync } from "node:fs";
import { connect } from "node:net";
import { dirname, resolve } from "node:path";
import { FleetError } from "../foundation/errors.ts";
import { ownHome } from "../host/accounts.ts";
import { runChild } from "../host/child.ts";
import { socketPathFor, systemDataFolder, systemRunFolder } from "../host/data-folder.ts";
import { isSystemError } from "../host/files.ts";

/** Who asks, and where the platform keeps things. */
export interface Account {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly uid: number;
  readonly home: string;
}

/** A socket on which somebody listens. */
export interface FoundSocket {
  readonly path: string;
  readonly dataFolder: string;
  /** Neither the folder that was named nor the user's own place. */
  readonly elsewhere: boolean;
}

/** Milliseconds a local socket may take to accept. */
const ACCEPT_TIMEOUT = 2000;

/** Returns this process's account; -1 as uid where the platform has none. */
export function processAccount(env: Account["env"]): Account {
  return { env, platform: process.platform, uid: process.geteuid?.() ?? -1, home: ownHome() };
}

/** Returns the data folders a node may have, the first choice first: one that was named or configured is the only one. */
export async function candidateFolders(named: string | undefined, account: Account): Promise<readonly string[]> {
  if (named !== undefined) return [resolve(named)];
  const { resolveConfig } = await import("../config/load.ts");
  const { config, origins } = resolveConfig(account);
  if (origins.get("dataDir") !== "default") return [config.dataDir];
  return [...new Set([config.dataDir, systemDataFolder(account.platform)])];
}

/**
 * Returns the first socket on which somebody listens. Throws NOT_RUNNING naming the places tried, SOCKET_REFUSED when
 * a node seems to run there as somebody else, FOLDER_UNSAFE when the folder of the socket is not to be trusted.
 */
export async function findSocket(named: string | undefined, account: Account): Promise<FoundSocket> {
  const folders = await candidateFolders(named, account);
  const tried: string[] = [];
  for (const [place, dataFolder] of folders.entries()) {
    const path = socketPathFor(dataFolder, account.platform);
    tried.push(path);
    if (!(await isThere(path, account))) continue;
    if (await accepts(path)) return { path, dataFolder, elsewhere: place > 0 };
  }
  throw new FleetError("NOT_RUNNING", `no node is running here (no socket answers at ${tried.join(" or ")})`, { tried });
}

async function isThere(path: string, account: Account): Promise<boolean> {
  const folder = dirname(path);
  try {
    const found = lstatSync(folder);
    requireTrusted(folder, found, account);
    return lstatSync(path).isSocket();
  } catch (error) {
    if (isSystemError(error, "EACCES")) throw await refused(path);
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}

/**
 * Root may do everything anyway; anybody else who owns the folder could answer in the node's place. The system's
 * own folder was made by root for the account that runs the node, so whoever that is.
 */
function requireTrusted(folder: string, found: Stats, { platform, uid }: Account): void {
  const systems = folder === systemRunFolder(platform) && isRootsAlone(dirname(folder));
  const ownerTrusted = found.uid === 0 || found.uid === uid || uid === 0 || systems;
  if (found.isDirectory() && ownerTrusted && (found.mode & 0o022) === 0) return;
  throw new FleetError(
    "FOLDER_UNSAFE",
    `${folder} is not a folder that only root or this account can write; its socket is not used`,
  );
}

function isRootsAlone(folder: string): boolean {
  const { uid, mode } = lstatSync(folder);
  return uid === 0 && (mode & 0o022) === 0;
}

/** Resolves to whether somebody accepts on the socket; a socket file that a killed node left behind does not. */
function accepts(path: string): Promise<boolean> {
  return new Promise((answer, reject) => {
    const socket = connect(path);
    socket.setTimeout(ACCEPT_TIMEOUT, () => socket.destroy());
    socket.once("connect", () => {
      answer(true);
      socket.destroy();
    });
    socket.once("error", (error) => {
      if (isSystemError(error, "EACCES")) void refused(path).then(reject);
      else answer(false);
    });
    // Without an error: it took too long.
    socket.once("close", (failed) => {
      if (!failed) answer(false);
    });
  });
}

async function refused(path: string): Promise<FleetError> {
  const owner = await ownerName(path);
  const who = owner === undefined ? "another account" : `"${owner}"`;
  const sudo = owner === undefined || owner === "root" ? "sudo" : `sudo -u ${owner}`;
  const [first = "", ...rest] = process.argv.slice(2); // "fleet" when the program was called as `cider fleet`
  const command = [sudo, "cider-fleet", ...(first === "fleet" ? [] : [first]), ...rest].join(" ");
  return new FleetError("SOCKET_REFUSED", `the node's socket ${path} belongs to ${who}`, { path, command });
}

/** Returns who owns the nearest folder above `path` that can be looked at. */
async function ownerName(path: string): Promise<string | undefined> {
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
    const uid = ownerOf(folder);
    if (uid === undefined) continue;
    const { code, stdout } = await runChild("id", ["-un", String(uid)], { timeout: ACCEPT_TIMEOUT });
    const name = stdout.trim();
    return code === 0 && name !== "" ? name : `#${uid}`;
  }
  return undefined;
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}
