/** The node's announcement on the LAN, as the settings have it. */

import type { Config } from "../config/schema.ts";
import { Advertiser, type AdvertiserParts, type DiscoveryState } from "../discovery/advertiser.ts";
import { usableLinks } from "../discovery/links.ts";
import { isLoopback } from "../host/addresses.ts";
import { isListenedOn } from "./names.ts";

/** Milliseconds for the goodbyes: the network must not keep a node from stopping. */
const GOODBYE_TIME = 1000;

export interface Announcement {
  readonly state: DiscoveryState;
  /** Never rejects. */
  renew(): Promise<void>;
  /** Says goodbye; resolves within a second whatever the network does. */
  stop(): Promise<void>;
}

const OFF: Announcement = {
  state: { state: "off", reason: null, interfaces: [] },
  renew: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};

/** Returns the announcement, not begun yet; one that does nothing when it is off, or when nobody on a LAN could connect. */
export function announcementOf(config: Config, parts: Omit<AdvertiserParts, "links">): Announcement {
  const { discovery, discoveryInterfaces, listen } = config;
  if (discovery === "off" || listen.every(isLoopback)) return OFF;
  const isListened = isListenedOn(listen);
  const advertiser = new Advertiser({ ...parts, links: () => usableLinks(discoveryInterfaces, isListened) });
  return {
    get state() {
      return advertiser.state;
    },
    renew: () => advertiser.renew(),
    stop: () => Promise.race([advertiser.stop(), new Promise<void>((resolve) => void setTimeout(resolve, GOODBYE_TIME).unref())]),
  };
}
