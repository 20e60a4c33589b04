/**
 * Finds a node by the name or id people know it by. The LAN is asked, and then the node itself: only one whose
 * certificate chain proves the announced id, and that calls itself by that name, is the node that was meant.
 */

import { setTimeout as pause } from "node:timers/promises";
import type { Sighting } from "../discovery/sightings.ts";
import type { Clock } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import { isNodeId, type NodeId } from "../foundation/ids.ts";
import type { Address } from "../sdk/address.ts";
import { type Answered, addressesOf, askWho, openBrowser } from "./lan.ts";

/** Where a node is, and which one it proved to be. */
export interface Located {
  readonly address: Address;
  readonly nodeId: NodeId;
}

/** Milliseconds in which a second node of the same name may still turn up; an id needs no such wait. */
const NAME_WINDOW = 1200;

/** Milliseconds after which there is no such node. */
const SEARCH_TIME = 5000;

/** Addresses asked at most during one search. */
const MAX_ASKED = 64;

/** Resolves to where the node is. Rejects with NODE_NOT_FOUND, NODE_MISMATCH, DISCOVERY_FAILED, or the signal's reason. */
export async function locate(what: string, clock: Clock, signal: AbortSignal): Promise<Located> {
  const search = new Search(what, clock, signal);
  const browser = await openBrowser(clock, (sightings) => search.look(sightings));
  const over = new AbortController();
  try {
    const found = await settle(search, isNodeId(what), AbortSignal.any([signal, over.signal]));
    signal.throwIfAborted();
    if (found === undefined) throw search.failure();
    return { address: found.address, nodeId: found.nodeId };
  } finally {
    over.abort();
    await browser.close();
  }
}

/**
 * Resolves to the node that was meant. For an id that is the first to prove it. For a name it is the only one found within
 * the window, or else the first one after it.
 */
async function settle(search: Search, isId: boolean, over: AbortSignal): Promise<Answered | undefined> {
  if (isId) return Promise.race([search.found, after(SEARCH_TIME, over)]);
  await after(NAME_WINDOW, over);
  return search.only() ?? Promise.race([search.found, after(SEARCH_TIME - NAME_WINDOW, over)]);
}

function after(ms: number, signal: AbortSignal): Promise<undefined> {
  return pause(ms, undefined, { signal }).catch(() => undefined);
}

class Search {
  readonly #what: string;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #asked = new Set<string>();
  readonly #matching = new Map<NodeId, Answered>();
  #other: { readonly announced: Sighting; readonly met: NodeId } | undefined;
  /** The first that answered as the node that was meant. */
  readonly found: Promise<Answered>;
  #resolve: (answered: Answered) => void = () => undefined;

  constructor(what: string, clock: Clock, signal: AbortSignal) {
    this.#what = what.toLowerCase();
    this.#clock = clock;
    this.#signal = signal;
    this.found = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Asks whoever was announced in the meantime. */
  look(sightings: readonly Sighting[]): void {
    for (const sighting of sightings.filter((candidate) => this.#mayBe(candidate))) {
      for (const address of addressesOf([sighting])) {
        const endpoint = `${address.host} ${address.port} ${sighting.nodeId}`;
        if (this.#asked.has(endpoint) || this.#asked.size >= MAX_ASKED) continue;
        this.#asked.add(endpoint);
        void askWho(address, this.#clock, this.#signal).then((answered) => this.#heard(sighting, answered));
      }
    }
  }

  /** Returns the one node found so far; throws INVALID_OPTIONS when several go by that name. */
  only(): Answered | undefined {
    const [first, ...others] = this.#matching.values();
    if (first === undefined || others.length === 0) return first;
    const ids = [...this.#matching.values()].map(({ nodeId, address }) => `${nodeId} (${address.host})`).join(", ");
    throw new FleetError("INVALID_OPTIONS", `several nodes are called ${JSON.stringify(first.name)}; use the id: ${ids}`);
  }

  failure(): FleetError {
    if (this.#other === undefined)
      return new FleetError("NODE_NOT_FOUND", `no node ${JSON.stringify(this.#what)} was found on the LAN`);
    const { announced, met } = this.#other;
    const claim = `${announced.source} announces node ${announced.nodeId}, but node ${met} answers there`;
    return new FleetError("NODE_MISMATCH", claim, { met });
  }

  #mayBe({ nodeId, name, host }: Sighting): boolean {
    return nodeId === this.#what || plain(name) === plain(this.#what) || host === this.#what;
  }

  #heard(sighting: Sighting, answered: Answered | undefined): void {
    if (answered === undefined) return;
    if (answered.nodeId !== sighting.nodeId) {
      this.#other = { announced: sighting, met: answered.nodeId };
      return;
    }
    const isMeant = sighting.nodeId === this.#what || sighting.host === this.#what || plain(answered.name) === plain(this.#what);
    if (!isMeant) return;
    if (!this.#matching.has(answered.nodeId)) this.#matching.set(answered.nodeId, answered);
    this.#resolve(answered);
  }
}

/** Names as announced: dots would part a label, and case counts for nobody. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(".", "-");
}
