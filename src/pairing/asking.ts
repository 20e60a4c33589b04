/**
 * The asking side of pairing (docs/protocol/03-pairing.md): the client, which is the prover of SPAKE2+. Runs in browsers
 * too; the transport is passed in.
 *
 * The order of checks is the security. First the versions, the certificate chain and the node's confirmation; only then
 * is anything sent that proves knowledge of the secret; then the node's signature, the ids, role and name. Only one
 * `begin` is made for a secret that a person gave: a second one would be a second guess for somebody in between.
 */

import { type PublicKey, parsePublicKey } from "../crypto/p256.ts";
import { randomScalar } from "../crypto/p256-group.ts";
import { proverPoints, proverShare } from "../crypto/spake2plus.ts";
import { verifyAsync } from "../crypto/web-crypto.ts";
import { constantTimeEqual } from "../foundation/bytes.ts";
import { FleetError, isFleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Random } from "../foundation/random.ts";
import { type Channel, type PeerKind, ROLES, type Role, type Way } from "../foundation/vocabulary.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import type { Signer } from "../identity/signer.ts";
import { isLinkSecret } from "../wire/links.ts";
import { parseName } from "../wire/names.ts";
import {
  type BeginAnswer,
  encodeBeginRequest,
  encodeFinishRequest,
  type FinishAnswer,
  PAIRING_VERSION,
  type PairingMessage,
  parseBeginAnswer,
  parseFinishAnswer,
} from "../wire/pairing.ts";
import { CODE_DIGITS } from "./limits.ts";
import { type Agreement, agree, clientProofMessage, nodeProofMessage, type ProverScalars, proverScalars } from "./profile.ts";

/** The two calls of pairing as some transport makes them; messages are ready for JSON, answers are parsed here. */
export interface PairingExchange {
  /** `POST /v1/pairing/begin`. */
  begin(message: PairingMessage): Promise<unknown>;
  /** `POST /v1/pairing/finish`. */
  finish(message: PairingMessage): Promise<unknown>;
}

/** What a client pairs with. */
export interface PairingOptions {
  /** Six digits as typed, or the 22 characters of a link's secret. */
  readonly secret: string;
  readonly way: Way;
  /** What the node will call us. */
  readonly name: string;
  readonly kind: PeerKind;
  /** What the connection is; the node compares it with what it sees. */
  readonly channel: Channel;
  /** The most we want; absent: whatever the window grants. */
  readonly role?: Role;
  readonly signer: Signer;
  readonly random: Random;
  readonly exchange: PairingExchange;
  /**
   * Throws unless the chain of the exchange's connection leads to this key, and holds every later connection of the
   * exchange to it before a byte is written. Required when `channel` is `pinned`.
   */
  requireChain?(nodeKey: PublicKey): void;
  /** The id a link names; any other node is NODE_MISMATCH. */
  readonly expectedNodeId?: NodeId;
}

/** What both sides know of each other afterwards. */
export interface Paired {
  /** Ours. */
  readonly nodeId: NodeId;
  readonly role: Role;
  readonly responderNodeId: NodeId;
  readonly responderName: string;
  readonly responderKey: PublicKey;
}

/** One try: what was sent and what only we know of it. */
interface Attempt {
  readonly options: PairingOptions;
  readonly scalars: ProverScalars;
  readonly x: Uint8Array;
  readonly share: Uint8Array;
}

/** Returns the six digits of a code as people type it, with spaces or hyphens; throws INVALID_REQUEST otherwise. */
export function normaliseCode(typed: string): string {
  const digits = typed.replace(/[\s-]/g, "");
  if (!/^[0-9]{6}$/.test(digits)) {
    throw new FleetError("INVALID_REQUEST", `a pairing code has ${CODE_DIGITS} digits`, { field: "code" });
  }
  return digits;
}

/**
 * Resolves when the node has recorded our key. Rejects with the node's own code, or: PAIRING_WRONG_CODE (nothing that
 * proves the secret was sent), PAIRING_BAD_PROOF, PAIRING_VERSION, PAIRING_OWN_KEY, NODE_MISMATCH, INVALID_ANSWER.
 */
export async function pairAsClient(options: PairingOptions): Promise<Paired> {
  const attempt = await prepare(options);
  const begun = parseBeginAnswer(await options.exchange.begin(beginMessage(attempt)));
  const nodeKey = requireNodeKey(options, begun);
  requireModestRole(options, begun);
  const agreement = derive(attempt, begun, nodeKey);
  if (!constantTimeEqual(agreement.confirmV, begun.confirm)) {
    throw new FleetError("PAIRING_WRONG_CODE", undefined, { attemptsLeft: begun.attemptsLeft });
  }
  const proof = await options.signer.sign(clientProofMessage(agreement.bind));
  const message = encodeFinishRequest({ sid: begun.sid, confirm: agreement.confirmP, proof });
  const finished = parseFinishAnswer(await finishOrRepeat(options.exchange, message));
  return conclude(options, begun, finished, nodeKey, agreement);
}

async function prepare(options: PairingOptions): Promise<Attempt> {
  parseName(options.name, "name");
  if (options.channel === "pinned" && options.requireChain === undefined) {
    throw new FleetError("INVALID_OPTIONS", "a pinned channel needs requireChain");
  }
  if (options.way === "link" && !isLinkSecret(options.secret)) {
    throw new FleetError("LINK_INVALID", "the link's secret is cut or mistyped");
  }
  const scalars = await proverScalars(options.way === "code" ? normaliseCode(options.secret) : options.secret);
  const x = randomScalar(options.random);
  return { options, scalars, x, share: proverShare(scalars.w0, x) };
}

function beginMessage({ options, share }: Attempt): PairingMessage {
  const { name, kind, way, channel, role, signer } = options;
  return encodeBeginRequest({
    maxVersion: PAIRING_VERSION,
    clientKey: signer.publicKey,
    name,
    kind,
    way,
    channel,
    ...(role === undefined ? {} : { role }),
    share,
  });
}

/** The key the node claims, once it is the one the link named and the one the connection's chain leads to. */
function requireNodeKey(options: PairingOptions, begun: BeginAnswer): PublicKey {
  const nodeKey = asPoint(() => parsePublicKey(begun.nodeKey), "nodeKey");
  const nodeId = nodeIdOf(nodeKey);
  if (options.expectedNodeId !== undefined && nodeId !== options.expectedNodeId) {
    throw new FleetError("NODE_MISMATCH", "the node that answered is not the one the link names", { nodeId });
  }
  if (options.channel === "pinned") options.requireChain?.(nodeKey);
  if (nodeId === nodeIdOf(options.signer.publicKey)) throw new FleetError("PAIRING_OWN_KEY");
  return nodeKey;
}

function requireModestRole(options: PairingOptions, begun: BeginAnswer): void {
  if (options.role !== undefined && ROLES.indexOf(begun.role) > ROLES.indexOf(options.role)) {
    throw new FleetError("INVALID_ANSWER", `the node granted ${begun.role}, which is more than was asked for`);
  }
}

function derive({ options, scalars, x, share }: Attempt, begun: BeginAnswer, nodeKey: PublicKey): Agreement {
  const { name, kind, way, channel, signer } = options;
  const { sid, nodeName, role } = begun;
  const points = asPoint(() => proverPoints(scalars.w0, scalars.w1, x, begun.share), "share");
  const versions = [PAIRING_VERSION, begun.maxVersion] as const;
  const terms = { versions, sid, clientKey: signer.publicKey, nodeKey, name, kind, way, channel, nodeName, role };
  return agree(terms, share, begun.share, points, scalars.w0);
}

/** A lost answer may hide a success: the node gives a byte-identical repeat the same answer for a minute. */
async function finishOrRepeat(exchange: PairingExchange, message: PairingMessage): Promise<unknown> {
  try {
    return await exchange.finish(message);
  } catch (error) {
    const lost =
      isFleetError(error, "CONNECTION_FAILED") || isFleetError(error, "CONNECTION_CLOSED") || isFleetError(error, "TIMEOUT");
    if (!lost) throw error;
    return exchange.finish(message);
  }
}

async function conclude(
  options: PairingOptions,
  begun: BeginAnswer,
  finished: FinishAnswer,
  nodeKey: PublicKey,
  agreement: Agreement,
): Promise<Paired> {
  const isProven = await verifyAsync(nodeKey, nodeProofMessage(agreement.bind), finished.proof);
  if (!isProven) throw new FleetError("PAIRING_BAD_PROOF");
  const expected = {
    nodeId: nodeIdOf(options.signer.publicKey),
    role: begun.role,
    responderNodeId: nodeIdOf(nodeKey),
    responderName: begun.nodeName,
  };
  for (const field of ["nodeId", "role", "responderNodeId", "responderName"] as const) {
    if (finished[field] !== expected[field]) {
      throw new FleetError("INVALID_ANSWER", `${field} is not what the exchange agreed on`, { field });
    }
  }
  return { ...expected, responderKey: nodeKey };
}

function asPoint<T>(parse: () => T, field: string): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new FleetError("INVALID_ANSWER", `${field} must be a point on P-256`, { field });
  }
}
