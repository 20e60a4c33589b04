/**
 * Contact by a token alone (DESIGN §7): before the token is sent, the node proves that it knows it, and that the
 * connection's chain leads to the key it proved it with. A stranger who answers learns a look-up and nothing of the
 * token; a relay has another chain. What was proven is stored, so the proof is asked once per node and token.
 */

import type { PublicKey } from "../crypto/p256.ts";
import { storageHash, tokenLookup, tokenProof } from "../crypto/token-secret.ts";
import { constantTimeEqual, toBase64url, utf8 } from "../foundation/bytes.ts";
import { type ErrorCode, FleetError, isFleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Random } from "../foundation/random.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import { parseBytes } from "../wire/parse.ts";
import { readAnswer } from "./answer.ts";
import { type FindContact, otherNode, requireIdentity } from "./contact.ts";
import { bearerCredential } from "./credential.ts";
import type { Records } from "./records.ts";
import type { Transport } from "./transport.ts";

export interface TokenContactOptions {
  readonly token: string;
  /** The node meant, when the caller was told it with the token; it is then the pin and needs no proof. */
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
  const credential = bearerCredential(options.token);
  return async (transport, signal) => {
    const { responderNodeId } = options;
    if (responderNodeId === undefined) return { node: await proveNode(transport, options, signal), credential };
    if (transport.channel === "pinned") {
      const key = await requireIdentity(transport, signal);
      if (nodeIdOf(key) !== responderNodeId) throw otherNode(transport, key, responderNodeId);
    }
    return { node: responderNodeId, credential };
  };
}

async function proveNode(
  transport: Transport,
  { token, records, random }: TokenContactOptions,
  signal: AbortSignal,
): Promise<NodeId> {
  const hash = storageHash(token);
  const lookup = toBase64url(tokenLookup(hash));
  try {
    const key = await requireIdentity(transport, signal);
    const node = nodeIdOf(key);
    const record = await records.node(node);
    const proven = record?.tokens.includes(lookup) === true && constantTimeEqual(record.publicKey, key);
    if (!proven) await askProof(transport, { key, node, hash, lookup, nonce: random.bytes(NONCE_BYTES) }, signal);
    // Only saves the next run a round trip: a store that cannot be written is no reason to refuse.
    await records.learn(key, { token: lookup, address: transport.authority }).catch(() => undefined);
    return node;
  } catch (error) {
    throw NO_PROOF.some((code) => isFleetError(error, code)) ? unproven(transport, error) : error;
  }
}

interface Question {
  readonly key: PublicKey;
  readonly node: NodeId;
  readonly hash: Uint8Array;
  readonly lookup: string;
  readonly nonce: Uint8Array;
}

/** The request is pinned to the key just seen, so question, proof and token all travel to one key. */
async function askProof(transport: Transport, question: Question, signal: AbortSignal): Promise<void> {
  const { key, node, hash, lookup, nonce } = question;
  const body = utf8(JSON.stringify({ lookup, nonce: toBase64url(nonce) }));
  const headers = { "content-type": "application/json" };
  const answer = readAnswer(await transport.request({ method: "POST", path: PROVE_PATH, headers, body, node, signal }));
  const nodeKey = parseBytes(answer, "nodeKey", key.length);
  const proof = parseBytes(answer, "proof", PROOF_BYTES);
  // The proof is computed with the key of the chain, not the one announced: a relayed proof then fails by itself.
  if (constantTimeEqual(nodeKey, key) && constantTimeEqual(proof, tokenProof(hash, nonce, key))) return;
  throw unproven(transport);
}

function unproven(transport: Transport, cause?: unknown): FleetError {
  const text = `the node at ${transport.authority} did not prove that it knows the token; check the address: the token was not sent`;
  return new FleetError("NODE_UNPROVEN", text, {}, { cause });
}
