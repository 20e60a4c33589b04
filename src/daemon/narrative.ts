/** What the log says of each change: a sentence in the past tense, without secrets and with short ids. */

import { shortId } from "../foundation/ids.ts";
import type { Logger } from "../foundation/logger.ts";
import type { Change, Line } from "../ledger/line.ts";

const SENTENCES: Readonly<Record<string, (change: Change) => string>> = {
  "node.created": ({ name }) => `node ${quoted(name)} was created`,
  "node.renamed": ({ name }) => `node was renamed to ${quoted(name)}`,
  "pairing.opened": ({ role, seconds }) => `pairing window opened for ${String(seconds)} s, role ${String(role)}`,
  "pairing.renewed": () => "pairing window got new digits",
  "pairing.attempted": ({ name, address, way }) => `${quoted(name)} at ${place(address)} tried to pair by ${String(way)}`,
  "pairing.locked": () => "pairing digits were spent by wrong codes",
  "pairing.failed": ({ name, address, why }) => `pairing with ${quoted(name)} at ${place(address)} failed: ${String(why)}`,
  "pairing.paired": ({ name, address, role }) => `${quoted(name)} at ${place(address)} paired as ${String(role)}`,
  "pairing.closed": ({ why }) => `pairing window closed: ${String(why)}`,
  "peer.registered": ({ name, id }) => `peer ${quoted(name)} (${short(id)}) was registered`,
  "peer.changed": ({ name, id, role }) => `peer ${quoted(name)} (${short(id)}) is now ${String(role)}`,
  "peer.removed": ({ id }) => `peer ${short(id)} was removed`,
  "token.issued": ({ name, tokenPrefix, permissions }) =>
    `token ${quoted(name)} (${String(tokenPrefix)}…) was issued, ${String(permissions)}`,
  "token.edited": ({ name, id }) => `token ${quoted(name)} (${short(id)}) was edited`,
  "token.rotated": ({ id, to, graceUntil }) => `token ${short(id)} was rotated to ${short(to)}; it ends by ${String(graceUntil)}`,
  "token.expired": ({ id }) => `token ${short(id)} expired`,
  "token.used": ({ id, address }) => `token ${short(id)} was used from ${place(address)} for the first time`,
  "token.refused": ({ id, address }) => `token ${short(id)} was refused at ${place(address)}, which its list does not allow`,
  "token.revoked": ({ id }) => `token ${short(id)} was revoked`,
  "token.deleted": ({ id }) => `token ${short(id)} was deleted`,
  "address.first_used": ({ credential, address }) =>
    `${labelled(credential)} was used from ${String(address)} for the first time`,
  "record.trimmed": ({ upTo }) => `entries up to ${String(upTo)} were removed by retention`,
  "record.restored": ({ upTo }) => `node was restored from a backup made at entry ${String(upTo)}`,
  "call.refused": ({ operation, code }) => `${String(operation)} was refused: ${String(code)}`,
};

/** Kept beside a change so that its repeat is known; tells people nothing. */
const UNTOLD = "call.keyed";

/** Logs every change of a line that is on disk. */
export function narrate(line: Line, logger: Logger): void {
  for (const change of line.changes) {
    if (change.type === UNTOLD) continue;
    const sentence = SENTENCES[change.type]?.(change) ?? change.type;
    logger.info({ seq: line.seq, actor: line.actor, operation: line.operation }, sentence);
  }
}

function quoted(value: unknown): string {
  return JSON.stringify(value);
}

function place(address: unknown): string {
  return address === "" ? "this machine" : String(address);
}

/** `token:<id>` and `peer:<id>` in words. */
function labelled(credential: unknown): string {
  const [kind = "", id] = String(credential).split(":");
  return `${kind} ${short(id)}`;
}

/** UUIDv7s begin with the time, so that neighbours look alike; their end tells them apart. */
function short(id: unknown): string {
  const text = String(id);
  return text[14] === "7" ? text.slice(-6) : shortId(text);
}
