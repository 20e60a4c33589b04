/** Tokens as kept state: records by id, by hash and by look-up, built from `token.*` changes and from nothing else. */

import { tokenLookup } from "../crypto/token-secret.ts";
import { fromHex, toHex } from "../foundation/bytes.ts";
import { fromTimestamp } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Permission } from "../foundation/vocabulary.ts";
import type { Fold } from "../ledger/fold.ts";
import type { Change, Line } from "../ledger/line.ts";
import { parseObject, parseString } from "../wire/parse.ts";
import { AddressList } from "./addresses.ts";
import { parseTokenChange, type TokenIssued } from "./changes.ts";

export interface Token {
  readonly id: string;
  /** `token:<id>`, as actors and sessions name it; kept, because every request asks for it. */
  readonly label: string;
  /** SHA-256 of the text, hex. */
  readonly hash: string;
  readonly name: string;
  readonly tokenPrefix: string;
  readonly permissions: Permission;
  readonly scopes: ReadonlySet<string>;
  readonly owner: string;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
  readonly createdBy: string;
  /** Milliseconds since the epoch, or null for never. */
  readonly expiresAt: number | null;
  readonly revoked: boolean;
  readonly allowed: AddressList;
}

export type TokenStatus = "active" | "expired" | "revoked";

/** Returns the token's status at `now` (milliseconds). Revoked is said before expired: it is the stronger word. */
export function statusOf(token: Token, now: number): TokenStatus {
  if (token.revoked) return "revoked";
  return token.expiresAt !== null && token.expiresAt <= now ? "expired" : "active";
}

export class TokenStore implements Fold {
  readonly name = "tokens";
  readonly endings = ["token.revoked", "token.deleted"];
  readonly #byId = new Map<string, Token>();
  readonly #idByHash = new Map<string, string>();
  readonly #idByLookup = new Map<string, string>();

  get(id: string): Token | undefined {
    return this.#byId.get(id);
  }

  /** Returns the token; throws NOT_FOUND. */
  require(id: string): Token {
    const token = this.#byId.get(id);
    if (token === undefined) throw new FleetError("NOT_FOUND", "there is no token with this id");
    return token;
  }

  /** Returns the token whose text has this hash (hex). */
  byHash(hash: string): Token | undefined {
    return this.#byId.get(this.#idByHash.get(hash) ?? "");
  }

  /** Returns the token a stranger asks about by its 16-byte look-up. */
  byLookup(lookup: Uint8Array): Token | undefined {
    return this.#byId.get(this.#idByLookup.get(toHex(lookup)) ?? "");
  }

  /** Returns all tokens, oldest first. */
  list(): readonly Token[] {
    return [...this.#byId.values()];
  }

  /** Returns the tokens that belong to this owner. */
  ownedBy(owner: string): readonly Token[] {
    return this.list().filter((token) => token.owner === owner);
  }

  get size(): number {
    return this.#byId.size;
  }

  apply(change: Change, line: Line): void {
    const parsed = parseTokenChange(change);
    switch (parsed?.type) {
      case "token.issued":
        this.#issue(parsed, line.at, false);
        return;
      case "token.revoked":
        this.#revoke(parsed.id);
        return;
      case "token.deleted":
        this.#delete(parsed.id);
        return;
      case undefined:
    }
  }

  snapshot(): unknown {
    return this.list().map(({ allowed, expiresAt, label: _, scopes, ...rest }) => ({
      ...rest,
      scopes: [...scopes],
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      allowedIps: allowed.entries,
    }));
  }

  restore(snapshot: unknown): void {
    this.#byId.clear();
    this.#idByHash.clear();
    this.#idByLookup.clear();
    if (!Array.isArray(snapshot)) return;
    for (const row of snapshot) {
      const stored = parseObject(row, "token");
      const change = parseTokenChange({ ...stored, type: "token.issued" });
      if (change?.type === "token.issued") this.#issue(change, parseString(stored, "createdAt"), stored["revoked"] === true);
    }
  }

  #issue(change: TokenIssued, createdAt: string, revoked: boolean): void {
    const { type: _, allowedIps, expiresAt, scopes, ...rest } = change;
    const token: Token = {
      ...rest,
      label: `token:${rest.id}`,
      createdAt,
      expiresAt: expiresAt === null ? null : fromTimestamp(expiresAt),
      scopes: new Set(scopes),
      revoked,
      allowed: AddressList.parse(allowedIps),
    };
    this.#byId.set(token.id, token);
    this.#idByHash.set(token.hash, token.id);
    this.#idByLookup.set(lookupOf(token), token.id);
  }

  #revoke(id: string): void {
    const token = this.#byId.get(id);
    if (token !== undefined) this.#byId.set(id, { ...token, revoked: true });
  }

  #delete(id: string): void {
    const token = this.#byId.get(id);
    if (token === undefined) return;
    this.#byId.delete(id);
    this.#idByHash.delete(token.hash);
    this.#idByLookup.delete(lookupOf(token));
  }
}

function lookupOf(token: Token): string {
  return toHex(tokenLookup(fromHex(token.hash)));
}
