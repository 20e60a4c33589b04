/**
 * `identity.key`: the one file that makes this node this node.
 *
 * It is made at first start only. A key that is damaged, missing beside a node's other files, or open to others stops
 * start-up: silently making a new one would turn every client away without a word.
 */

import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SecretKey } from "../crypto/secret-key.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Random } from "../foundation/random.ts";
import { isSystemError, writeDurably } from "../host/files.ts";
import { fromPkcs8Pem, toPkcs8Pem } from "./pkcs8.node.ts";

/** Name of the key file in the data folder. */
export const KEY_FILE = "identity.key";

/** What only a node that had a key can have left in its folder. */
const TRACES = ["ledger", "state.json", "ca.pem"] as const;

const OTHERS = 0o077;

/**
 * Returns the key kept in `folder`, or a new one, durable before it is returned, when the folder is new.
 * Throws KEY_UNUSABLE when the file is damaged, not P-256, not a plain file of this account with mode 0600,
 * or missing although the folder was used before.
 */
export function openIdentity(folder: string, random: Random): { key: SecretKey; created: boolean } {
  const path = join(folder, KEY_FILE);
  const pem = readPrivateFile(path);
  if (pem !== undefined) return { key: parseKey(path, pem), created: false };
  const trace = TRACES.find((name) => existsSync(join(folder, name)));
  if (trace !== undefined) {
    throw unusable(
      `${path} is missing although the folder has ${trace}; restore it from a backup, or move the folder away to start a new node`,
    );
  }
  const key = SecretKey.generate(random);
  writeDurably(path, toPkcs8Pem(key));
  return { key, created: true };
}

function parseKey(path: string, pem: string): SecretKey {
  try {
    return fromPkcs8Pem(pem);
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : "not a readable private key";
    throw unusable(`${path} is ${why}; restore it from a backup`);
  }
}

/** Returns the file's text, or undefined when there is none. Rights are read from the open file, so nothing can change between. */
function readPrivateFile(path: string): string | undefined {
  const file = openPlain(path);
  if (file === undefined) return undefined;
  try {
    const { mode, uid } = fstatSync(file);
    const owner = process.getuid?.() ?? uid;
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw unusable(`${path} is not a plain file`);
    if (uid !== owner)
      throw unusable(`${path} belongs to user ${uid}, not to ${owner}; run the node as its owner, or: chown ${owner} '${path}'`);
    if ((mode & OTHERS) !== 0)
      throw unusable(`${path} can be read by others; run: chmod 600 '${path}', and consider the key known if they are strangers`);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function openPlain(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    if (isSystemError(error, "ELOOP")) throw unusable(`${path} is a symbolic link; put the key file itself there`);
    const code = error instanceof Error && "code" in error ? String(error.code) : "an unknown error";
    throw unusable(`${path} cannot be opened (${code})`);
  }
}

function unusable(message: string): FleetError {
  return new FleetError("KEY_UNUSABLE", message);
}
