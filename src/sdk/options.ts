/** The options of a client, checked before anything is sent. */

import type { Clock } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import { isNodeId, type NodeId } from "../foundation/ids.ts";
import type { Signer } from "../identity/signer.ts";
import { BEARER_PREFIX, isTokenText } from "../wire/token.ts";
import { type Address, parseAddress } from "./address.ts";
import type { CallerParts } from "./caller.ts";
import type { FindContact } from "./contact.ts";
import { findByKey, requireOwnKey } from "./key-contact.ts";
import type { Platform } from "./platform.ts";
import { Records, type Store } from "./records.ts";
import { DEFAULT_RETRIES } from "./retry.ts";
import { findByToken } from "./token-contact.ts";

export type { Signer };

/** Milliseconds a call may take unless told otherwise. */
export const DEFAULT_TIMEOUT = 30_000;

/** Seconds a command may run on a node unless told otherwise, as in the discontinued product; no node runs commands yet. */
export const DEFAULT_EXEC_TIMEOUT_SECONDS = 300;

/** Most retries; their waits grow to 8 s each. */
const MAX_RETRIES = 10;

/** Longest delay of a timer: 2^31 − 1 ms. */
const MAX_TIMEOUT = 2_147_483_647;

/** What a client is made with; exactly one of `nodeId` and `apiToken`. */
export interface ClientOptions {
  /** Name or IP address of its host; on Node also the name or id by which a node is found on the LAN. */
  readonly host: string;
  /** 9473 unless given. */
  readonly port?: number | undefined;
  /** Milliseconds for each call; 30,000 unless given. */
  readonly timeout?: number | undefined;
  /**
   * How often a call is sent again when the node was not reached or said 429 or 503, within its time-out: 0 to 10, 2
   * unless given. Changes are safe too: the node carries out one key once.
   */
  readonly retries?: number | undefined;
  /** The caller's own id, as `pair` returned it. Exactly one of `nodeId` and `apiToken` is given. */
  readonly nodeId?: string | undefined;
  readonly apiToken?: string | undefined;
  /** The node meant, as `pair` returned it: its pin. Without it the store, or the node's own proof, tells. */
  readonly responderNodeId?: string | undefined;
  /** Key of `nodeId`, 64 hex characters, instead of the store's. */
  readonly privateKey?: string | undefined;
  /** Key of `nodeId` that cannot be shown, instead of the store's. */
  readonly signer?: Signer | undefined;
  readonly store?: Store | undefined;
  readonly clock?: Clock | undefined;
}

/** Where to connect, and what a `Caller` needs beside its transport. */
export interface Settings extends Required<Omit<CallerParts, "transport">> {
  /** Undefined: the host is to be looked for on the LAN. */
  readonly address: Address | undefined;
}

/** Returns the settings; throws INVALID_OPTIONS that names the option, never its value. */
export function readOptions(options: ClientOptions, platform: Platform): Settings {
  const { retries = DEFAULT_RETRIES, timeout = DEFAULT_TIMEOUT } = options;
  if (!(Number.isInteger(timeout) && timeout > 0 && timeout <= MAX_TIMEOUT)) {
    throw refused(`timeout must be a whole number of milliseconds from 1 to ${MAX_TIMEOUT}`);
  }
  if (!(Number.isInteger(retries) && retries >= 0 && retries <= MAX_RETRIES)) {
    throw refused(`retries must be a whole number from 0 to ${MAX_RETRIES}`);
  }
  const clock = options.clock ?? platform.clock;
  const { random, warn } = platform;
  const address = platform.mayBeNode?.(options.host) === true ? undefined : parseAddress(options.host, options.port);
  return { address, timeout, retries, clock, random, warn, find: readCredential(options, clock, platform) };
}

function readCredential(options: ClientOptions, clock: Clock, platform: Platform): FindContact {
  const { random } = platform;
  const { nodeId, apiToken } = options;
  if ((nodeId === undefined) === (apiToken === undefined)) {
    throw refused("exactly one of nodeId and apiToken must be given: nodeId after pairing, apiToken with a token");
  }
  const responderNodeId =
    options.responderNodeId === undefined ? undefined : readNodeId(options.responderNodeId, "responderNodeId");
  const store = options.store ?? platform.store();
  const records = new Records(store);
  if (apiToken !== undefined) {
    requireNoKey(options);
    return findByToken({ token: readToken(apiToken), responderNodeId, records, random });
  }
  const own = readNodeId(nodeId, "nodeId");
  const signer = readSigner(options, own, platform);
  return findByKey({ nodeId: own, signer, keys: platform.keys(store), responderNodeId, records, clock, random });
}

function readSigner({ privateKey, signer }: ClientOptions, nodeId: NodeId, { signerFromHex }: Platform): Signer | undefined {
  if (privateKey !== undefined && signer !== undefined) throw refused("privateKey and signer exclude each other");
  if (privateKey !== undefined && signerFromHex === undefined)
    throw refused("privateKey is not taken here, where whatever runs beside it could read it: pass a signer");
  const own = privateKey === undefined ? signer : signerFromHex?.(privateKey);
  if (own !== undefined) requireOwnKey(own, nodeId);
  return own;
}

function requireNoKey({ privateKey, signer }: ClientOptions): void {
  if (privateKey !== undefined || signer !== undefined) throw refused("privateKey and signer belong to nodeId, not to apiToken");
}

function readToken(text: string): string {
  if (!isTokenText(text) && !isTokenText(text, BEARER_PREFIX))
    throw new FleetError("TOKEN_INVALID", "apiToken is cut or mistyped: its checksum is wrong; nothing was sent");
  return text;
}

function readNodeId(text: unknown, option: string): NodeId {
  if (!isNodeId(text)) throw refused(`${option} must be a node id, as pairing returned it`);
  return text;
}

function refused(message: string): FleetError {
  return new FleetError("INVALID_OPTIONS", message);
}
