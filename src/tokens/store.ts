/** Tokens as kept state: records by id, by hash and by look-up, built from `token.*` changes and from nothing else. */

import { keyOfHash, keyOfToken, lookupOfHash } from "../crypto/token-hash.node.ts";
import { toHex } from "../foundation/bytes.ts";
import { fromTimestamp } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Fold } from "../ledger/fold.ts";
import type { Change, Line } from "../ledger/line.ts";
import { AddressList } from "./addresses.ts";
import { parseTokenChange, type TokenChange, type TokenEdited, type TokenIssued } from "./changes.ts";
import { readToken, writeToken } from "./snapshot.ts";
import { endOf, NOWHERE, reachOf, scopeSet, type Token } from "./token.ts";

/** Networks remembered for each token; the one longest known is forgotten first. */
export const KNOWN_NETWORKS = 64;

/** All tokens. */
export class TokenStore implements Fold {
  readonly name = "tokens";
  readonly endings = ["token.revoked", "token.deleted", "token.expired"];
  readonly #byId = new Map<string, Token>();
  /** By `keyOfHash`. */
  readonly #idByHash = new Map<string, string>();
  /** Made when a look-up is first asked for, so that no start waits for it. */
  #idByLookup: Map<string, string> | undefined;
  #version = 0;

  get(id: string): Token | undefined {
    return this.#byId.get(id);
  }

  /** Returns the token; throws NOT_FOUND. */
  require(id: string): Token {
    const token = this.#byId.get(id);
    if (token === undefined) throw new FleetError("NOT_FOUND", "there is no token with this id");
    return token;
  }

  /** Returns the id of the token with this text. The checksum is not verified: a text that was never issued has a hash no token has. */
  idOf(text: string): string | undefined {
    return this.#idByHash.get(keyOfToken(text));
  }

  /** Returns the token whose text has this hash (hex). */
  byHash(hash: string): Token | undefined {
    return this.#byId.get(this.#idByHash.get(keyOfHash(hash)) ?? "");
  }

  /** Returns the token a stranger asks about by its 16-byte look-up. */
  byLookup(lookup: Uint8Array): Token | undefined {
    this.#idByLookup ??= new Map(this.list().map(({ hash, id }) => [lookupOfHash(hash), id]));
    return this.#byId.get(this.#idByLookup.get(toHex(lookup)) ?? "");
  }

  /** Returns all tokens, oldest first. */
  list(): readonly Token[] {
    return [...this.#byId.values()];
  }

  /** Returns the tokens whose end has come and is not written down yet. */
  due(now: number): readonly Token[] {
    const due: Token[] = [];
    for (const token of this.#byId.values()) {
      const end = endOf(token);
      if (!token.revoked && !token.expired && end !== null && end <= now) due.push(token);
    }
    return due;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** A number that grows with every change, so that what is computed from all tokens can be kept until then. */
  get version(): number {
    return this.#version;
  }

  apply(change: Change, line: Line): void {
    const parsed = parseTokenChange(change);
    if (parsed === undefined) return;
    this.#version++;
    this.#apply(parsed, line.at);
  }

  snapshot(): unknown {
    return this.list().map(writeToken);
  }

  restore(snapshot: unknown): void {
    this.#version++;
    this.#byId.clear();
    this.#idByHash.clear();
    this.#idByLookup = undefined;
    if (!Array.isArray(snapshot)) return;
    for (const row of snapshot) this.#add(readToken(row));
    for (const token of this.#byId.values()) this.#limitPredecessorOf(token);
  }

  #apply(change: TokenChange, at: string): void {
    const { id } = change;
    switch (change.type) {
      case "token.issued":
        this.#add(issued(change, at));
        return;
      case "token.edited":
        this.#update(id, (token) => edited(token, change, at));
        this.#limitPredecessorOf(this.#byId.get(id));
        return;
      case "token.rotated":
        this.#update(id, (token) => ({ ...token, rotatedTo: change.to, graceUntil: fromTimestamp(change.graceUntil) }));
        this.#limitPredecessorOf(this.#byId.get(change.to));
        return;
      case "token.used":
        this.#update(id, (token) => ({
          ...token,
          known: withNetwork(token.known, change.network),
          knownSince: fromTimestamp(at),
        }));
        return;
      case "token.refused":
        this.#update(id, (token) => ({ ...token, refused: withNetwork(token.refused, change.network) }));
        return;
      case "token.expired":
        this.#update(id, (token) => ({ ...token, expired: true }));
        return;
      case "token.revoked":
        this.#update(id, (token) => ({ ...token, revoked: true }));
        return;
      case "token.deleted":
        this.#delete(id);
    }
  }

  #add(token: Token): void {
    this.#byId.set(token.id, token);
    this.#idByHash.set(keyOfHash(token.hash), token.id);
    this.#idByLookup?.set(lookupOfHash(token.hash), token.id);
  }

  #update(id: string, update: (token: Token) => Token): void {
    const token = this.#byId.get(id);
    if (token !== undefined) this.#byId.set(id, update(token));
  }

  /** A token in grace may do no more than its successor, at any time (docs/decisions/0010-grace-follows-the-successor.md). */
  #limitPredecessorOf(token: Token | undefined): void {
    if (token?.rotatedFrom === undefined) return;
    this.#update(token.rotatedFrom, (predecessor) => ({ ...predecessor, successor: reachOf(token) }));
  }

  #delete(id: string): void {
    const token = this.#byId.get(id);
    if (token === undefined) return;
    this.#byId.delete(id);
    this.#idByHash.delete(keyOfHash(token.hash));
    this.#idByLookup?.delete(lookupOfHash(token.hash));
  }
}

function issued(change: TokenIssued, at: string): Token {
  const { expiresAt, id, rotatedFrom } = change;
  const token: Token = {
    id,
    label: `token:${id}`,
    hash: change.hash,
    name: change.name,
    tokenPrefix: change.tokenPrefix,
    permissions: change.permissions,
    scopes: scopeSet(change.scopes),
    owner: change.owner,
    createdAt: at,
    createdBy: change.createdBy,
    expiresAt: expiresAt === null ? null : fromTimestamp(expiresAt),
    expirySetAt: fromTimestamp(at),
    revoked: false,
    expired: false,
    allowed: AddressList.parse(change.allowedIps),
    requestsPerMinute: change.requestsPerMinute,
    known: NOWHERE,
    knownSince: 0,
    refused: NOWHERE,
  };
  return rotatedFrom === undefined ? token : { ...token, rotatedFrom };
}

function edited(token: Token, change: TokenEdited, at: string): Token {
  const { allowedIps, expiresAt, name, permissions, requestsPerMinute, scopes } = change;
  const end = expiresAt === null ? null : fromTimestamp(expiresAt);
  return {
    ...token,
    name,
    permissions,
    scopes: scopeSet(scopes),
    expiresAt: end,
    expirySetAt: end === token.expiresAt ? token.expirySetAt : fromTimestamp(at),
    allowed: AddressList.parse(allowedIps),
    requestsPerMinute,
  };
}

function withNetwork(known: ReadonlySet<string>, network: string): ReadonlySet<string> {
  const rest = [...known].filter((other) => other !== network);
  return new Set([...rest.slice(-(KNOWN_NETWORKS - 1)), network]);
}
