/**
 * From which networks each peer was heard: the first use from a new one has an entry, whatever the call was. Tokens
 * keep their own.
 *
 * A network is an IPv4 address or an IPv6 /64, in which a machine changes its address daily. Bounded: a peer that was
 * heard from 256 networks gets no more entries, or one that travels much would fill the record.
 */

import type { Fold } from "../ledger/fold.ts";
import type { Change } from "../ledger/line.ts";
import { parseString } from "../wire/parse.ts";

/** Networks remembered for one peer. */
export const MAX_NETWORKS = 256;

/** A peer was heard from a network for the first time. */
export interface FirstUse extends Change {
  readonly type: "address.first_used";
  /** `peer:<id>`. */
  readonly credential: string;
  readonly address: string;
  readonly network: string;
}

/** The networks of each peer, built from those changes. */
export class FirstUses implements Fold {
  readonly name = "first-uses";
  readonly asides = ["address.first_used"];
  readonly #networks = new Map<string, Set<string>>();

  /** Returns whether a use from there deserves an entry. On the path of every request. */
  isNew(credential: string, network: string): boolean {
    const known = this.#networks.get(credential);
    return known === undefined || (!known.has(network) && known.size < MAX_NETWORKS);
  }

  apply(change: Change): void {
    if (change.type === "address.first_used") {
      this.#add(parseString(change, "credential"), parseString(change, "network"));
      return;
    }
    // Pairing has an entry of its own, which names the address.
    if (change.type === "peer.registered") this.#add(`peer:${String(change["id"])}`, String(change["from"]));
    if (change.type === "peer.removed") this.#networks.delete(`peer:${String(change["id"])}`);
  }

  snapshot(): unknown {
    return [...this.#networks].map(([credential, networks]) => [credential, [...networks]]);
  }

  restore(snapshot: unknown): void {
    this.#networks.clear();
    if (snapshot === undefined) return;
    if (!Array.isArray(snapshot)) throw new SyntaxError("not the networks of peers");
    for (const [credential, networks] of snapshot as readonly (readonly [unknown, unknown])[]) {
      if (typeof credential !== "string" || !Array.isArray(networks)) throw new SyntaxError("not the networks of a peer");
      for (const network of networks) this.#add(credential, String(network));
    }
  }

  #add(credential: string, network: string): void {
    const known = this.#networks.get(credential) ?? new Set();
    known.add(network);
    this.#networks.set(credential, known);
  }
}
