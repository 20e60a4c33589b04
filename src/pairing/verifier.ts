/**
 * The node's arithmetic in one exchange: the verifier of SPAKE2+ (RFC 9383 §3.3), bound to both keys and to all that was
 * said. Decides nothing: whether an exchange may begin is settled before any of this is computed.
 */

import type { PublicKey } from "../crypto/p256.ts";
import { randomScalar } from "../crypto/p256-group.ts";
import type { SecretKey } from "../crypto/secret-key.ts";
import { verifierPoints, verifierShare } from "../crypto/spake2plus.ts";
import type { Random } from "../foundation/random.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import { type BeginRequest, type FinishAnswer, PAIRING_VERSION } from "../wire/pairing.ts";
import { invalid } from "../wire/parse.ts";
import type { Registration } from "./changes.ts";
import { type Exchange, wipe } from "./exchanges.ts";
import { type Agreement, agree, nodeProofMessage, type Terms, type VerifierRecord } from "./profile.ts";

/** What the node says in an exchange beside the secret's record. */
export interface Saying {
  readonly sid: Uint8Array;
  readonly nodeKey: PublicKey;
  readonly nodeName: string;
  /** The peer the exchange would make, with the role it is granted. */
  readonly peer: Registration;
}

/** Returns the node's share and what both sides agree on. Throws INVALID_REQUEST for a share that cancels out. */
export function answerShare(
  message: BeginRequest,
  { w0, L }: VerifierRecord,
  saying: Saying,
  random: Random,
): { readonly share: Uint8Array; readonly agreement: Agreement } {
  const y = randomScalar(random);
  const share = verifierShare(w0, y);
  try {
    const points = verifierPoints(w0, L, y, message.share);
    return { share, agreement: agree(termsOf(message, saying), message.share, share, points, w0) };
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid("share", "a share that does not cancel out");
    throw error;
  } finally {
    y.fill(0);
  }
}

/** Returns the answer to a `finish` that proved itself: the node's own proof. What the exchange knew is wiped. */
export function proveNode({ agreement, nodeName, peer }: Exchange, key: SecretKey): FinishAnswer {
  const proof = key.sign(nodeProofMessage(agreement.bind));
  wipe(agreement);
  return { nodeId: peer.nodeId, role: peer.role, responderNodeId: nodeIdOf(key.publicKey), responderName: nodeName, proof };
}

function termsOf({ channel, kind, maxVersion, name, way }: BeginRequest, { nodeKey, nodeName, peer, sid }: Saying): Terms {
  const versions = [maxVersion, PAIRING_VERSION] as const;
  return { versions, sid, clientKey: peer.key, nodeKey, name, kind, way, channel, nodeName, role: peer.role };
}
