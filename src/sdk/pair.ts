/** Pairing as a program calls it: finds the node, proves the code or link to it, keeps the key and the node. */

import { type PublicKey, publicKeyToHex } from "../crypto/p256.ts";
import { constantTimeEqual, utf8 } from "../foundation/bytes.ts";
import { FleetError, isFleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Random } from "../foundation/random.ts";
import type { PeerKind, Role, Way } from "../foundation/vocabulary.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import type { Signer } from "../identity/signer.ts";
import { normaliseCode, type Paired, type PairingExchange, pairAsClient } from "../pairing/asking.ts";
import { looksLikePairingLink, parsePairingLink } from "../wire/links.ts";
import type { PairingMessage } from "../wire/pairing.ts";
import { type Address, parseAddress } from "./address.ts";
import { readAnswer } from "./answer.ts";
import { otherNode } from "./contact.ts";
import { type CallOptions, withDeadline } from "./deadline.ts";
import type { Records } from "./records.ts";
import type { Transport } from "./transport.ts";

/** Milliseconds one of several addresses of a link is given to answer before the next is tried. */
const NEXT_ADDRESS_AFTER = 5000;

/** Where to pair, and by what secret. */
export interface Invitation {
  /** To be tried in order. */
  readonly addresses: readonly Address[];
  readonly way: Way;
  readonly secret: string;
  /** The node that a link names. */
  readonly nodeId?: NodeId;
}

/** What pairing needs of its platform and caller. */
export interface PairingParts extends CallOptions {
  readonly invitation: Invitation;
  /** What the node will call us: 1 to 64 bytes. */
  readonly name: string;
  readonly kind: PeerKind;
  /** The most we want; undefined: whatever the window grants. */
  readonly role: Role | undefined;
  /** Milliseconds for each step. */
  readonly timeout: number;
  readonly signer: Signer;
  readonly records: Records;
  readonly random: Random;
  transportTo(address: Address): Transport;
}

/** Returns the invitation of a host and code, a link, or a link used at another host. Throws INVALID_OPTIONS or LINK_INVALID. */
export function readInvitation(hostOrLink: string, code: string | undefined, port: number | undefined): Invitation {
  if (looksLikePairingLink(hostOrLink)) {
    if (code !== undefined) throw new FleetError("INVALID_OPTIONS", "a link holds its own secret: pass no code beside it");
    return linkInvitation(hostOrLink, undefined, port);
  }
  if (code === undefined)
    throw new FleetError("INVALID_OPTIONS", "code is missing: pass the six digits the node shows, or a link as host");
  if (looksLikePairingLink(code)) return linkInvitation(code, hostOrLink, port);
  return { addresses: [parseAddress(hostOrLink, port)], way: "code", secret: normaliseCode(code) };
}

function linkInvitation(text: string, host: string | undefined, port: number | undefined): Invitation {
  const link = parsePairingLink(text);
  const hosts = host === undefined ? link.hosts : [host];
  const addresses = hosts.map((one) => parseAddress(one, port ?? link.port));
  return { addresses, way: "link", secret: link.secret, nodeId: link.nodeId };
}

/** Pairs, and records the node as one the signer's key is known to. Rejects as `pairAsClient` and `Transport` do. */
export async function pair(parts: PairingParts): Promise<Paired> {
  const { transport, key } = await reach(parts);
  try {
    const paired = await pairAsClient(pairingOptions(parts, transport, key));
    const { nodeId, role, responderName: name, responderKey } = paired;
    await parts.records.learn(responderKey, { name, registration: { nodeId, role }, address: transport.authority });
    return paired;
  } finally {
    transport.close();
  }
}

function pairingOptions(
  parts: PairingParts,
  transport: Transport,
  key: PublicKey | undefined,
): Parameters<typeof pairAsClient>[0] {
  const { invitation, name, kind, role, signer, random } = parts;
  const { way, secret, nodeId } = invitation;
  return {
    secret,
    way,
    name,
    kind,
    channel: transport.channel,
    signer,
    random,
    exchange: exchangeOver(transport, key, parts),
    ...(role === undefined ? {} : { role }),
    ...(nodeId === undefined ? {} : { expectedNodeId: nodeId }),
    ...(key === undefined ? {} : { requireChain: (nodeKey) => requireSameKey(transport, key, nodeKey) }),
  };
}

/** Both messages are pinned to the key seen first, so nobody can join between them. */
function exchangeOver(
  transport: Transport,
  key: PublicKey | undefined,
  options: CallOptions & { timeout: number },
): PairingExchange {
  const node = key === undefined ? undefined : nodeIdOf(key);
  const headers = { "content-type": "application/json" };
  const post = (path: string, message: PairingMessage): Promise<unknown> =>
    withDeadline(options, async (signal) =>
      readAnswer(await transport.request({ method: "POST", path, headers, body: utf8(JSON.stringify(message)), node, signal })),
    );
  return {
    begin: (message) => post("/v1/pairing/begin", message),
    finish: (message) => post("/v1/pairing/finish", message),
  };
}

function requireSameKey(transport: Transport, seen: PublicKey, claimed: PublicKey): void {
  if (!constantTimeEqual(seen, claimed)) throw otherNode(transport, seen, `${nodeIdOf(claimed)}, which it claims to be`);
}

/** Connects to the first address where the node answers; of a link, only to the node it names. */
async function reach(parts: PairingParts): Promise<{ transport: Transport; key: PublicKey | undefined }> {
  const { addresses, nodeId } = parts.invitation;
  const timeout = addresses.length > 1 ? Math.min(parts.timeout, NEXT_ADDRESS_AFTER) : parts.timeout;
  let failure: unknown = new FleetError("INVALID_OPTIONS", "no address to pair with");
  for (const address of addresses) {
    const transport = parts.transportTo(address);
    try {
      const key = await withDeadline({ timeout, signal: parts.signal }, (signal) => transport.identify(signal));
      if (key !== undefined && nodeId !== undefined && nodeIdOf(key) !== nodeId) throw otherNode(transport, key, nodeId);
      return { transport, key };
    } catch (error) {
      transport.close();
      if (!isFleetError(error) || error.code === "ABORTED") throw error;
      failure = error;
    }
  }
  throw failure;
}

/** What pairing gives a program whose key cannot be shown. */
export interface PublicCredentials {
  /** Ours, by which the node knows us. */
  readonly nodeId: NodeId;
  /** 130 hex characters. */
  readonly publicKeyHex: string;
  readonly responderNodeId: NodeId;
  readonly responderName: string;
  /** What the node lets us do. */
  readonly role: Role;
}

/** What pairing gives a program. With the store on this machine, only `nodeId` is needed later. */
export interface Credentials extends PublicCredentials {
  /** 64 hex characters; a secret. */
  readonly privateKeyHex: string;
}

/** Returns what a program is told of a pairing, but the key. */
export function publicCredentials(
  { nodeId, responderNodeId, responderName, role }: Paired,
  { publicKey }: Signer,
): PublicCredentials {
  return { nodeId, publicKeyHex: publicKeyToHex(publicKey), responderNodeId, responderName, role };
}
