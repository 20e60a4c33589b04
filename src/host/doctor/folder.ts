/** Probes of the data folder: rights, owner, room, key and ledger. They need no daemon. */

import { createPrivateKey, createPublicKey } from "node:crypto";
import { chmodSync, closeSync, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../foundation/errors.ts";
import { type Finding, ill, type Probe, well } from "../../foundation/findings.ts";
import { isSystemError } from "../files.ts";
import { quoted } from "../shell.ts";

/** Free bytes below which changes will soon be refused, and below which they are about to be. */
const LOW = 1024 ** 3;
const NEARLY_FULL = 64 * 1024 ** 2;
/** Free inodes below which no file can be made soon; file systems without a limit tell of 0 in all. */
const FEW_FILES = 100;

/** Bytes that hold a key whole, and the header of a segment. */
const BEGINNING = 16 * 1024;

const FOREIGN_RIGHTS = 0o077;
const MODES = { folder: 0o700, file: 0o600 } as const;

/** Files of the node in its folder, and the folders whose files are the node's. What else lies there is not looked at. */
const FILES = ["identity.key", "ca.pem", "tls.pem", "state.json", "state.previous.json", "owner.json", "lock"];
const FOLDERS = ["ledger", "activity"];

/** One thing on disk. */
export interface Thing {
  readonly path: string;
  readonly kind: "folder" | "file" | "other";
  /** The nine bits of rights. */
  readonly mode: number;
  readonly uid: number;
}

/** Room on a file system. */
export interface Room {
  /** Bytes that this account may still write. */
  readonly free: number;
  readonly freeFiles: number;
  /** 0 where the file system has no limit of files. */
  readonly files: number;
}

/** What of the folder is looked at. */
export interface FolderReader {
  readonly folder: string;
  /** The account that runs the node. */
  readonly uid: number;
  /** The key the node runs with, 65 bytes; undefined where none runs. */
  readonly publicKey?: Uint8Array | undefined;
  /** Undefined when there is nothing. */
  readonly look: (path: string) => Thing | undefined;
  readonly names: (folder: string) => readonly string[];
  /** The first 16 KiB. */
  readonly text: (path: string) => string;
  readonly room: () => Promise<Room>;
  readonly setMode: (path: string, mode: number) => void;
}

/** Returns the reader of a real folder. */
export function folderReader(folder: string, uid: number, publicKey?: Uint8Array): FolderReader {
  return {
    folder,
    uid,
    publicKey,
    look: lookAt,
    names: (path) => (lookAt(path)?.kind === "folder" ? readdirSync(path).sort() : []),
    text: beginningOf,
    room: async () => {
      const { bavail, bsize, ffree, files } = await statfs(folder);
      return { free: bavail * bsize, freeFiles: ffree, files };
    },
    setMode: chmodSync,
  };
}

function lookAt(path: string): Thing | undefined {
  try {
    const stats = lstatSync(path);
    const kind = stats.isDirectory() ? "folder" : stats.isFile() ? "file" : "other";
    return { path, kind, mode: stats.mode & 0o777, uid: stats.uid };
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

function beginningOf(path: string): string {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(BEGINNING);
    return bytes.toString("utf8", 0, readSync(file, bytes, 0, BEGINNING, 0));
  } finally {
    closeSync(file);
  }
}

/** The probes of this file. */
export const FOLDER_PROBES: readonly Probe<FolderReader>[] = [
  { code: "FOLDER_RIGHTS", look: lookAtRights, mend: closeRights },
  { code: "FOLDER_OWNER", look: lookAtOwner },
  { code: "DISK_SPACE", look: lookAtRoom },
  { code: "KEY_FILE", look: lookAtKey },
  { code: "LEDGER_FILES", look: lookAtLedger },
];

/** The folder, and what in it is the node's. */
function thingsIn({ folder, look, names }: FolderReader): readonly Thing[] {
  const inside = FOLDERS.map((name) => join(folder, name));
  const paths = [
    folder,
    ...FILES.map((name) => join(folder, name)),
    ...inside.flatMap((path) => [path, ...names(path).map((name) => join(path, name))]),
  ];
  return paths.flatMap((path) => look(path) ?? []);
}

function openThings(reader: FolderReader): readonly Thing[] {
  return thingsIn(reader).filter(({ kind, mode }) => kind !== "other" && (mode & FOREIGN_RIGHTS) !== 0);
}

function lookAtRights(reader: FolderReader): readonly Finding[] {
  const open = openThings(reader);
  if (open.length === 0) return [well("FOLDER_RIGHTS", `${reader.folder} is closed to other accounts`)];
  return open.map(({ mode, path }) =>
    ill("FOLDER_RIGHTS", `${path} is open to other accounts (mode ${mode.toString(8).padStart(4, "0")})`),
  );
}

function closeRights(reader: FolderReader): void {
  for (const { kind, path } of openThings(reader)) reader.setMode(path, kind === "folder" ? MODES.folder : MODES.file);
}

function lookAtOwner(reader: FolderReader): readonly Finding[] {
  const { folder, uid } = reader;
  const foreign = thingsIn(reader).filter((thing) => thing.uid !== uid);
  if (foreign.length === 0) return [well("FOLDER_OWNER", `all of ${folder} belongs to uid ${uid}`)];
  const remedy = `sudo chown -R ${uid} ${quoted(folder)}`;
  return foreign.map((thing) => ill("FOLDER_OWNER", `${thing.path} belongs to uid ${thing.uid}, not to ${uid}`, { remedy }));
}

async function lookAtRoom({ folder, room }: FolderReader): Promise<Finding> {
  const { files, free, freeFiles } = await room();
  const megabytes = `${Math.floor(free / 1024 ** 2)} MiB are free for ${folder}`;
  if (free < NEARLY_FULL) return ill("DISK_SPACE", `only ${megabytes}`);
  if (files > 0 && freeFiles < FEW_FILES) return ill("DISK_SPACE", `only ${freeFiles} more files can be made below ${folder}`);
  return free < LOW ? ill("DISK_SPACE", `only ${megabytes}`, { level: "warn" }) : well("DISK_SPACE", megabytes);
}

function lookAtKey({ folder, look, publicKey, text }: FolderReader): Finding {
  const path = join(folder, "identity.key");
  const thing = look(path);
  if (thing === undefined) return ill("KEY_FILE", `${path} is missing`);
  if (thing.kind !== "file") return ill("KEY_FILE", `${path} is not a plain file`);
  const kept = publicKeyIn(text(path));
  if (kept === undefined) return ill("KEY_FILE", `${path} holds no P-256 key that can be read`);
  if (publicKey !== undefined && !kept.equals(publicKey))
    return ill("KEY_FILE", `${path} holds another key than this node runs with`);
  return well("KEY_FILE", `${path} is ${publicKey === undefined ? "a key that can be read" : "the key this node runs with"}`);
}

/** Returns the public key, 65 bytes, of a PEM text; undefined when it holds no private P-256 key. */
function publicKeyIn(pem: string): Buffer | undefined {
  try {
    const { crv, x = "", y = "" } = createPublicKey(createPrivateKey(pem)).export({ format: "jwk" });
    if (crv !== "P-256") return undefined;
    return Buffer.concat([Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  } catch {
    return undefined;
  }
}

function lookAtLedger({ folder, names, text }: FolderReader): Finding {
  const ledger = join(folder, "ledger");
  const segments = names(ledger).filter((name) => /^[0-9]+\.log$/.test(name));
  if (segments.length === 0) return ill("LEDGER_FILES", `${ledger} holds no segment`);
  for (const name of segments) {
    const path = join(ledger, name);
    try {
      if (!text(path).startsWith('{"ledger":')) return ill("LEDGER_FILES", `${path} does not begin as a segment does`);
    } catch (error) {
      return ill("LEDGER_FILES", `${path} cannot be read (${messageOf(error)})`);
    }
  }
  return well("LEDGER_FILES", `${segments.length} ${segments.length === 1 ? "segment" : "segments"} in ${ledger} can be read`);
}
