/**
 * Decides whether a client assertion proves a peer (RFC 7523 §3, `private_key_jwt`): time → audience → key → signature →
 * replay. The audience is this node as the client reached it, so that one node cannot pass on what it was sent.
 */

import { type VerifyingKey, verifySignature } from "../crypto/signing.node.ts";
import { type Clock, forwardOnly } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { type Assertion, parseAssertion } from "../wire/assertion.ts";
import { CLOCK_TOLERANCE, earliestCreated, lastSecond } from "./policy.ts";
import { ReplayMemory } from "./replay.node.ts";

/** Longest `exp` − `iat`, in seconds. */
export const MAX_ASSERTION_LIFETIME = 300;

/** Assertions remembered; a client needs one for each bearer, which lasts for minutes. */
const CAPACITY = 2 ** 15;

/** Who this is, and whose keys are trusted. */
export interface AssertionParts {
  readonly clock: Clock;
  readonly nodeId: NodeId;
  readonly keyOf: (id: NodeId) => VerifyingKey | undefined;
  /** Milliseconds since the epoch; now unless told otherwise. */
  readonly startedAt?: number;
}

/** Verifies assertions, each once. */
export class AssertionVerifier {
  readonly #clock: Clock;
  readonly #nodeId: NodeId;
  readonly #keyOf: (id: NodeId) => VerifyingKey | undefined;
  readonly #memory = new ReplayMemory(CAPACITY);
  /** First `iat` this process takes: one before it may have been used with the process before. */
  readonly #earliest: number;

  constructor(parts: AssertionParts) {
    this.#clock = forwardOnly(parts.clock);
    this.#nodeId = parts.nodeId;
    this.#keyOf = (id) => parts.keyOf(id);
    this.#earliest = earliestCreated(parts.startedAt ?? this.#clock.now());
  }

  /**
   * Resolves to the peer that signed. `here` are this node's names for the client: issuer and token endpoint; the node id
   * is always one. Throws SIGNATURE_MALFORMED, CLOCK_SKEW, SIGNATURE_EXPIRED, WRONG_NODE, PEER_UNKNOWN, SIGNATURE_INVALID,
   * SIGNATURE_REPLAYED or REPLAY_MEMORY_FULL.
   */
  async verify(text: string, here: readonly string[]): Promise<NodeId> {
    const assertion = parseAssertion(text);
    this.#requireTime(assertion);
    if (!assertion.audiences.some((audience) => audience === this.#nodeId || here.includes(audience)))
      throw new FleetError("WRONG_NODE", "the client assertion was made for another audience");
    const key = this.#keyOf(assertion.signer);
    if (key === undefined) throw new FleetError("PEER_UNKNOWN");
    if (!(await verifySignature(key, assertion.message, assertion.signature))) throw new FleetError("SIGNATURE_INVALID");
    const now = this.#requireTime(assertion);
    this.#memory.remember(assertion.signer, assertion.id, lastSecond(assertion.expires), now);
    return assertion.signer;
  }

  /** Returns the time it was tested at, in Unix seconds. */
  #requireTime({ expires, issued, notBefore }: Assertion): number {
    const now = this.#clock.now() / 1000;
    const details = { serverTime: Math.floor(now), earliest: this.#earliest };
    if (issued < this.#earliest) throw new FleetError("CLOCK_SKEW", undefined, { ...details, ...this.#wait(now) });
    if (Math.max(issued, notBefore) > now + CLOCK_TOLERANCE) throw new FleetError("CLOCK_SKEW", undefined, details);
    if (expires <= issued || expires > issued + MAX_ASSERTION_LIFETIME) {
      const message = `exp must be 1 to ${MAX_ASSERTION_LIFETIME} seconds after iat`;
      throw new FleetError("SIGNATURE_EXPIRED", message, details);
    }
    if (now > lastSecond(expires)) throw new FleetError("SIGNATURE_EXPIRED", undefined, details);
    return now;
  }

  /** Just after a start even an honest clock is too early, for seconds. */
  #wait(now: number): { readonly retryAfter?: number } {
    return now < this.#earliest ? { retryAfter: Math.ceil(this.#earliest - now) } : {};
  }
}
