/**
 * The nodes on the LAN, for people and programs. What is announced is a hint; what is said here of a node was asked of
 * the node itself over TLS, unless `identity` says otherwise.
 */

import { setTimeout as pause } from "node:timers/promises";
import type { Sighting } from "../discovery/sightings.ts";
import { constantTimeEqual } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { type NodeRecord, Records, type Store } from "../sdk/records.ts";
import { type Answered, addressesOf, askWho, openBrowser } from "./lan.ts";
import { platform, userStore } from "./platform.ts";

/** A node on the LAN. */
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

/** How long to listen. */
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
  const nodes = ids.slice(0, MAX_NODES).map((id) => describeNode(id, byId.get(id) ?? [], known.get(id), signal));
  return (await Promise.all(nodes)).sort((a, b) => a.name.localeCompare(b.name));
}

/** Asks every announced address of the node who is there, and says what came of it. */
async function describeNode(
  id: NodeId,
  sightings: readonly Sighting[],
  known: NodeRecord | undefined,
  signal: AbortSignal | undefined,
): Promise<DiscoveredNode> {
  const announced = addressesOf(sightings);
  const asked = announced.slice(0, MAX_ADDRESSES).map((address) => askWho(address, platform.clock, signal));
  const answers = (await Promise.all(asked)).filter((answer) => answer !== undefined);
  const isThis = ({ nodeId, key }: Answered): boolean =>
    nodeId === id && (known === undefined || constantTimeEqual(known.publicKey, key));
  const [node] = answers.filter(isThis);
  const [other] = answers.filter((answer) => !isThis(answer));
  const hosts = [...answers.filter(isThis).map(({ address }) => address), ...announced].map(({ host }) => host);
  const { name, port, version } = sightings[0] ?? { name: id, port: 0, version: "" };
  const hint = { nodeId: id, name, version, port, addresses: [...new Set(hosts)], paired: known !== undefined };
  if (node !== undefined) return { ...hint, ...proven(node) };
  const identity = other === undefined ? "unproven" : "mismatch";
  return { ...hint, reachable: other !== undefined, pairing: null, identity, answeredBy: other?.nodeId ?? null };
}

/** What the node says of itself, instead of what was announced. */
function proven({ address, name, pairing, version }: Answered) {
  return { name, version, port: address.port, pairing, reachable: true, identity: "proven", answeredBy: null } as const;
}
