/**
 * WebSocket as the only upgrade.
 *
 * Once anyone listens for upgrades, node:http hands over every request that asks for one, and it can no longer be answered
 * as a request. Java's HttpClient and `curl --http2` ask for h2c on everything they send, so those must stay requests.
 * Node 24.9 has an option for this; for 20 and 22 the answer is a message class that says itself what an upgrade is.
 */

import { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** Connections whose requests are all refused: an upgrade there is answered as the request it also is. */
const refusing = new WeakSet<Duplex>();

/** Takes no upgrade on this connection. */
export function refuseUpgrades(socket: Duplex): void {
  refusing.add(socket);
}

/** Connections that asked ahead too far. */
const overrun = new WeakSet<Duplex>();

/**
 * Reads no further requests on this connection: the next one arrives as an upgrade, whatever it asks for. node:http reads
 * all requests of a chunk in one go, and knows no other way to stop between two of them.
 */
export function stopReading(socket: Duplex): void {
  overrun.add(socket);
}

/** Reads on after `stopReading`, if nothing has arrived in between. */
export function readOn(socket: Duplex): void {
  overrun.delete(socket);
}

/** A message for which `Upgrade: websocket` is an upgrade, and nothing else is. One class, so that node:http sees one shape. */
export class WebSocketOnly extends IncomingMessage {
  // Declared only: the base constructor assigns `upgrade` before a field of ours could exist.
  declare private asked: boolean | null;

  /** Read by node:http when the header fields are complete. */
  get upgrade(): boolean {
    if (overrun.has(this.socket)) return true;
    if (this.asked !== true) return false;
    return this.method === "CONNECT" || (asksForWebSocket(this) && !refusing.has(this.socket));
  }

  set upgrade(asked: boolean | null) {
    this.asked = asked;
  }
}

/** HEAD and OPTIONS upgrade to nothing; as requests they are answered without a body. */
function asksForWebSocket({ headers, method }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket" && method !== "HEAD" && method !== "OPTIONS";
}
