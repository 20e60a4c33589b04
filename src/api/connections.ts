/**
 * How many connections there are, by network. One instance counts for the port and the Unix socket together.
 *
 * A stranger can fill neither everything (64 a network) nor, from many addresses, the last places: those are kept for
 * the Unix socket and for networks from which a credential was accepted lately.
 */

import type { Clock } from "../foundation/clock.ts";
import type { Source } from "../foundation/source.ts";
import type { Limits } from "./limits.ts";

/** Where a connection comes from, before its first byte says whether it is TLS. */
export interface Remote {
  /** Empty for the Unix socket. */
  readonly network: string;
  readonly loopback: boolean;
}

type ConnectionLimits = Pick<
  Limits,
  "connections" | "connectionsPerNetwork" | "reservedConnections" | "provenTime" | "provenNetworks"
>;

/** Counts connections by network, and gives or refuses each new one a place. */
export class Connections {
  readonly #clock: Clock;
  readonly #limits: ConnectionLimits;
  readonly #byNetwork = new Map<string, number>();
  /** Network → when it stops counting as proven; in the order of proving. */
  readonly #proven = new Map<string, number>();
  #open = 0;
  #refused = 0;

  constructor(clock: Clock, limits: ConnectionLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Open connections, refused ones not counted. */
  get open(): number {
    return this.#open;
  }

  /** Connections refused since the start, for metrics and the log. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Takes a place for a connection and returns the function that gives it back, once however often it is called;
   * undefined when there is no place for this remote.
   */
  admit(remote: Remote): (() => void) | undefined {
    const { network } = remote;
    const count = this.#byNetwork.get(network) ?? 0;
    if (this.#open >= this.#placesFor(network) || count >= this.#limitOf(remote)) {
      this.#refused += 1;
      return undefined;
    }
    this.#open += 1;
    this.#byNetwork.set(network, count + 1);
    let held = true;
    return () => {
      if (held) this.#giveBack(network);
      held = false;
    };
  }

  /** Remembers that a credential from this source was accepted. Cheap enough for every request. */
  proven({ network }: Source): void {
    if (network === "") return;
    const now = this.#clock.elapsed();
    const known = this.#proven.get(network);
    // Renewed in the second half of its time only, so that a busy caller costs one look-up a request.
    if (known !== undefined && known - now > this.#limits.provenTime / 2) return;
    this.#proven.delete(network);
    this.#proven.set(network, now + this.#limits.provenTime);
    if (this.#proven.size > this.#limits.provenNetworks) this.#forgetOldest();
  }

  #placesFor(network: string): number {
    const { connections, reservedConnections } = this.#limits;
    const until = this.#proven.get(network) ?? Number.NEGATIVE_INFINITY;
    return network === "" || until > this.#clock.elapsed() ? connections : connections - reservedConnections;
  }

  #limitOf({ network, loopback }: Remote): number {
    return network === "" || loopback ? this.#limits.connections : this.#limits.connectionsPerNetwork;
  }

  #giveBack(network: string): void {
    const left = (this.#byNetwork.get(network) ?? 1) - 1;
    if (left === 0) this.#byNetwork.delete(network);
    else this.#byNetwork.set(network, left);
    this.#open -= 1;
  }

  #forgetOldest(): void {
    const oldest = this.#proven.keys().next();
    if (oldest.done !== true) this.#proven.delete(oldest.value);
  }
}
