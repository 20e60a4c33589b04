/**
 * What was announced on the LAN, read strictly and remembered within bounds. All of it is what strangers say: a sighting
 * is a hint at whom to ask. Each packet is read alone and remembered by who sent it, so nobody can change what another
 * host said, and a flood from one host crowds out only its own.
 */

import { isIP } from "node:net";
import type { Clock } from "../foundation/clock.ts";
import { SECOND } from "../foundation/durations.ts";
import type { NodeId } from "../foundation/ids.ts";
import { isLoopback, plainAddress } from "../host/addresses.ts";
import { isName } from "../wire/names.ts";
import { parseTxt } from "../wire/txt.ts";
import type { Answer } from "./link-socket.ts";
import { isLinkLocal } from "./links.ts";
import { nameInInstance, SERVICE } from "./names.ts";
import { sameName, ttlOf } from "./records.ts";

/** One node as one host announced it. */
export interface Sighting {
  /** Without the id behind it. */
  readonly name: string;
  readonly nodeId: NodeId;
  readonly version: string;
  /** The host name announced, in lower case: `cider-….local`. */
  readonly host: string;
  readonly port: number;
  /** To be tried in order; IPv6 link-local ones with the zone of the link they were heard on. */
  readonly addresses: readonly string[];
  /** Who sent it. */
  readonly source: string;
}

/** How many hosts are remembered, and how many nodes and addresses of one host; what is above that is ignored. */
const MAX_SOURCES = 512;
const MAX_NODES_OF_SOURCE = 8;
const MAX_ADDRESSES = 8;

/** Seconds after which even a longer-lived announcement is forgotten unless it is heard again. */
const MAX_TTL = 120;

interface Kept {
  readonly sighting: Sighting;
  readonly expiresAt: number;
}

/** Keeps what each host last announced. */
export class Sightings {
  readonly #clock: Clock;
  /** By source, then by instance. */
  readonly #bySource = new Map<string, Map<string, Kept>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Reads the records of one packet from `source` on the link of that name; returns whether anything changed. */
  hear(records: readonly Answer[], source: string, link: string): boolean {
    const pointers = records.filter((record) => record.type === "PTR" && sameName(record.name, SERVICE));
    let changed = false;
    for (const pointer of pointers.slice(0, MAX_NODES_OF_SOURCE)) {
      if (pointer.type !== "PTR") continue;
      if (ttlOf(pointer) === 0) changed = this.#forget(source, pointer.data) || changed;
      else changed = this.#learn(records, pointer.data, source, link) || changed;
    }
    return changed;
  }

  /** Forgets what was not heard again in time; returns whether there was any. */
  expire(): boolean {
    const now = this.#clock.elapsed();
    let changed = false;
    for (const [source, kept] of this.#bySource) {
      for (const [instance, { expiresAt }] of kept) if (expiresAt <= now) changed = this.#forget(source, instance) || changed;
    }
    return changed;
  }

  /** Returns all that is remembered. */
  list(): readonly Sighting[] {
    return [...this.#bySource.values()].flatMap((kept) => [...kept.values()].map(({ sighting }) => sighting));
  }

  #learn(records: readonly Answer[], instance: string, source: string, link: string): boolean {
    const sighting = readSighting(records, instance, source, link);
    if (sighting === undefined) return false;
    const kept = this.#bySource.get(source) ?? new Map<string, Kept>();
    const key = instance.toLowerCase();
    const before = kept.get(key)?.sighting;
    if (before === undefined && (kept.size >= MAX_NODES_OF_SOURCE || this.#isFullFor(source))) return false;
    kept.set(key, { sighting, expiresAt: this.#clock.elapsed() + MAX_TTL * SECOND });
    this.#bySource.set(source, kept);
    return JSON.stringify(before) !== JSON.stringify(sighting);
  }

  #isFullFor(source: string): boolean {
    return this.#bySource.size >= MAX_SOURCES && !this.#bySource.has(source);
  }

  #forget(source: string, instance: string): boolean {
    const kept = this.#bySource.get(source);
    const had = kept?.delete(instance.toLowerCase()) ?? false;
    if (kept?.size === 0) this.#bySource.delete(source);
    return had;
  }
}

/** Returns the node that one packet describes whole, or undefined when it is none of ours or makes no sense. */
export function readSighting(records: readonly Answer[], instance: string, source: string, link: string): Sighting | undefined {
  const suffix = `.${SERVICE}`;
  if (instance.length <= suffix.length || !sameName(instance.slice(-suffix.length), suffix)) return undefined;
  const name = nameInInstance(instance.slice(0, -suffix.length));
  const srv = records.find((record) => record.type === "SRV" && sameName(record.name, instance));
  const txt = records.find((record) => record.type === "TXT" && sameName(record.name, instance));
  if (srv?.type !== "SRV" || txt?.type !== "TXT" || !isName(name)) return undefined;
  const announced = parseTxt(stringsOf(txt.data));
  const { port, target } = srv.data;
  if (announced === undefined || port === 0) return undefined;
  const addresses = addressesOf(records, target, link);
  return { name, ...announced, host: target.toLowerCase(), port, addresses, source };
}

function stringsOf(data: string | Buffer | readonly (string | Buffer)[]): readonly Uint8Array[] {
  const list = typeof data === "string" || Buffer.isBuffer(data) ? [data] : data;
  return list.map((item) => Buffer.from(item));
}

/** Returns the addresses a client can dial. Loopback and multicast are left out: an announcement with them can only be a trick. */
function addressesOf(records: readonly Answer[], host: string, link: string): readonly string[] {
  const dialable = records.flatMap((record) => {
    if ((record.type !== "A" && record.type !== "AAAA") || !sameName(record.name, host) || ttlOf(record) === 0) return [];
    return isDialable(record.data) ? [plainAddress(record.data)] : [];
  });
  const zoned = dialable.map((address) => (isLinkLocal(address) ? `${address}%${link}` : address));
  return [...new Set(zoned)].slice(0, MAX_ADDRESSES);
}

function isDialable(address: string): boolean {
  if (isIP(address) === 0 || isLoopback(address)) return false;
  return !/^(?:0\.|22[4-9]\.|2[345][0-9]\.|ff|::$)/i.test(plainAddress(address));
}
