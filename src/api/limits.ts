/**
 * Every limit of the surfaces in one place. Times in milliseconds, sizes in bytes.
 * What the listeners hold to reaches them as an argument, so that tests need not wait; the daemon passes these.
 */

import { MINUTE, SECOND } from "../foundation/durations.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** The limits a node runs with. */
export const LIMITS = {
  /** Connections of all listeners together. */
  connections: 1024,
  /** Connections of one IPv4 address or IPv6 /64; loopback and the Unix socket are bounded by `connections` alone. */
  connectionsPerNetwork: 64,
  /** Of `connections`, kept for the Unix socket and for networks from which a caller proved itself lately. */
  reservedConnections: 64,
  /** How long a network counts as proven after a credential from it was accepted. */
  provenTime: 10 * MINUTE,
  /** Networks remembered as proven; the oldest is forgotten first. */
  provenNetworks: 1024,
  /** From accepting a connection to its first byte. */
  firstByteTime: 3 * SECOND,
  /** From the first byte of TLS to the end of the handshake. */
  handshakeTime: 10 * SECOND,
  /** All header fields of one request. */
  headerBytes: 16 * KIB,
  /** From the start of a connection or request to the end of its header fields. */
  headerTime: 10 * SECOND,
  /** From the end of the header fields to the end of the body, at the least. */
  bodyTime: 30 * SECOND,
  /** A connection on which nothing moves, between requests or within one. WebSockets are exempt: they ping. */
  idleTime: 60 * SECOND,
  /** How often node:http looks for slow clients; with its own 30 s, 10 s become up to 40. */
  slowClientCheckTime: 1 * SECOND,
  /** Requests of one connection that wait for their answers; one more ends it. Few clients send a second one ahead. */
  requestsWaiting: 64,
  /** Body of a refused plain request that is read and dropped, so that the client can read the refusal. */
  discardBytes: 1 * MIB,
  discardTime: 1 * SECOND,
  /** A file of a page; it is sent piece by piece. */
  fileBytes: 16 * MIB,
  /** Files that are being sent, in all and to one network: each is open for as long as its reader takes. */
  files: 64,
  filesPerNetwork: 16,
  /** How long calls that run at a stop may take to finish. */
  stopTime: 5 * SECOND,

  /** Body of a request whose header fields hold a known token, bearer, or signature of a known key (verified once the body is read). */
  bodyBytes: 1 * MIB,
  /** Body of any other request. */
  unprovenBodyBytes: 64 * KIB,

  /** Failed authentications of one network in `failedAuthenticationTime`; after that only failures are answered 429. */
  failedAuthentications: 20,
  /** The same for all networks together, against somebody who tries from many. */
  allFailedAuthentications: 1_000,
  failedAuthenticationTime: 1 * MINUTE,
  /** Proofs of a token (`ProveToken`) for one network in `proofTime`; a client asks for one when it meets a node. */
  proofs: 120,
  proofTime: 1 * MINUTE,
  /** Refused changes of one actor in `refusedChangesTime` that have an entry each; further ones are only counted. */
  refusedChanges: 60,
  refusedChangesTime: 1 * MINUTE,

  /** One WebSocket message. */
  socketMessageBytes: 1 * MIB,
  /** Fragments of one WebSocket message, and pieces in which the network brings one frame: each is held until the last. */
  socketFragments: 1024,
  socketPieces: 2048,
  /** All that is read of a WebSocket before a credential was accepted; each piece counts for as much as holding it costs. */
  unprovenSocketBytes: 64 * KIB,
  socketPieceBytes: 256,
  /** Calls of one WebSocket that run at the same time; one more closes it 4429. */
  socketCalls: 256,
  /** What may wait to be sent on one WebSocket before it is closed 4408. */
  socketBacklogBytes: 4 * MIB,
  /** From the greeting to a successful `authenticate`. */
  socketAuthenticationTime: 10 * SECOND,
  /** Between two pings. */
  socketPingTime: 30 * SECOND,
  /** From our close frame to the end of a socket whose other side does not answer it. */
  socketCloseTime: 2 * SECOND,
} as const;

/** The same by name, with other numbers. */
export type Limits = { readonly [Name in keyof typeof LIMITS]: number };
