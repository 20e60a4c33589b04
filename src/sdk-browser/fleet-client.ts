/** `FleetClient` in browsers: the one class a page needs. */

import type { PeerKind, Role } from "../foundation/vocabulary.ts";
import { type Address, parseAddress } from "../sdk/address.ts";
import { Caller } from "../sdk/caller.ts";
import { Client } from "../sdk/client.ts";
import type { CallOptions } from "../sdk/deadline.ts";
import { type ClientOptions, DEFAULT_TIMEOUT, readOptions, type Signer } from "../sdk/options.ts";
import type { PublicCredentials } from "../sdk/pair.ts";
import { Records, type Store } from "../sdk/records.ts";
import { isName } from "../wire/names.ts";
import { type Way, wayTo } from "./base-url.ts";
import { FetchTransport } from "./fetch-transport.ts";
import { platform } from "./platform.ts";

/** What a client in a page is told. A key that can be read is not taken; all else is as on Node. */
export type PageClientOptions = Omit<ClientOptions, "privateKey">;

/** What pairing can be told beside where, by what code, and under what name. */
export interface PairOptions extends CallOptions {
  /** What we call ourselves; a label that grants nothing. `browser` unless given. */
  readonly kind?: PeerKind;
  /** The most we want: `viewer`, `operator` or `admin`; whatever the window grants unless given. */
  readonly role?: Role;
  /** Where the node is kept, instead of this origin's database. A store of texts holds no key: that stays in the database. */
  readonly store?: Store;
  /** A key of the page's own, instead of the one in the database. */
  readonly signer?: Signer;
}

/** A client of one node, in a page. */
export class FleetClient extends Client {
  /**
   * Throws INVALID_OPTIONS, which names the option. Nothing is sent before the first call; that one may reject with
   * NO_KEY_FOR_NODE_ID, NODE_UNPROVEN or STORE_UNUSABLE. A `Caller` is for clients over a transport of one's own.
   */
  constructor(options: PageClientOptions | Caller) {
    super(options instanceof Caller ? options : callerOf(options));
  }

  /**
   * Pairs this origin with a node: by its address and the six digits it shows, or by its link alone. The key of this origin
   * is used, and made if there is none: it can be used, and not be read. The person who opens the window must allow pages
   * (`cider fleet pair --allow blind`), except on the node's own machine. Rejects with PAIRING_WRONG_CODE, PAIRING_CHANNEL,
   * PAIRING_CLOSED, PAIRING_BUSY, CONNECTION_FAILED and others, all coded.
   */
  static async pair(
    hostOrLink: string,
    code?: string,
    name = pageName(),
    port?: number,
    options: PairOptions = {},
  ): Promise<PublicCredentials> {
    const { kind = "browser", role, store = platform.store(), signal, timeout = DEFAULT_TIMEOUT } = options;
    // The arithmetic of pairing is a part of its own: a page that is paired already never loads it.
    const { pair, publicCredentials, readInvitation } = await import("../sdk/pair.ts");
    const invitation = readInvitation(hostOrLink, code, port);
    const signer = options.signer ?? (await platform.keys(store).signerOrNew());
    const { random } = platform;
    const parts = { invitation, name, kind, role, timeout, signal, records: new Records(store), random, signer };
    return publicCredentials(await pair({ ...parts, transportTo: (address) => new FetchTransport(wayFor(address)) }), signer);
  }
}

function callerOf(options: PageClientOptions): Caller {
  const { address, ...settings } = readOptions(options, platform);
  const transport = new FetchTransport(wayFor(address ?? parseAddress(options.host, options.port)));
  return new Caller({ transport, ...settings });
}

function wayFor(address: Address): Way {
  return wayTo(address, page()?.origin);
}

/** A worker has a location too; what runs outside of pages has none. */
function page(): Location | undefined {
  const { location }: { readonly location?: Location } = globalThis;
  return location;
}

function pageName(): string {
  const host = page()?.host;
  return isName(host) ? host : "browser";
}
