/**
 * Finds out who is asking, in two steps. What was presented becomes a `Credential`, which a connection may keep; a
 * credential becomes an `Actor`, anew for every call and every event, from the stores as they are in that tick.
 */

import { verifySignature } from "../crypto/signing.node.ts";
import { fromBase64url } from "../foundation/bytes.ts";
import type { Clock } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { LOCAL_SOURCE, type Source } from "../foundation/source.ts";
import type { PeerStore } from "../peers/store.ts";
import {
  type Actor,
  bearerActor,
  type Credential,
  credentialLabel,
  localActor,
  nobody,
  peerActor,
  type TextCredential,
  tokenActor,
} from "../policy/actor.ts";
import type { AssertionVerifier } from "../signatures/assertion.node.ts";
import { socketMessage } from "../signatures/socket.ts";
import type { Claim, SignatureVerifier, SignedMessage } from "../signatures/verify.node.ts";
import { type Bearers, checkBearer } from "../tokens/bearers.ts";
import { checkToken } from "../tokens/check.ts";
import type { TokenStore } from "../tokens/store.ts";
import { allowsFrom, endOf, type Token } from "../tokens/token.ts";
import { BEARER_PREFIX } from "../wire/token.ts";

export type { Claim, SignedMessage };

/** The stores and verifiers that are asked. */
export interface CredentialParts {
  /** Never running backwards. */
  readonly clock: Clock;
  readonly nodeId: NodeId;
  readonly peers: PeerStore;
  readonly tokens: TokenStore;
  readonly bearers: Bearers;
  readonly verifier: SignatureVerifier;
  readonly assertions: AssertionVerifier;
}

/** Checks presented credentials, and makes actors of them. */
export class Credentials {
  readonly #parts: CredentialParts;

  constructor(parts: CredentialParts) {
    this.#parts = parts;
  }

  /** Returns the credential of the text of a token or bearer; throws TOKEN_INVALID. */
  bearer(text: string): TextCredential {
    const credential = this.find(text);
    if (credential === undefined) throw new FleetError("TOKEN_INVALID");
    return credential;
  }

  /** Returns the token or bearer with this text, even a revoked or expired one; undefined when there is none. */
  find(text: string): TextCredential | undefined {
    const { bearers, tokens } = this.#parts;
    const kind = text.startsWith(BEARER_PREFIX) ? "bearer" : "token";
    const id = kind === "bearer" ? bearers.find(text)?.id : tokens.idOf(text);
    return id === undefined ? undefined : { kind, id };
  }

  /** Returns the token whose id is the OAuth client's and whose text is its secret; throws TOKEN_INVALID when either is not. */
  client(id: string, secret: string): Credential {
    if (this.#parts.tokens.idOf(secret) !== id)
      throw new FleetError("TOKEN_INVALID", "no token has this client id and this text");
    return { kind: "token", id };
  }

  /** Resolves to the peer that signed a client assertion; `here` are this node's names as its audience. */
  async assertion(text: string, here: readonly string[]): Promise<Credential> {
    return { kind: "peer", id: await this.#parts.assertions.verify(text, here) };
  }

  /** Returns what a signed message claims, or undefined when it carries no signature of our profile. Throws its coded errors. */
  claim(message: SignedMessage): Claim | undefined {
    return this.#parts.verifier.claim(message);
  }

  /** Resolves to the peer whose signature the message carries, once signature, digest and nonce are good. */
  async confirm(claim: Claim, body: Uint8Array): Promise<Credential> {
    return { kind: "peer", id: await this.#parts.verifier.confirm(claim, body) };
  }

  /** Resolves to the peer that signed this socket's nonce; throws PEER_UNKNOWN or SIGNATURE_INVALID. */
  async socketSignature(nonce: Uint8Array, signer: NodeId, signature: string): Promise<Credential> {
    const { nodeId, peers } = this.#parts;
    const peer = peers.get(signer);
    if (peer === undefined) throw new FleetError("PEER_UNKNOWN");
    const valid = await verifySignature(peer.verifyingKey, socketMessage(nonce, nodeId, signer), parseSignature(signature));
    if (!valid) throw new FleetError("SIGNATURE_INVALID");
    return { kind: "peer", id: signer };
  }

  /**
   * Returns the actor as the stores have it now. Throws when the credential is no longer good: TOKEN_INVALID (deleted),
   * TOKEN_REVOKED, TOKEN_EXPIRED, TOKEN_ADDRESS_REFUSED, PEER_UNKNOWN. `now` is for a caller that has just read the clock.
   */
  actorOf(credential: Credential | undefined, source: Source, now: number = this.#parts.clock.now()): Actor {
    const { peers, tokens } = this.#parts;
    if (credential === undefined) return source.via === LOCAL_SOURCE.via ? localActor(source) : nobody(source);
    switch (credential.kind) {
      case "local":
        return localActor(source);
      case "peer": {
        const peer = peers.get(credential.id);
        if (peer === undefined) throw new FleetError("PEER_UNKNOWN");
        return peerActor(peer, source);
      }
      case "token": {
        const token = tokens.get(credential.id);
        if (token === undefined) throw new FleetError("TOKEN_INVALID");
        checkToken(token, now, source.address);
        return tokenActor(token, this.#owner(token.owner), source);
      }
      case "bearer": {
        const bearer = this.#parts.bearers.get(credential.id);
        if (bearer === undefined) throw new FleetError("TOKEN_INVALID");
        const parent = this.actorOf(bearer.parent, source, now);
        checkBearer(bearer, now);
        return bearerActor(bearer, parent);
      }
    }
  }

  /** Returns the token that is used, as it is now: the credential itself, or what a bearer was exchanged for. */
  tokenBehind(credential: Credential | undefined): Token | undefined {
    const used = credential?.kind === "bearer" ? this.#parts.bearers.get(credential.id)?.parent : credential;
    return used?.kind === "token" ? this.#parts.tokens.get(used.id) : undefined;
  }

  /** Returns when the credential with this label ends: milliseconds since the epoch, null for never. */
  deadlineOf(label: string): number | null {
    const [kind, id = ""] = label.split(":");
    if (kind === "token") return this.#endOfToken(id);
    const bearer = kind === "bearer" ? this.#parts.bearers.get(id) : undefined;
    if (bearer === undefined) return null;
    return Math.min(bearer.expiresAt, this.deadlineOf(credentialLabel(bearer.parent)) ?? bearer.expiresAt);
  }

  /** Returns whether the credential with this label may be used from `address`. Empty is the Unix socket, where any may. */
  allows(label: string, address: string): boolean {
    const [kind, id = ""] = label.split(":");
    const bearer = kind === "bearer" ? this.#parts.bearers.get(id) : undefined;
    if (bearer !== undefined) return this.allows(credentialLabel(bearer.parent), address);
    const token = kind === "token" ? this.#parts.tokens.get(id) : undefined;
    return token === undefined || address === "" || allowsFrom(token, address);
  }

  #endOfToken(id: string): number | null {
    const token = this.#parts.tokens.get(id);
    return token === undefined ? null : endOf(token);
  }

  /** Returns the peer that owns a personal token. Removing a peer revokes its tokens; should one be left, this throws TOKEN_REVOKED. */
  #owner(owner: string) {
    if (owner === "fleet") return undefined;
    const peer = this.#parts.peers.get(owner.slice("node:".length) as NodeId);
    if (peer === undefined) throw new FleetError("TOKEN_REVOKED");
    return peer;
  }
}

function parseSignature(text: string): Uint8Array {
  try {
    return fromBase64url(text);
  } catch {
    throw new FleetError("SIGNATURE_MALFORMED", "signature must be 64 bytes (r, s) in base64url without padding");
  }
}
