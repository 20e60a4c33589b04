/** A node's records on one link (RFC 6763 §4–6), and the reading of strangers' records. */

import { isIPv4 } from "node:net";
import { Service } from "bonjour-service/dist/lib/service.js";
import { type Announced, formatTxt } from "../wire/txt.ts";
import type { Answer, Question } from "./link-socket.ts";
import type { Link } from "./links.ts";
import { ALL_SERVICES, hostNameOf, instanceOf, SERVICE_TYPE } from "./names.ts";

/** Seconds others may remember (RFC 6762 §10): two minutes for what names a host, 75 for the rest. */
const HOST_TTL = 120;
const OTHER_TTL = 4500;

/** What is announced of a node, everywhere the same. */
export interface Identity extends Announced {
  readonly name: string;
  readonly port: number;
  /** Somebody else claimed the first instance name. */
  readonly renamed: boolean;
}

/**
 * Returns all records of the node on this link: with the addresses of this link and no others. What a service's
 * records are is bonjour-service's to say; it would put the addresses of every interface into each, so those are ours.
 */
export function recordsOf(identity: Identity, { addresses }: Link): readonly Answer[] {
  const { name, nodeId, port, renamed } = identity;
  const service = new Service(
    {
      name: instanceOf(name, nodeId, renamed ? "renamed" : "first"),
      type: SERVICE_TYPE,
      port,
      host: hostNameOf(nodeId),
      txt: Object.fromEntries(formatTxt(identity).map((text) => text.split("=", 2))) as Record<string, string>,
    },
    unused,
    unused,
  );
  const described = service.records().filter(({ type }) => type !== "A" && type !== "AAAA") as readonly Answer[];
  return [
    ...described.map((record) => (record.type === "PTR" ? { ...record, ttl: OTHER_TTL } : { ...record, flush: true }) as Answer),
    ...addresses.map(
      (data): Answer => ({ type: isIPv4(data) ? "A" : "AAAA", name: service.host, data, ttl: HOST_TTL, flush: true }),
    ),
  ];
}

/** The library would start and stop its own sockets with these. */
function unused(): void {
  // Sockets are ours: see link-socket.ts.
}

/** Returns the records that end what these announced (RFC 6762 §10.1); that the service exists is not ours to end. */
export function goodbyesOf(records: readonly Answer[]): readonly Answer[] {
  return records.filter(({ name }) => name !== ALL_SERVICES).map((record) => ({ ...record, ttl: 0 }) as Answer);
}

/**
 * Returns what was announced `before` and has no record in `after` that takes its place: pointers stand beside each
 * other, of all else the newest counts (RFC 6762 §10.2).
 */
export function withoutSuccessor(before: readonly Answer[], after: readonly Answer[]): readonly Answer[] {
  const places = new Set(after.map(placeOf));
  return before.filter((record) => !places.has(placeOf(record)));
}

function placeOf(record: Answer): string {
  return [record.type, record.name, record.type === "PTR" ? record.data : ""].join(" ");
}

/** Returns the records that answer the questions, without those that the asker says to know well enough (§7.1). */
export function answersTo(
  questions: readonly Question[],
  known: readonly Answer[],
  records: readonly Answer[],
): readonly Answer[] {
  return records.filter(
    (record) =>
      questions.some(({ name, type }) => sameName(name, record.name) && (type === record.type || isAny(type))) &&
      !known.some((answer) => isSameFresh(answer, record)),
  );
}

function isAny(type: string | undefined): boolean {
  return type === "ANY";
}

/** Returns whether the asker knows this very record well enough. Only pointers count: their data names the node, so they cannot be another's. */
function isSameFresh(answer: Answer, record: Answer): boolean {
  return (
    answer.type === "PTR" &&
    record.type === "PTR" &&
    sameName(answer.name, record.name) &&
    sameName(answer.data, record.data) &&
    ttlOf(answer) >= ttlOf(record) / 2
  );
}

/** Returns the seconds a record may be remembered. */
export function ttlOf(record: Answer): number {
  return "ttl" in record && typeof record.ttl === "number" ? record.ttl : 0;
}

/** Names are compared without regard to ASCII case (RFC 6762 §16). */
export function sameName(a: string, b: string): boolean {
  return a.length === b.length && a.toLowerCase() === b.toLowerCase();
}
