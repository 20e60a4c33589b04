/** The signature of `authenticate` on a WebSocket, over the nonce the server greeted with. */

import { SIGNATURE_LENGTH } from "../crypto/p256.ts";
import { lp, toBase64url } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import type { Signer } from "../identity/signer.ts";

const LABEL = "cider-fleet-ws-v1";

/** Bytes of the nonce in the server's greeting. */
export const SOCKET_NONCE_LENGTH = 32;

/** Returns the bytes to sign, for this greeting, node and signer. Throws RangeError for a nonce of another length. */
export function socketMessage(nonce: Uint8Array, nodeId: NodeId, signer: NodeId): Uint8Array {
  if (nonce.length !== SOCKET_NONCE_LENGTH) throw new RangeError(`the nonce of a socket has ${SOCKET_NONCE_LENGTH} bytes`);
  return lp(LABEL, nonce, nodeId, signer);
}

/**
 * Resolves to the params of `authenticate`. `nodeId` is the node as the client stored it, never the one the greeting
 * names. Throws INVALID_OPTIONS when the signer does not return 64 bytes.
 */
export async function signSocket(
  nonce: Uint8Array,
  nodeId: NodeId,
  signer: Signer,
): Promise<{ readonly nodeId: NodeId; readonly signature: string }> {
  const id = nodeIdOf(signer.publicKey);
  const signature = await signer.sign(socketMessage(nonce, nodeId, id));
  if (signature.length !== SIGNATURE_LENGTH) throw new FleetError("INVALID_OPTIONS", "signer must return r||s, 64 bytes");
  return { nodeId: id, signature: toBase64url(signature) };
}
