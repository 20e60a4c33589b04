/** `FleetClient` on Node: the one class a program needs. */

import { hostname } from "node:os";
import { FleetError } from "../foundation/errors.ts";
import type { PeerKind, Role } from "../foundation/vocabulary.ts";
import { Caller } from "../sdk/caller.ts";
import { Client } from "../sdk/client.ts";
import { findLocalContact, localTokenContact } from "../sdk/contact.ts";
import { type CallOptions, withDeadline } from "../sdk/deadline.ts";
import type { Signer } from "../sdk/options.ts";
import { type ClientOptions, DEFAULT_TIMEOUT, readOptions } from "../sdk/options.ts";
import {
  type Credentials,
  type Invitation,
  type PairingParts,
  type PublicCredentials,
  pair,
  publicCredentials,
  readInvitation,
} from "../sdk/pair.ts";
import { Records, type Store } from "../sdk/records.ts";
import { DEFAULT_RETRIES } from "../sdk/retry.ts";
import { StoredKey } from "../sdk/stored-key.ts";
import { isName } from "../wire/names.ts";
import { accessOfEnvironment, accessOfUrl } from "./environment.ts";
import { isKnownHost, mayBeNode } from "./lan-names.ts";
import { locate } from "./locate.ts";
import { LocatedTransport } from "./located-transport.ts";
import { platform, userStore } from "./platform.ts";
import { TlsTransport } from "./tls-transport.ts";
import { UnixTransport } from "./unix-transport.ts";

/** What pairing can be told beside where, by what code, and under what name. */
export interface PairOptions extends CallOptions {
  /** What we call ourselves; a label that grants nothing. `sdk` unless given. */
  readonly kind?: PeerKind;
  /** The most we want: `viewer`, `operator` or `admin`; whatever the window grants unless given. */
  readonly role?: Role;
  /** Where key and node are kept, instead of this user's files. */
  readonly store?: Store;
}

/** A client of one node, in a program. */
export class FleetClient extends Client {
  /**
   * Throws INVALID_OPTIONS, which names the option. Nothing is sent before the first call; that one settles which node
   * answers and may reject with NO_KEY_FOR_NODE_ID, NODE_MISMATCH, NODE_UNPROVEN or STORE_UNUSABLE. A `Caller` is for
   * clients over a transport of one's own.
   */
  constructor(options: ClientOptions | Caller) {
    super(options instanceof Caller ? options : callerOf(options));
  }

  /**
   * Pairs this user and machine with a node: by its address, or its name or id on the LAN, and the six digits it shows,
   * or by its link alone. The one key of this user and machine is used, and made if there is none; key and node are
   * stored. With a `signer` its key is used instead and only the node is stored. Rejects with PAIRING_WRONG_CODE,
   * PAIRING_CLOSED, PAIRING_BUSY, NODE_NOT_FOUND, CONNECTION_FAILED, NODE_MISMATCH and others, all coded.
   */
  static pair(
    hostOrLink: string,
    code: string | undefined,
    name: string | undefined,
    port: number | undefined,
    options: PairOptions & { readonly signer: Signer },
  ): Promise<PublicCredentials>;
  static pair(hostOrLink: string, code?: string, name?: string, port?: number, options?: PairOptions): Promise<Credentials>;
  static async pair(
    hostOrLink: string,
    code?: string,
    name = machineName(),
    port?: number,
    options: PairOptions & { readonly signer?: Signer } = {},
  ): Promise<PublicCredentials | Credentials> {
    const { kind = "sdk", role, store = userStore(), signal, timeout = DEFAULT_TIMEOUT } = options;
    const { clock, random } = platform;
    const invitation = await withDeadline({ timeout, signal }, (deadline) => invitationOf(hostOrLink, code, port, deadline));
    const records = new Records(store);
    const transportTo: PairingParts["transportTo"] = (address) => new TlsTransport(address, clock);
    const parts = { invitation, name, kind, role, timeout, signal, records, random, transportTo };
    if (options.signer !== undefined) return publicCredentials(await pair({ ...parts, signer: options.signer }), options.signer);
    const signer = await new StoredKey(store, random).signerOrNew();
    return {
      ...publicCredentials(await pair({ ...parts, signer }), signer),
      privateKeyHex: signer.revealHex(),
    };
  }

  /**
   * Returns a client of the node that a `cider-fleet://` URL names with its token; without a URL, of the node that the
   * environment names: `CIDER_FLEET_URL`, else the file that `CIDER_FLEET_URL_FILE` names, which only this account or root
   * may read, else `CIDER_FLEET_HOST`, `CIDER_FLEET_TOKEN` and, where given, `CIDER_FLEET_PORT` and `CIDER_FLEET_NODE_ID`.
   * Throws LINK_INVALID or INVALID_OPTIONS, never repeating the secret.
   */
  static fromUrl(url?: string, options: Pick<ClientOptions, "timeout" | "retries" | "store" | "clock"> = {}): FleetClient {
    return new FleetClient({ ...options, ...(url === undefined ? accessOfEnvironment(process.env) : accessOfUrl(url)) });
  }
}

/** Resolves to the invitation. A node's name or id is looked for on the LAN first; then only that node may answer. */
async function invitationOf(
  hostOrLink: string,
  code: string | undefined,
  port: number | undefined,
  signal: AbortSignal,
): Promise<Invitation> {
  if (!mayBeNode(hostOrLink) || code === undefined || (await isKnownHost(hostOrLink)))
    return readInvitation(hostOrLink, code, port);
  const { address, nodeId } = await locate(hostOrLink, platform.clock, signal);
  return { nodeId, ...readInvitation(address.host, code, address.port) };
}

function callerOf(options: ClientOptions): Caller {
  const { address, ...settings } = readOptions(options, platform);
  const { host, port } = options;
  const { clock } = settings;
  const transport = address === undefined ? new LocatedTransport(host, port, clock) : new TlsTransport(address, clock);
  return new Caller({ transport, ...settings });
}

/**
 * Resolves to a client for a program that was given an address only: it uses the key and nodes of this user. Rejects with
 * NO_KEY_FOR_NODE_ID before any pairing.
 */
export async function storedClient(
  options: Pick<ClientOptions, "host" | "port" | "timeout" | "retries" | "store">,
): Promise<FleetClient> {
  const store = options.store ?? userStore();
  const nodeId = await new StoredKey(store, platform.random).ownId();
  if (nodeId === undefined) {
    throw new FleetError(
      "NO_KEY_FOR_NODE_ID",
      "this user has not paired with any node; pair first, with the code or link that the node shows",
    );
  }
  return new FleetClient({ ...options, store, nodeId });
}

/** Returns a client of this machine's node, through its Unix socket; it may do everything, or with a token what the token may. */
export function localClient(
  socketPath: string,
  options: Pick<ClientOptions, "apiToken" | "retries" | "timeout"> = {},
): FleetClient {
  const { apiToken, retries = DEFAULT_RETRIES, timeout = DEFAULT_TIMEOUT } = options;
  const find = apiToken === undefined ? findLocalContact : localTokenContact(apiToken);
  const { clock, random, warn } = platform;
  return new FleetClient(new Caller({ transport: new UnixTransport(socketPath), find, timeout, retries, clock, random, warn }));
}

/** The machine's name, unless it has one that cannot stand on a screen. */
function machineName(): string {
  const name = hostname();
  return isName(name) ? name : "cider-fleet-sdk";
}
