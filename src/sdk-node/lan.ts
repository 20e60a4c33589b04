/** Looking for nodes on this machine's links, and asking those that were announced who they are. */

import { Browser } from "../discovery/browser.ts";
import { usableLinks } from "../discovery/links.ts";
import type { Sighting } from "../discovery/sightings.ts";
import type { Clock } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import { isNodeId, type NodeId } from "../foundation/ids.ts";
import type { Address } from "../sdk/address.ts";
import { readAnswer } from "../sdk/answer.ts";
import { nodeIdOf } from "../sdk/chain.node.ts";
import { withDeadline } from "../sdk/deadline.ts";
import type { PublicKey } from "../sdk/transport.ts";
import { isName } from "../wire/names.ts";
import { TlsTransport } from "./tls-transport.ts";

/** Milliseconds an announced address is given to answer. */
const ANSWER_TIME = 2000;

/** Opens a browser on this machine's links, as `CIDER_DISCOVERY…` in the environment has them; throws DISCOVERY_FAILED. */
export async function openBrowser(clock: Clock, onChange?: (sightings: readonly Sighting[]) => void): Promise<Browser> {
  const { CIDER_DISCOVERY, CIDER_DISCOVERY_ALLOW, CIDER_DISCOVERY_DENY } = process.env;
  if (CIDER_DISCOVERY === "off") {
    throw new FleetError("DISCOVERY_FAILED", "nodes are not looked for: CIDER_DISCOVERY is off in the environment");
  }
  const rules = { allow: listOf(CIDER_DISCOVERY_ALLOW), deny: listOf(CIDER_DISCOVERY_DENY) };
  return Browser.open({ clock, links: () => usableLinks(rules), onChange });
}

function listOf(value: string | undefined): readonly string[] {
  return (value ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** Who answers at an announced address: the id by its certificate chain, the rest as it says over that connection. */
export interface Answered {
  readonly address: Address;
  readonly nodeId: NodeId;
  readonly key: PublicKey;
  readonly name: string;
  readonly version: string;
  readonly pairing: "open" | "closed";
}

/** Returns all addresses of the sightings, each once. */
export function addressesOf(sightings: readonly Sighting[]): readonly Address[] {
  const all = sightings.flatMap(({ addresses, port }) => addresses.map((host) => ({ host, port })));
  return [...new Map(all.map((address) => [`${address.host} ${address.port}`, address])).values()];
}

/** Asks who is at the address; undefined when nobody answers as a node does. Nothing secret is sent. */
export async function askWho(address: Address, clock: Clock, signal?: AbortSignal): Promise<Answered | undefined> {
  const transport = new TlsTransport(address, clock);
  try {
    return await withDeadline({ timeout: ANSWER_TIME, signal }, async (deadline) => {
      const key = await transport.identify(deadline);
      const node = nodeIdOf(key);
      const question = { method: "GET", path: "/api/health", headers: {}, node, signal: deadline } as const;
      const { name, version, pairing, nodeId } = readAnswer(await transport.request(question));
      if (!isName(name) || typeof version !== "string" || !isNodeId(nodeId)) return undefined;
      return { address, nodeId: node, key, name, version, pairing: pairing === "open" ? "open" : "closed" };
    });
  } catch {
    return undefined;
  } finally {
    transport.close();
  }
}
