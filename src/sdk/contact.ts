/**
 * Which node a client talks to, and with what credential: settled before anything worth stealing is sent, and again
 * when another node turns up at the address. There is no trust on first use.
 */

import type { PublicKey } from "../crypto/p256.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import { bearerCredential, type Credential, localCredential } from "./credential.ts";
import type { Transport } from "./transport.ts";

/** A node and how to prove oneself to it. */
export interface Contact {
  /** The only node that requests of this contact may reach; undefined on the Unix socket, which shows none. */
  readonly node: NodeId | undefined;
  readonly credential: Credential;
}

/** Settles the contact over a transport; rejects with the error that tells why there is none. */
export type FindContact = (transport: Transport, signal: AbortSignal) => Promise<Contact>;

/** The Unix socket: its folder says whose node it is. */
export const findLocalContact: FindContact = () => Promise.resolve({ node: undefined, credential: localCredential });

/** Returns the contact of a token over the Unix socket. */
export function localTokenContact(token: string): FindContact {
  return () => Promise.resolve({ node: undefined, credential: bearerCredential(token) });
}

/** Returns the key at the other end; throws NODE_UNPROVEN on transports that cannot see it. */
export async function requireIdentity(transport: Transport, signal: AbortSignal): Promise<PublicKey> {
  const key = await transport.identify(signal);
  if (key === undefined)
    throw new FleetError("NODE_UNPROVEN", "this kind of connection shows no key of the node; name the node by its id");
  return key;
}

/** Returns NODE_MISMATCH that names who answered instead. */
export function otherNode(transport: Transport, key: PublicKey, expected: string): FleetError {
  const met = nodeIdOf(key);
  return new FleetError(
    "NODE_MISMATCH",
    `${transport.authority} is node ${met}, not ${expected}; check the address, or pair with it`,
    { met },
  );
}
