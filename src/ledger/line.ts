/**
 * The form of a ledger line: one call, all it changed, chained to the line before.
 *
 *   {"hash":"<64 hex>","seq":…,"synced":…,"at":"…Z","actor":"…","request":"…","operation":"…","from":"…","changes":[…]}\n
 *
 * `from` is left out where there is no address: the local socket, the node's own doing, lines of older versions.
 *
 * `hash` = SHA-256(hash before, 64 ASCII characters ‖ the bytes after `"hash":"…",` up to the newline): the bytes
 * written are the bytes hashed, so nothing has to be serialised the same way twice. The first line of a file is a
 * header that carries the hash before and stands outside the chain.
 */

import { hash } from "node:crypto";
import { fromTimestamp } from "../foundation/clock.ts";
import { isNodeId, type NodeId } from "../foundation/ids.ts";

/** One change of kept state: plain JSON, no secret. */
export interface Change {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** What a call hands to the ledger. */
export interface Entry {
  /** Who: `local`, `system`, `peer:<id>`, `token:<id>`. */
  readonly actor: string;
  /** Request id (UUIDv7); empty where nobody asked. */
  readonly request: string;
  /** Name from the table of operations, or `Start`, `Expire` … for the node's own doing. */
  readonly operation: string;
  /** Address of the caller, without zone; left out where there is none. */
  readonly from?: string;
  readonly changes: readonly Change[];
}

/** An entry in its place. */
export interface Line extends Entry {
  readonly hash: string;
  /** Counts from 1 without gaps; order is `seq`, never `at`. */
  readonly seq: number;
  /** Highest seq known to be on disk when this line was made. */
  readonly synced: number;
  /** RFC 3339 UTC with milliseconds; may step back when the clock is set. */
  readonly at: string;
}

/** The end of a chain: the last line's place and hash. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** First line of a file. */
export interface Header {
  readonly node: NodeId;
  readonly segment: number;
  /** Seq of the first line that follows. */
  readonly from: number;
  /** Hash of the line before it. */
  readonly prev: string;
}

/** The chain before its first line. */
export const GENESIS: Head = { seq: 0, hash: "0".repeat(64) };

/** Version of this form, in every header. */
export const LEDGER_VERSION = 1;

/** Characters of `{"hash":"<64 hex>",`. */
const PREFIX_LENGTH = 75;

/** Returns the text of the line that follows `previous`, newline included. Members JSON cannot say are dropped by JSON. */
export function formatLine(previous: Head, synced: number, at: string, entry: Entry): string {
  const { actor, request, operation, from, changes } = entry;
  const rest = JSON.stringify({ seq: previous.seq + 1, synced, at, actor, request, operation, from, changes }).slice(1);
  return `{"hash":"${hash("sha256", previous.hash + rest)}",${rest}\n`;
}

/** Returns the hash of a line (bytes without newline) if it follows the line hashed `previous`, else undefined. */
export function verifyLine(bytes: Buffer, previous: string): string | undefined {
  const chained = Buffer.concat([Buffer.from(previous, "latin1"), bytes.subarray(PREFIX_LENGTH)]);
  const digest = hash("sha256", chained);
  return bytes.toString("latin1", 0, PREFIX_LENGTH) === `{"hash":"${digest}",` ? digest : undefined;
}

const BEGINNING = /^\{"hash":"[0-9a-f]{64}","seq":[0-9]+,"synced":[0-9]+,"at":"([^"]+)"/;

/** Longest beginning of a line that `BEGINNING` can need. */
const BEGINNING_LENGTH = 180;

/** Returns when a line (bytes) was written, in milliseconds, without parsing it; undefined when it does not begin as lines do. */
export function timeOf(bytes: Buffer): number | undefined {
  const at = BEGINNING.exec(bytes.toString("latin1", 0, BEGINNING_LENGTH))?.[1];
  return at === undefined ? undefined : Date.parse(at);
}

/** Returns the line of this text (without newline); throws SyntaxError unless every member is there. Verifies no hash. */
export function parseLine(text: string): Line {
  const value: unknown = JSON.parse(text);
  if (!isLine(value)) throw new SyntaxError("not a ledger line");
  fromTimestamp(value.at);
  return value;
}

function isLine(value: unknown): value is Line {
  if (!isObject(value)) return false;
  const { hash: digest, seq, synced, at, actor, request, operation, from = "", changes } = value;
  const texts = [digest, at, actor, request, operation, from].every((member) => typeof member === "string");
  return texts && isCount(seq) && isCount(synced) && synced < seq && Array.isArray(changes) && changes.every(isChange);
}

function isChange(value: unknown): value is Change {
  return isObject(value) && typeof value["type"] === "string";
}

/** Returns the text of a header, newline included. */
export function formatHeader({ node, segment, from, prev }: Header): string {
  return `${JSON.stringify({ ledger: LEDGER_VERSION, node, segment, from, prev })}\n`;
}

/** Returns the header of this text and the version it was written by; throws SyntaxError for anything else. */
export function parseHeader(text: string): Header & { readonly version: number } {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new SyntaxError("not a ledger header");
  const { ledger: version, node, segment, from, prev } = value;
  const counts = isCount(version) && isCount(segment) && isCount(from);
  if (!counts || !isNodeId(node) || typeof prev !== "string" || !/^[0-9a-f]{64}$/.test(prev)) {
    throw new SyntaxError("not a ledger header");
  }
  return { version, node, segment, from, prev };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
