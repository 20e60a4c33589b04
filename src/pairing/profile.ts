/**
 * What turns SPAKE2+ into pairing (docs/protocol/03-pairing.md): labels, scalars from a secret, the context that binds
 * keys, names, role and channel, and the messages the two keys sign. Pure; the asking and the answering side both rest on it.
 */

import { hkdfSha256, hkdfSha512 } from "../crypto/hash.ts";
import type { PublicKey } from "../crypto/p256.ts";
import { reduceScalar, registrationRecord, type SecretPoints, sharedKeys } from "../crypto/spake2plus.ts";
import { hkdfSha512Async } from "../crypto/web-crypto.ts";
import { lp, utf8 } from "../foundation/bytes.ts";
import type { Channel, PeerKind, Role, Way } from "../foundation/vocabulary.ts";
import { nodeIdOf } from "../identity/node-id.ts";

const LABEL = "cider-fleet-pair-v1";
const SUITE = "P256-SHA256-HKDF-SHA256-HMAC-SHA256";

/** Bytes of each half of HKDF's output before it is reduced: 8 more than n, so that the bias vanishes. */
const HALF = 40;

/** What the client computes from the secret. */
export interface ProverScalars {
  readonly w0: Uint8Array;
  readonly w1: Uint8Array;
}

/** What the node keeps of a secret while a window is open. */
export interface VerifierRecord {
  readonly w0: Uint8Array;
  readonly L: Uint8Array;
}

/** Everything the two sides must agree on besides the secret; a difference in any part makes the confirmation fail. */
export interface Terms {
  /** `maxVersion` of the client, then of the node. */
  readonly versions: readonly [number, number];
  readonly sid: Uint8Array;
  readonly clientKey: PublicKey;
  readonly nodeKey: PublicKey;
  readonly name: string;
  readonly kind: PeerKind;
  readonly way: Way;
  readonly channel: Channel;
  readonly nodeName: string;
  readonly role: Role;
}

/** What is left of an exchange once its arithmetic is done. */
export interface Agreement {
  readonly confirmP: Uint8Array;
  readonly confirmV: Uint8Array;
  /** What both proofs sign: 32 bytes only the two sides know. */
  readonly bind: Uint8Array;
}

/** Resolves to w0 and w1 of six digits or of a link's secret, both as text. */
export async function proverScalars(secret: string): Promise<ProverScalars> {
  return scalarsOf(await hkdfSha512Async(...derivation(secret)));
}

/** Returns w0 and L of the secret, at once: a window opens within one tick. */
export function verifierRecord(secret: string): VerifierRecord {
  const { w0, w1 } = scalarsOf(hkdfSha512(...derivation(secret)));
  return { w0, L: registrationRecord(w1) };
}

/** What HKDF-SHA-512 is given: the secret, a salt, what for, and how many bytes are wanted. */
function derivation(secret: string): [Uint8Array, Uint8Array, Uint8Array, number] {
  return [utf8(secret), utf8(LABEL), utf8("w0w1"), 2 * HALF];
}

function scalarsOf(derived: Uint8Array): ProverScalars {
  return { w0: reduceScalar(derived.subarray(0, HALF)), w1: reduceScalar(derived.subarray(HALF)) };
}

/** Returns the transcript's Context. */
export function encodeContext(terms: Terms): Uint8Array {
  const { sid, clientKey, nodeKey, name, kind, way, channel, nodeName, role } = terms;
  return lp(LABEL, SUITE, Uint8Array.from(terms.versions), sid, clientKey, nodeKey, name, kind, way, channel, nodeName, role);
}

/** Returns both confirmations and what the proofs bind, from the terms, the shares and the secret points. */
export function agree(terms: Terms, shareP: Uint8Array, shareV: Uint8Array, points: SecretPoints, w0: Uint8Array): Agreement {
  const keys = sharedKeys({
    context: encodeContext(terms),
    idProver: nodeIdOf(terms.clientKey),
    idVerifier: nodeIdOf(terms.nodeKey),
    shareP,
    shareV,
    ...points,
    w0,
  });
  const bind = hkdfSha256(keys.shared, new Uint8Array(), utf8(`${LABEL} proof`), 32);
  return { confirmP: keys.confirmP, confirmV: keys.confirmV, bind };
}

/** Returns what the client's key signs. */
export function clientProofMessage(bind: Uint8Array): Uint8Array {
  return lp(`${LABEL} client`, bind);
}

/** Returns what the node's key signs. */
export function nodeProofMessage(bind: Uint8Array): Uint8Array {
  return lp(`${LABEL} node`, bind);
}
