/** The node's announcement on the LAN, as the settings have it. */

import type { Config } from "../config/schema.ts";
import { Advertiser, type AdvertiserParts, type DiscoveryState } from "../discovery/advertiser.ts";
import { Browser, type BrowserParts } from "../discovery/browser.ts";
import { usableLinks } from "../discovery/links.ts";
import type { NodeId } from "../foundation/ids.ts";
import { isLoopback } from "../host/addresses.ts";
import { isListenedOn } from "./names.ts";

/** Milliseconds for the goodbyes: the network must not keep a node from stopping. */
const GOODBYE_TIME = 1000;

/** Milliseconds in which the node must find itself: it is asked at once, and once more after a second. */
const FIND_TIME = 2000;

/** The node's presence on the LAN. */
export interface Announcement {
  readonly state: DiscoveryState;
  /** Never rejects. */
  renew(): Promise<void>;
  /** Resolves to whether the node is found on the LAN as others find it; rejects with DISCOVERY_FAILED. */
  findSelf(): Promise<boolean>;
  /** Says goodbye; resolves within a second whatever the network does. */
  stop(): Promise<void>;
}

const OFF: Announcement = {
  state: { state: "off", reason: null, interfaces: [] },
  renew: () => Promise.resolve(),
  findSelf: () => Promise.resolve(false),
  stop: () => Promise.resolve(),
};

/** Returns the announcement, not begun yet; one that does nothing when it is off, or when nobody on a LAN could connect. */
export function announcementOf(config: Config, parts: Omit<AdvertiserParts, "links">): Announcement {
  const { discovery, discoveryInterfaces, listen } = config;
  if (discovery === "off" || listen.every(isLoopback)) return OFF;
  const isListened = isListenedOn(listen);
  const links = () => usableLinks(discoveryInterfaces, isListened);
  const advertiser = new Advertiser({ ...parts, links });
  return {
    get state() {
      return advertiser.state;
    },
    renew: () => advertiser.renew(),
    findSelf: () => find(parts.identity().nodeId, { clock: parts.clock, links }),
    stop: () => Promise.race([advertiser.stop(), new Promise<void>((resolve) => void setTimeout(resolve, GOODBYE_TIME).unref())]),
  };
}

async function find(nodeId: NodeId, parts: Pick<BrowserParts, "clock" | "links">): Promise<boolean> {
  let heard: () => void = () => undefined;
  const found = new Promise<boolean>((resolve) => {
    heard = () => resolve(true);
    setTimeout(() => resolve(false), FIND_TIME).unref();
  });
  const browser = await Browser.open({
    ...parts,
    onChange: (sightings) => {
      if (sightings.some((sighting) => sighting.nodeId === nodeId)) heard();
    },
  });
  try {
    return await found;
  } finally {
    await browser.close();
  }
}
