/**
 * Contact by a token alone (docs/protocol/05-tokens.md). Before the token is sent, the node must prove that it knows the
 * token, and the connection's chain must lead to the key used for that proof. A stranger who answers learns a look-up and
 * nothing of the token; a relay is found out by its own chain. What was proven is stored, so the proof is asked once per
 * node and token.
 *
 * A page sees no chain. It asks for the proof every time, even when it was told the node's id, and sends the token to
 * whoever gave the proof: the node, or somebody who relays to it behind a certificate that this browser trusts. A bearer
 * is proved as a token is.
 */

import { PUBLIC_KEY_LENGTH, type PublicKey, parsePublicKey } from "../crypto/p256.ts";
import { storageHash, tokenLookup, tokenProof } from "../crypto/token-secret.ts";
import { constantTimeEqual, toBase64url, utf8 } from "../foundation/bytes.ts";
import { type ErrorCode, FleetError, isFleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Random } from "../foundation/random.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import { parseBytes } from "../wire/parse.ts";
import { invalidAnswer, readAnswer } from "./answer.ts";
import { type FindContact, otherNode, requireIdentity } from "./contact.ts";
import { bearerCredential } from "./credential.ts";
import type { Records } from "./records.ts";
import type { Transport } from "./transport.ts";

/** Which token, and what is known of its node. */
export interface TokenContactOptions {
  readonly token: string;
  /** The node meant, when the caller was told it with the token; where the chain is seen it is the pin and needs no proof. */
  readonly responderNodeId: NodeId | undefined;
  readonly records: Records;
  readonly random: Random;
}

const PROVE_PATH = "/v1/tokens/prove";
const NONCE_BYTES = 16;
const PROOF_BYTES = 32;

/** What a stranger's server may answer to the question; each means that nothing was proven. */
const NO_PROOF: readonly ErrorCode[] = [
  "NODE_MISMATCH",
  "INVALID_ANSWER",
  "INVALID_REQUEST",
  "NOT_FOUND",
  "METHOD_NOT_ALLOWED",
  "UNKNOWN_CODE",
];

/** Returns the search for the node that knows a token. */
export function findByToken(options: TokenContactOptions): FindContact {
  const { responderNodeId, token } = options;
  const credential = bearerCredential(token);
  return async (transport, signal) => {
    const isTold = responderNodeId !== undefined && transport.channel === "pinned";
    const key = isTold ? await requireIdentity(transport, signal) : await proveNode(transport, options, signal);
    const node = nodeIdOf(key);
    if (responderNodeId !== undefined && node !== responderNodeId) throw otherNode(transport, key, responderNodeId);
    return { node, credential };
  };
}

/** Resolves to the key with which the node proved that it knows the token: the chain's, where one is seen. */
async function proveNode(
  transport: Transport,
  { token, records, random }: TokenContactOptions,
  signal: AbortSignal,
): Promise<PublicKey> {
  const hash = storageHash(token);
  const lookup = tokenLookup(hash);
  try {
    const seen = transport.channel === "pinned" ? await requireIdentity(transport, signal) : undefined;
    const isProven = seen !== undefined && (await wasProven(records, seen, toBase64url(lookup)));
    const key = isProven ? seen : await askProof(transport, { seen, hash, lookup, nonce: random.bytes(NONCE_BYTES) }, signal);
    // Only saves the next run a round trip: a store that cannot be written is no reason to refuse.
    await records.learn(key, { token: toBase64url(lookup), address: transport.authority }).catch(() => undefined);
    return key;
  } catch (error) {
    throw NO_PROOF.some((code) => isFleetError(error, code)) ? unproven(transport, error) : error;
  }
}

async function wasProven(records: Records, key: PublicKey, lookup: string): Promise<boolean> {
  const record = await records.node(nodeIdOf(key));
  return record?.tokens.includes(lookup) === true && constantTimeEqual(record.publicKey, key);
}

interface Question {
  /** The key of the connection's chain; undefined where none is seen. */
  readonly seen: PublicKey | undefined;
  readonly hash: Uint8Array;
  readonly lookup: Uint8Array;
  readonly nonce: Uint8Array;
}

/** The request is pinned to the key just seen, so question, proof and token all travel to one key. */
async function askProof(transport: Transport, question: Question, signal: AbortSignal): Promise<PublicKey> {
  const { seen, hash, lookup, nonce } = question;
  const body = utf8(JSON.stringify({ lookup: toBase64url(lookup), nonce: toBase64url(nonce) }));
  const headers = { "content-type": "application/json" };
  const node = seen && nodeIdOf(seen);
  const answer = readAnswer(await transport.request({ method: "POST", path: PROVE_PATH, headers, body, node, signal }));
  const claimed = parseBytes(answer, "nodeKey", PUBLIC_KEY_LENGTH);
  const proof = parseBytes(answer, "proof", PROOF_BYTES);
  // The proof is computed with the key of the chain, not the one announced: a relayed proof then fails by itself.
  const key = seen ?? parseClaimed(claimed);
  if (constantTimeEqual(claimed, key) && constantTimeEqual(proof, tokenProof(hash, nonce, key))) return key;
  throw unproven(transport);
}

function parseClaimed(bytes: Uint8Array): PublicKey {
  try {
    return parsePublicKey(bytes);
  } catch {
    throw invalidAnswer("a nodeKey that is no key");
  }
}

function unproven(transport: Transport, cause?: unknown): FleetError {
  const text = `the node at ${transport.authority} did not prove that it knows the token; check the address: the token was not sent`;
  return new FleetError("NODE_UNPROVEN", text, {}, { cause });
}
