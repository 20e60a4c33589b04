/**
 * Bearers: the momentary `cst_` secrets that tokens and peers are exchanged for. They are in memory only, by hash; they
 * never outlive their parent, and when it ends they are forgotten in the same tick.
 */

import { hashOfToken } from "../crypto/token-hash.node.ts";
import { tokenLookup } from "../crypto/token-secret.ts";
import { fromHex, toHex } from "../foundation/bytes.ts";
import type { Clock } from "../foundation/clock.ts";
import { SECOND, sayDuration } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";
import { type NodeId, uuidv7 } from "../foundation/ids.ts";
import type { Random } from "../foundation/random.ts";
import { BEARER_PREFIX, isTokenText, makeTokenText } from "../wire/token.ts";

/** Whom a bearer acts as. */
export type BearerParent = { readonly kind: "peer"; readonly id: NodeId } | { readonly kind: "token"; readonly id: string };

/** A bearer, without its text. */
export interface Bearer {
  /** UUIDv7. */
  readonly id: string;
  readonly hash: string;
  readonly parent: BearerParent;
  /** What it may do of what its parent may; undefined for all of it. */
  readonly scopes: ReadonlySet<string> | undefined;
  /** Milliseconds since the epoch, as is `expiresAt`. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** How many may live at once. */
export interface BearerLimits {
  /** Live bearers of one parent. */
  readonly perParent: number;
  /** Live bearers of all parents. */
  readonly total: number;
}

/** About 600 bytes each: 40 MiB at most. */
const LIMITS: BearerLimits = { perParent: 256, total: 65_536 };

/** What bearers are made with. */
export interface BearerParts {
  /** Never running backwards. */
  readonly clock: Clock;
  readonly random: Random;
  readonly limits?: BearerLimits;
}

/** All live bearers. */
export class Bearers {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #limits: BearerLimits;
  readonly #byId = new Map<string, Bearer>();
  readonly #idByHash = new Map<string, string>();
  readonly #idByLookup = new Map<string, string>();
  /** Oldest first. */
  readonly #idsByParent = new Map<string, Set<string>>();

  constructor(parts: BearerParts) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#limits = parts.limits ?? LIMITS;
  }

  /** Bearers held, those included whose time is over and whom nobody has missed yet. */
  get size(): number {
    return this.#byId.size;
  }

  /** Returns a new bearer and its text. Throws RATE_LIMITED with `retryAfter` when its parent, or all, have as many as may be. */
  issue(
    parent: BearerParent,
    expiresAt: number,
    scopes: ReadonlySet<string> | undefined,
  ): { readonly text: string; readonly bearer: Bearer } {
    const now = this.#clock.now();
    this.#makeRoom(parent, now);
    const text = makeTokenText(this.#random, BEARER_PREFIX);
    const id = uuidv7(this.#clock, this.#random);
    const bearer: Bearer = { id, hash: hashOfToken(text), parent, scopes, issuedAt: now, expiresAt };
    const siblings = this.#idsByParent.get(labelOf(parent)) ?? new Set();
    this.#byId.set(id, bearer);
    this.#idByHash.set(bearer.hash, id);
    this.#idByLookup.set(lookupOf(bearer), id);
    this.#idsByParent.set(labelOf(parent), siblings.add(id));
    return { text, bearer };
  }

  /** Returns the bearer with this id, whether or not its time is over. */
  get(id: string): Bearer | undefined {
    return this.#byId.get(id);
  }

  /** Returns the bearer of this text, whether or not its time is over; undefined when it is malformed, unknown or ended. */
  find(text: string): Bearer | undefined {
    return isTokenText(text, BEARER_PREFIX) ? this.#byId.get(this.#idByHash.get(hashOfToken(text)) ?? "") : undefined;
  }

  /** Returns the bearer a stranger asks about by its 16-byte look-up. */
  byLookup(lookup: Uint8Array): Bearer | undefined {
    return this.#byId.get(this.#idByLookup.get(toHex(lookup)) ?? "");
  }

  /** Forgets one bearer. */
  end(id: string): void {
    const bearer = this.#byId.get(id);
    if (bearer === undefined) return;
    const label = labelOf(bearer.parent);
    const siblings = this.#idsByParent.get(label);
    this.#byId.delete(id);
    this.#idByHash.delete(bearer.hash);
    this.#idByLookup.delete(lookupOf(bearer));
    siblings?.delete(id);
    if (siblings?.size === 0) this.#idsByParent.delete(label);
  }

  /** Forgets all bearers of a parent that ends. Returns their ids, for whoever ends their connections. */
  endOf(kind: BearerParent["kind"], id: string): readonly string[] {
    const ids = [...(this.#idsByParent.get(`${kind}:${id}`) ?? [])];
    for (const child of ids) this.end(child);
    return ids;
  }

  /** A live bearer is never dropped for another: whoever asks for too many waits, and nobody else does. */
  #makeRoom(parent: BearerParent, now: number): void {
    const siblings = this.#idsByParent.get(labelOf(parent));
    if (siblings !== undefined && siblings.size >= this.#limits.perParent) {
      this.#sweep(siblings, now);
      if (siblings.size >= this.#limits.perParent) throw this.#full(siblings, now);
    }
    if (this.#byId.size < this.#limits.total) return;
    this.#sweep(this.#byId.keys(), now);
    if (this.#byId.size >= this.#limits.total) throw this.#full(this.#byId.keys(), now);
  }

  #sweep(ids: Iterable<string>, now: number): void {
    for (const id of [...ids]) if ((this.#byId.get(id)?.expiresAt ?? now) <= now) this.end(id);
  }

  #full(ids: Iterable<string>, now: number): FleetError {
    let first = Number.POSITIVE_INFINITY;
    for (const id of ids) first = Math.min(first, this.#byId.get(id)?.expiresAt ?? first);
    const retryAfter = Math.max(1, Math.ceil((first - now) / SECOND));
    return new FleetError("RATE_LIMITED", "too many bearers are live; use one until it ends", { retryAfter });
  }
}

/** Throws TOKEN_EXPIRED when the bearer's time is over. */
export function checkBearer({ expiresAt }: Bearer, now: number): void {
  if (expiresAt > now) return;
  throw new FleetError("TOKEN_EXPIRED", `this bearer expired ${sayDuration(now - expiresAt)} ago; exchange the token again`);
}

function lookupOf({ hash }: Bearer): string {
  return toHex(tokenLookup(fromHex(hash)));
}

function labelOf({ kind, id }: BearerParent): string {
  return `${kind}:${id}`;
}
