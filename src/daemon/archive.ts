/**
 * The form of a backup: one JSON document, whose members are the files a node cannot be made again without.
 *
 *   {"backup":1,"version":"…","made":"…Z","head":{…},"files":[{"name":"…","sha256":"…","base64":"…"}],"sha256":"…"}
 *
 * `head` is the end of the record as the node signed it: what the archive must reach, neither less nor more. The last
 * `sha256` is over the document without the contents, which have their own. It holds the identity key: whoever reads it
 * can be the node.
 */

import { hash } from "node:crypto";
import { verify } from "../crypto/ecdsa.ts";
import { parsePublicKey } from "../crypto/p256.ts";
import { fromBase64url } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import { headMessage } from "../wire/audit-head.ts";
import { invalid, type JsonObject, parseInteger, parseNodeId, parseObject, parseString } from "../wire/parse.ts";

/** Version of the document's form. */
export const BACKUP_VERSION = 1;

/** The only files there are; above all, a name leads nowhere else. */
const NAME = /^(?:identity\.key|ca\.pem|state\.json|state\.previous\.json|ledger\/[0-9]{6,12}\.log)$/;

/** The end of a record, signed by its node. */
export interface SignedHead {
  readonly nodeId: NodeId;
  /** Base64url, as the signature. */
  readonly nodeKey: string;
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
  readonly signature: string;
}

/** One file of a backup. */
export interface ArchivedFile {
  /** Path below the data folder. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** A backup, taken apart. */
export interface Archive {
  /** Version of the program that made it. */
  readonly version: string;
  /** RFC 3339 UTC. */
  readonly made: string;
  readonly head: SignedHead;
  readonly files: readonly ArchivedFile[];
}

/** Returns the document's text. */
export function formatArchive({ version, made, head, files }: Archive): string {
  const listed = files.map(({ name, bytes }) => ({ name, sha256: hash("sha256", bytes) }));
  const about = { backup: BACKUP_VERSION, version, made, head, files: listed };
  const contents = files.map(({ bytes }, index) => ({ ...listed[index], base64: bytes.toString("base64") }));
  return `${JSON.stringify({ ...about, files: contents, sha256: hash("sha256", JSON.stringify(about)) })}\n`;
}

/** Returns what the document holds, unharmed; throws BACKUP_UNUSABLE, or FORMAT_NEWER. What the files say is not looked at. */
export function parseArchive(text: string): Archive {
  try {
    return read(parseObject(JSON.parse(text), "the backup"));
  } catch (error) {
    if (error instanceof FleetError && error.code !== "INVALID_REQUEST") throw error;
    throw unusable("is not a backup of a node, or was changed", error);
  }
}

function read(document: JsonObject): Archive {
  const form = parseInteger(document, "backup", 1, Number.MAX_SAFE_INTEGER);
  if (form > BACKUP_VERSION)
    throw new FleetError("FORMAT_NEWER", `the backup has form ${form}, this version reads up to ${BACKUP_VERSION}`);
  const version = parseString(document, "version");
  const made = parseString(document, "made");
  const head = readHead(parseObject(document["head"], "head"));
  const files = readFiles(document["files"]);
  const listed = files.map(({ name, bytes }) => ({ name, sha256: hash("sha256", bytes) }));
  const about = JSON.stringify({ backup: form, version, made, head, files: listed });
  if (hash("sha256", about) !== parseString(document, "sha256")) throw unusable("was changed: its SHA-256 does not fit");
  return { version, made, head, files };
}

function readHead(head: JsonObject): SignedHead {
  const nodeId = parseNodeId(head, "nodeId");
  const [nodeKey = "", digest = "", at = "", signature = ""] = ["nodeKey", "hash", "at", "signature"].map((member) =>
    parseString(head, member),
  );
  const seq = parseInteger(head, "seq", 1, Number.MAX_SAFE_INTEGER);
  const key = parsePublicKey(fromBase64url(nodeKey));
  if (nodeIdOf(key) !== nodeId || !verify(key, headMessage(key, seq, digest), fromBase64url(signature)))
    throw unusable("has a head that is not signed by the node it names");
  return { nodeId, nodeKey, seq, hash: digest, at, signature };
}

function readFiles(value: unknown): readonly ArchivedFile[] {
  if (!Array.isArray(value)) throw invalid("files", "an array");
  const files = value.map((item: unknown) => readFile(parseObject(item, "files")));
  if (new Set(files.map(({ name }) => name)).size !== files.length) throw unusable("holds a file twice");
  return files;
}

function readFile(file: JsonObject): ArchivedFile {
  const name = parseString(file, "name");
  if (!NAME.test(name)) throw unusable("holds a file that no node has");
  return { name, bytes: Buffer.from(parseString(file, "base64"), "base64") };
}

/** Returns BACKUP_UNUSABLE. @param reason as `was changed`: what is the matter with it */
export function unusable(reason: string, cause?: unknown): FleetError {
  return new FleetError("BACKUP_UNUSABLE", `the backup ${reason}`, {}, { cause });
}
