/** The channel a client states, compared with the connection as the node sees it (docs/protocol/03-pairing.md). */

import { FleetError } from "../foundation/errors.ts";
import type { Source, Via } from "../foundation/source.ts";
import { type Channel, isWord, WEAKER_CHANNELS } from "../foundation/vocabulary.ts";

/** What a client may truthfully state of a connection. */
const CHANNELS_OF: Readonly<Record<Via, readonly Channel[]>> = {
  socket: ["loopback"],
  loopback: ["loopback"],
  tls: ["pinned", "blind"],
  plain: ["plain"],
};

/** Returns whether a connection like this can be what the client calls it. */
export function fits(channel: Channel, source: Source): boolean {
  return CHANNELS_OF[source.via].includes(channel);
}

/** Throws PAIRING_CHANNEL unless the channel fits the connection and is allowed: always, or by the opener. */
export function requireChannel(channel: Channel, source: Source, allowed: readonly Channel[]): void {
  if (!fits(channel, source)) {
    throw new FleetError("PAIRING_CHANNEL", `this connection is not what the client calls ${channel}`, { channel });
  }
  if (isWord(WEAKER_CHANNELS, channel) && !allowed.includes(channel)) {
    const command = `cider fleet pair --allow ${channel}`;
    throw new FleetError("PAIRING_CHANNEL", `this window allows no ${channel} channel; "${command}" opens one that does`, {
      channel,
    });
  }
}
