/**
 * Signed requests on the node (RFC 9421, RFC 9530): who signed this, and was it meant for us, now, once.
 *
 * The order is the security: parse → policy (cover, time, audience) → key → verify → digest → replay. A nonce is
 * remembered only after signature and digest were right, so nobody without a key can fill the memory or burn a nonce.
 * The caller reads trust again afterwards: the peer may have been removed while the signature was verified.
 */

import { hash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { SIGNATURE_LENGTH } from "../crypto/p256.ts";
import { type VerifyingKey, verifySignature } from "../crypto/signing.node.ts";
import { type Clock, forwardOnly } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { type ContentDigest, parseContentDigest } from "../wire/content-digest.ts";
import {
  malformed,
  parseSignature,
  parseSignatureInput,
  SIGNATURE_TAG,
  type SignatureInput,
  signatureBase,
  splitTarget,
} from "../wire/signature-fields.ts";
import { RawFields } from "./fields.ts";
import { earliestCreated, lastSecond, requireCover, requireTime, secondsEarly } from "./policy.ts";
import { ReplayMemory } from "./replay.node.ts";

const TAG_PARAMETER = `tag="${SIGNATURE_TAG}"`;
const DIGEST_NAMES = { "sha-256": "sha256", "sha-512": "sha512" } as const;

/** What is signed of a request; `IncomingMessage` has these as `method`, `url` and `rawHeaders`. */
export interface SignedMessage {
  readonly method: string;
  /** Origin form, as it stood in the request line. */
  readonly target: string;
  readonly rawHeaders: readonly string[];
}

/** A signature that names a known key and is well formed, meant for this node and fresh, but not verified yet. */
export interface Claim {
  readonly signer: NodeId;
  readonly key: VerifyingKey;
  readonly input: SignatureInput;
  readonly base: string;
  readonly signature: Uint8Array;
  /** Covered digests of the body; undefined when the signature covers none. */
  readonly digests: readonly ContentDigest[] | undefined;
  /** A Content-Type that was sent but not covered, which no request with a body may have. */
  readonly looseType: boolean;
}

interface VerifierParts {
  readonly clock: Clock;
  /** This node: the audience. */
  readonly nodeId: NodeId;
  keyOf(id: NodeId): VerifyingKey | undefined;
  /** Start of this process in milliseconds since the epoch; the clock's present by default. */
  readonly startedAt?: number;
  readonly memory?: ReplayMemory;
  /** Resolves after so many milliseconds; a timer by default. */
  readonly wait?: (time: number) => Promise<unknown>;
}

/** Returns whether a Signature-Input may carry our tag; without it there is nothing to parse. */
export function hasOurSignature(rawHeaders: readonly string[]): boolean {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    if (name.length === 15 && name.toLowerCase() === "signature-input" && (rawHeaders[i + 1] ?? "").includes(TAG_PARAMETER))
      return true;
  }
  return false;
}

/** Verifies signed requests, each once. */
export class SignatureVerifier {
  readonly #clock: Clock;
  readonly #nodeId: NodeId;
  readonly #keyOf: (id: NodeId) => VerifyingKey | undefined;
  readonly #memory: ReplayMemory;
  readonly #wait: (time: number) => Promise<unknown>;
  /** First `created` this process accepts, Unix seconds. */
  readonly earliest: number;

  constructor(parts: VerifierParts) {
    this.#clock = forwardOnly(parts.clock);
    this.#nodeId = parts.nodeId;
    this.#keyOf = (id) => parts.keyOf(id);
    this.#memory = parts.memory ?? new ReplayMemory();
    this.#wait = parts.wait ?? ((time) => pause(time, undefined, { ref: false }));
    this.earliest = earliestCreated(parts.startedAt ?? this.#clock.now());
  }

  /**
   * Returns what the request claims, or undefined when no signature carries our tag. Throws SIGNATURE_MALFORMED,
   * DIGEST_UNSUPPORTED, CLOCK_SKEW, SIGNATURE_EXPIRED, WRONG_NODE or PEER_UNKNOWN.
   */
  claim(message: SignedMessage): Claim | undefined {
    if (!hasOurSignature(message.rawHeaders)) return undefined;
    const fields = new RawFields(message.rawHeaders);
    const input = parseSignatureInput(fields.get("signature-input") ?? "");
    if (input === undefined) return undefined;
    const signature = decodeSignature(parseSignature(fields.get("signature") ?? "", input.label));
    const digests = input.components.includes("content-digest") ? parseContentDigest(fields.single("content-digest")) : undefined;
    requireCover(input.components);
    requireTime(input, this.#seconds(), this.earliest);
    if (fields.single("cider-node") !== this.#nodeId) throw new FleetError("WRONG_NODE");
    const base = signatureBase(input.components, componentsOf(message, fields), input.text);
    const key = this.#keyOf(input.keyid);
    if (key === undefined) throw new FleetError("PEER_UNKNOWN");
    const looseType = fields.get("content-type") !== undefined && !input.components.includes("content-type");
    return { signer: input.keyid, key, input, base, signature, digests, looseType };
  }

  /**
   * Resolves to the signer once the signature, the body and the nonce are right. Throws SIGNATURE_MALFORMED when a body
   * is not covered, SIGNATURE_INVALID, DIGEST_MISMATCH, SIGNATURE_EXPIRED when body or queue took too long,
   * SIGNATURE_REPLAYED or REPLAY_MEMORY_FULL.
   */
  async confirm(claim: Claim, body: Uint8Array): Promise<NodeId> {
    if (body.length > 0) requireBodyCover(claim);
    const valid = await verifySignature(claim.key, Buffer.from(claim.base, "latin1"), claim.signature);
    if (!valid) throw new FleetError("SIGNATURE_INVALID");
    for (const digest of claim.digests ?? []) requireDigest(digest, body);
    await this.#untilDue(claim.input.created);
    const now = this.#seconds();
    // The claim was in time, but the nonce of an earlier copy may have been forgotten since: test again in this tick.
    requireTime(claim.input, now, this.earliest);
    this.#memory.remember(claim.signer, claim.input.nonce, lastSecond(claim.input.expires), now);
    return claim.signer;
  }

  /**
   * Waits while `created` is further ahead than clocks may differ. Only `earliest` can be, within a second of our start.
   * A process that starts again in that second has the same `earliest`, and would accept the same signature once more.
   */
  async #untilDue(created: number): Promise<void> {
    const early = secondsEarly(created, this.#seconds());
    if (early > 0) await this.#wait(Math.ceil(early * 1000));
  }

  /** Unix seconds with fraction; never runs backwards. */
  #seconds(): number {
    return this.#clock.now() / 1000;
  }
}

/** Returns the values of covered components; throws SIGNATURE_MALFORMED for a field that was not sent. */
function componentsOf(message: SignedMessage, fields: RawFields): (component: string) => string {
  const { path, query } = splitTarget(message.target);
  return (component) => {
    if (component === "@method") return message.method;
    if (component === "@authority") return fields.single("host").toLowerCase();
    if (component === "@path") return path;
    if (component === "@query") return query;
    const value = fields.get(component);
    if (value === undefined) throw malformed("the signature covers a field that was not sent");
    return value;
  };
}

function decodeSignature(text: string): Uint8Array {
  const signature = Buffer.from(text, "base64");
  if (signature.length !== SIGNATURE_LENGTH) throw malformed("a signature is r||s, 64 bytes (IEEE P1363); DER is not taken");
  return signature;
}

function requireBodyCover(claim: Claim): void {
  if (claim.digests === undefined) throw malformed("the signature of a request with a body must cover content-digest");
  if (claim.looseType) throw malformed("the signature of a request with a body must cover content-type");
}

/** Throws DIGEST_MISMATCH. Plain comparison: a digest is no secret. */
function requireDigest(digest: ContentDigest, body: Uint8Array): void {
  const expected = hash(DIGEST_NAMES[digest.algorithm], body, "buffer");
  if (!expected.equals(Buffer.from(digest.text, "base64"))) throw new FleetError("DIGEST_MISMATCH");
}
