/**
 * The nodes on the LAN, for people and programs. What is announced is a hint; what is said here of a node was asked of
 * the node itself over TLS, unless `identity` says otherwise.
 */

import { setTimeout as pause } from "node:timers/promises";
import type { Sighting } from "../discovery/sightings.ts";
import { constantTimeEqual } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { Records, type Store } from "../sdk/records.ts";
import { type Answered, addressesOf, askWho, openBrowser } from "./lan.ts";
import { platform, userStore } from "./platform.ts";

export interface DiscoveredNode {
  readonly name: string;
  readonly nodeId: NodeId;
  readonly version: string;
  readonly port: number;
  /** The one that answered first; IPv6 link-local addresses with the zone of this machine. */
  readonly addresses: readonly string[];
  /** Whether this user and machine knows the node, by pairing or by a token. */
  readonly paired: boolean;
  readonly reachable: boolean;
  /** Null when it could not be asked. */
  readonly pairing: "open" | "closed" | null;
  /**
   * `proven`: the key at that address is the one the id was made from. `mismatch`: another node answers there, or its
   * key is not the one known. `unproven`: nobody answered.
   */
  readonly identity: "proven" | "mismatch" | "unproven";
  /** Who answered instead, on a mismatch. */
  readonly answeredBy: NodeId | null;
}

export interface DiscoverOptions {
  /** Milliseconds to listen; 1,500 unless given: nodes that hear the question answer within a second. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where paired nodes are known from, instead of this user's files. */
  readonly store?: Store | undefined;
}

const LISTEN = 1500;

/** Nodes asked at most; a network that announces more is playing tricks. Known ones come first. */
const MAX_NODES = 128;
/** Addresses asked of one node. */
const MAX_ADDRESSES = 16;

/** Milliseconds that changes are collected before nodes are asked again, and after which they are asked anyway. */
const COLLECT = 200;
const ASK_AGAIN = 10_000;

/** Resolves to the nodes on the LAN. Rejects with DISCOVERY_FAILED where multicast is not possible, or ABORTED. */
export async function discover(options: DiscoverOptions = {}): Promise<readonly DiscoveredNode[]> {
  const { timeout = LISTEN, signal } = options;
  const browser = await openBrowser(platform.clock);
  try {
    await wait(timeout, signal);
    return await describe(browser.sightings, options);
  } finally {
    await browser.close();
  }
}

/** Yields the nodes on the LAN, and again whenever something about them may have changed, until the signal aborts. */
export async function* watchNodes(options: Omit<DiscoverOptions, "timeout"> = {}): AsyncGenerator<readonly DiscoveredNode[]> {
  const { signal } = options;
  let changed: () => void = () => undefined;
  const browser = await openBrowser(platform.clock, () => changed());
  try {
    while (signal?.aborted !== true) {
      const change = new Promise<void>((resolve) => {
        changed = resolve;
      });
      yield await describe(browser.sightings, options);
      await Promise.race([change, wait(ASK_AGAIN, signal)]).catch(() => undefined);
      await wait(COLLECT, signal).catch(() => undefined);
    }
  } finally {
    await browser.close();
  }
}

async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(ms, undefined, signal === undefined ? {} : { signal });
  } catch (cause) {
    throw new FleetError("ABORTED", undefined, {}, { cause });
  }
}

async function describe(
  sightings: readonly Sighting[],
  { signal, store = userStore() }: DiscoverOptions,
): Promise<readonly DiscoveredNode[]> {
  const records = new Records(store);
  const byId = new Map<NodeId, readonly Sighting[]>();
  for (const sighting of sightings) byId.set(sighting.nodeId, [...(byId.get(sighting.nodeId) ?? []), sighting]);
  const known = new Map(await Promise.all([...byId.keys()].map(async (id) => [id, await records.node(id)] as const)));
  const ids = [...byId.keys()].sort((a, b) => Number(known.get(b) !== undefined) - Number(known.get(a) !== undefined));
  const nodes = ids.slice(0, MAX_NODES).map(async (id) => {
    const seen = byId.get(id) ?? [];
    const asked = addressesOf(seen).slice(0, MAX_ADDRESSES);
    const answers = await Promise.all(asked.map((address) => askWho(address, platform.clock, signal)));
    return nodeOf(
      id,
      seen,
      answers.filter((answer) => answer !== undefined),
      known.get(id),
    );
  });
  return (await Promise.all(nodes)).flat().sort((a, b) => a.name.localeCompare(b.name));
}

type Known = Awaited<ReturnType<Records["node"]>>;

function nodeOf(id: NodeId, seen: readonly Sighting[], answers: readonly Answered[], known: Known): readonly DiscoveredNode[] {
  const [first] = seen;
  if (first === undefined) return [];
  const hosts = (list: readonly { readonly host: string }[]) => [...new Set(list.map(({ host }) => host))];
  const isThis = ({ nodeId, key }: Answered): boolean =>
    nodeId === id && (known === undefined || constantTimeEqual(known.publicKey, key));
  const proven = answers.filter(isThis);
  const [self] = proven;
  const other = answers.find((answer) => !isThis(answer));
  const said = { name: first.name, version: first.version, port: first.port, addresses: hosts(addressesOf(seen)) };
  const hint = { nodeId: id, ...said, paired: known !== undefined, pairing: null, answeredBy: null };
  if (self !== undefined) {
    const { name, version, pairing, address } = self;
    const addresses = hosts([...proven.map((answer) => answer.address), ...addressesOf(seen)]);
    const own = { ...hint, name, version, pairing, port: address.port, addresses, reachable: true, identity: "proven" } as const;
    return [own];
  }
  if (other === undefined) return [{ ...hint, reachable: false, identity: "unproven" }];
  return [{ ...hint, reachable: true, identity: "mismatch", answeredBy: other.nodeId }];
}
