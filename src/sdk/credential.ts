/**
 * How a client proves who is asking. A credential makes the header fields of one request, and nothing else gets at
 * the secret behind it: printing or serialising a credential shows none.
 */

import { toBase64url } from "../foundation/bytes.ts";
import type { Clock } from "../foundation/clock.ts";
import { isFleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Random } from "../foundation/random.ts";
import type { Signer } from "../identity/signer.ts";
import { type Signable, signRequest } from "../signatures/sign.ts";
import { signSocket } from "../signatures/socket.ts";
import { SHOWN_CHARACTERS } from "../wire/token.ts";

/** Bytes of a nonce; its 22 base64url characters are the least the profile takes. */
const NONCE_BYTES = 16;

/** What proves a client in each message. */
export interface Credential {
  /** What lists show of a token, to tell it from others; undefined where the credential is none. */
  readonly tokenPrefix?: string;
  /** Returns the fields that carry the credential to `node`, in lower case. */
  headers(request: Signable, node: NodeId | undefined): Promise<Readonly<Record<string, string>>>;
  /** Returns the input of `authenticate` on a socket that was greeted with `nonce`, for transports without header fields. */
  greeting(nonce: Uint8Array, node: NodeId | undefined): Promise<Readonly<Record<string, string>>>;
  /** Takes the node's time from a refusal; returns whether the request is worth sending again. */
  learn(error: unknown): boolean;
}

/** Whoever may open the Unix socket needs no credential. */
export const localCredential: Credential = {
  headers: () => Promise.resolve({}),
  greeting: () => Promise.resolve({}),
  learn: () => false,
};

/** Returns the credential of an API token. */
export function bearerCredential(token: string): Credential {
  return {
    tokenPrefix: token.slice(0, SHOWN_CHARACTERS),
    headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
    greeting: () => Promise.resolve({ apiToken: token }),
    learn: () => false,
  };
}

/** Returns the credential of a paired key. It keeps what a node told of its time, so that a wrong clock costs one refusal. */
export function signatureCredential(signer: Signer, clock: Clock, random: Random): Credential {
  let offset = 0;
  let earliest = 0;
  return {
    headers: (request, node) => {
      const created = Math.max(Math.floor(clock.now() / 1000) + offset, earliest);
      return signRequest(request, {
        signer,
        nodeId: requireAudience(node),
        created,
        nonce: toBase64url(random.bytes(NONCE_BYTES)),
      });
    },
    greeting: (nonce, node) => signSocket(nonce, requireAudience(node), signer),
    learn: (error) => {
      if (!isFleetError(error, "CLOCK_SKEW") && !isFleetError(error, "SIGNATURE_EXPIRED")) return false;
      const { serverTime, earliest: told } = error.details;
      if (!isUnixSeconds(serverTime) || !isUnixSeconds(told)) return false;
      offset = serverTime - Math.floor(clock.now() / 1000);
      earliest = told;
      return true;
    },
  };
}

function isUnixSeconds(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** A signature is for one node; a contact that signs always knows which. */
function requireAudience(node: NodeId | undefined): NodeId {
  if (node === undefined) throw new TypeError("a signed request needs the node it is for");
  return node;
}
