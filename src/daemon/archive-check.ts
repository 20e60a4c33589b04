/** Whether an archive is one whole node: the key is the node's, and the record is unbroken up to the signed head. */

import type { SecretKey } from "../crypto/secret-key.ts";
import { KEY_FILE } from "../identity/key-file.node.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import { fromPkcs8Pem } from "../identity/pkcs8.node.ts";
import { GENESIS, type Head } from "../ledger/line.ts";
import { readHeader, scanLines } from "../ledger/segment.ts";
import { type Archive, type ArchivedFile, unusable } from "./archive.ts";

/** The names of the checkpoint's two generations. */
export const CHECKPOINTS = ["state.json", "state.previous.json"] as const;

const SEGMENT = /^ledger\/([0-9]+)\.log$/;

/** Returns the node's key after verifying everything; throws BACKUP_UNUSABLE. */
export function checkArchive(archive: Archive): SecretKey {
  const { files, head } = archive;
  const key = keyIn(files);
  if (nodeIdOf(key.publicKey) !== head.nodeId) throw unusable("holds another node's key than the one that signed its record");
  const { anchor, end } = checkSegments(archive);
  if (end.seq !== head.seq || end.hash !== head.hash) throw unusable("does not end where the node said that its record ends");
  const kept = files.filter(({ name }) => CHECKPOINTS.some((checkpoint) => checkpoint === name)).map(seqOf);
  if (anchor > 0 && !kept.some((seq) => seq >= anchor && seq <= head.seq))
    throw unusable("lacks the state that the removed beginning of its record led to");
  return key;
}

function keyIn(files: readonly ArchivedFile[]): SecretKey {
  const pem = files.find(({ name }) => name === KEY_FILE)?.bytes.toString();
  if (pem === undefined) throw unusable("has no identity key");
  try {
    return fromPkcs8Pem(pem);
  } catch (error) {
    throw unusable("has an identity key that cannot be read", error);
  }
}

/** Returns the seq before the first line there is, and the last line. */
function checkSegments({ files, head: { nodeId } }: Archive): { readonly anchor: number; readonly end: Head } {
  let end: Head = GENESIS;
  let before: number | undefined;
  let anchor = 0;
  let trimmed = 0;
  for (const { bytes, name } of files) {
    const number = Number(SEGMENT.exec(name)?.[1] ?? 0);
    if (number === 0) continue;
    const { header, length } = headerOf(name, bytes);
    if (before === undefined && number > 1) end = { seq: header.from - 1, hash: header.prev };
    if (before === undefined) anchor = end.seq;
    const follows = before === undefined || number === before + 1;
    const continues = header.segment === number && header.from === end.seq + 1 && header.prev === end.hash;
    if (!follows || !continues || header.node !== nodeId) throw unusable(`has a ${name} that does not continue the record`);
    const scan = scanLines(bytes, { offset: length, previous: end, after: GENESIS }, () => undefined);
    if (scan.damage !== undefined) throw unusable(`has a ${name} whose line ${scan.damage.line} ${scan.damage.reason}`);
    trimmed = Math.max(trimmed, scan.trimmed);
    end = scan.head;
    before = number;
  }
  if (anchor > trimmed) throw unusable("lacks the beginning of its record, and no line says that it was removed");
  return { anchor, end };
}

function headerOf(name: string, bytes: Buffer): ReturnType<typeof readHeader> {
  try {
    return readHeader(bytes);
  } catch (error) {
    throw unusable(`has a ${name} that is no part of a record`, error);
  }
}

/** Returns the seq of a checkpoint's line; -1 when it cannot be read. Whether it is whole is seen when it is restored. */
function seqOf({ bytes }: ArchivedFile): number {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === "object" && value !== null && "seq" in value && typeof value.seq === "number" ? value.seq : -1;
  } catch {
    return -1;
  }
}
