/**
 * Tells a client who is at the other end of a TLS connection, whatever its certificate's names say
 * (docs/protocol/02-transport.md).
 *
 * The TLS stack proved that the other end holds the leaf's key. Here the leaf must be signed by the key of the authority
 * sent with it, and that key is what a node id is made of. Names, trust stores and the authority's own fields play no
 * part: copying them without the key gives a signature that does not verify. A certificate that signed itself counts as its
 * own authority: whoever finished the handshake with it holds that very key. Call this before a byte is written, on a
 * connection made with `rejectUnauthorized: false` and without session resumption.
 */

import { X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate, PeerCertificate, TLSSocket } from "node:tls";
import type { PublicKey } from "../crypto/p256.ts";
import { MINUTE } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";
import { type NodeId, shortId } from "../foundation/ids.ts";
import { keyOf, validityOf } from "./chain.node.ts";
import { nodeIdOf } from "./node-id.ts";

/** How far this machine's clock may stand outside the leaf's dates, in milliseconds. Leaves are backdated by a day already. */
const CLOCK_TOLERANCE = 5 * MINUTE;

/**
 * Returns the key of the authority that signed the peer's leaf. `now` is milliseconds since the Unix epoch.
 * Throws NODE_MISMATCH when the session was resumed, no authority is known behind the leaf, the signature is not the
 * authority's, its key is not P-256, or the leaf is outside its dates.
 */
export function nodeKeyOfChain(socket: TLSSocket, now: number): PublicKey {
  if (socket.isSessionReused()) throw mismatch("the TLS session was resumed, so no certificate was shown");
  const { leaf, authority } = chainOf(socket);
  const key = readKey(authority);
  if (!leaf.verify(authority.publicKey)) throw mismatch("the TLS certificate is not signed by the authority sent with it");
  const { from, to } = validityOf(leaf);
  if (!(from - CLOCK_TOLERANCE <= now && now <= to + CLOCK_TOLERANCE)) {
    throw mismatch(`the TLS certificate is valid from ${leaf.validFrom} to ${leaf.validTo}; check this machine's clock`);
  }
  return key;
}

/** Returns the node's key; throws NODE_MISMATCH unless the chain leads to a key whose id is `nodeId`. */
export function requireNode(socket: TLSSocket, nodeId: NodeId, now: number): PublicKey {
  const key = nodeKeyOfChain(socket, now);
  const seen = nodeIdOf(key);
  if (seen !== nodeId)
    throw mismatch(`expected node ${shortId(nodeId)}, but ${shortId(seen)} answers at this address`, { expected: nodeId, seen });
  return key;
}

function chainOf(socket: TLSSocket): { leaf: X509Certificate; authority: X509Certificate } {
  // An empty object, or null, when the other side showed nothing; @types/node promises a certificate.
  const shown = socket.getPeerCertificate(true) as Partial<DetailedPeerCertificate> | null;
  const issuer: Partial<PeerCertificate> | undefined = shown?.issuerCertificate;
  if (shown?.raw === undefined || issuer?.raw === undefined) throw mismatch("the node sent no complete certificate chain");
  return { leaf: new X509Certificate(shown.raw), authority: new X509Certificate(issuer.raw) };
}

function readKey(authority: X509Certificate): PublicKey {
  try {
    return keyOf(authority);
  } catch {
    throw mismatch("the authority behind the TLS certificate has no P-256 key, so it is no node");
  }
}

function mismatch(message: string, details: Readonly<Record<string, unknown>> = {}): FleetError {
  return new FleetError("NODE_MISMATCH", message, details);
}
