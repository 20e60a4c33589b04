/** Makes a token: the text, told once, and the change that records everything but the text. */

import { hashOfToken } from "../crypto/token-hash.node.ts";
import type { Clock } from "../foundation/clock.ts";
import { uuidv7 } from "../foundation/ids.ts";
import type { Random } from "../foundation/random.ts";
import type { Permission } from "../foundation/vocabulary.ts";
import { makeTokenText, SHOWN_CHARACTERS, TOKEN_PREFIX } from "../wire/token.ts";
import { AddressList } from "./addresses.ts";
import type { TokenIssued } from "./changes.ts";

/** What the new token is to be. */
export interface IssueOrder {
  readonly name: string;
  readonly permissions: Permission;
  /** Not empty; checked against what the issuer holds before it comes here. */
  readonly scopes: readonly string[];
  readonly owner: string;
  readonly createdBy: string;
  /** RFC 3339 UTC, or null for never. */
  readonly expiresAt: string | null;
  readonly allowedIps: readonly string[];
  /** Null, or left out, for no limit. */
  readonly requestsPerMinute?: number | null;
  /** The token this one takes the place of. */
  readonly rotatedFrom?: string;
}

/** What is shown of a token whose text this node has never seen. */
const UNSEEN_PREFIX = TOKEN_PREFIX;

/** Returns the text and the change; nothing is stored until the change is committed. */
export function issueToken(
  order: IssueOrder,
  clock: Clock,
  random: Random,
): { readonly text: string; readonly change: TokenIssued } {
  const text = makeTokenText(random);
  return { text, change: issued(order, hashOfToken(text), text.slice(0, SHOWN_CHARACTERS), clock, random) };
}

/** Returns the change for a text that was made elsewhere. @param hash SHA-256 of the text, 64 hex characters */
export function registerToken(order: IssueOrder, hash: string, clock: Clock, random: Random): TokenIssued {
  return issued(order, hash, UNSEEN_PREFIX, clock, random);
}

function issued(order: IssueOrder, hash: string, tokenPrefix: string, clock: Clock, random: Random): TokenIssued {
  const change: TokenIssued = {
    type: "token.issued",
    id: uuidv7(clock, random),
    hash,
    tokenPrefix,
    name: order.name,
    permissions: order.permissions,
    scopes: order.scopes,
    owner: order.owner,
    createdBy: order.createdBy,
    expiresAt: order.expiresAt,
    allowedIps: AddressList.parse(order.allowedIps).entries,
    requestsPerMinute: order.requestsPerMinute ?? null,
  };
  return order.rotatedFrom === undefined ? change : { ...change, rotatedFrom: order.rotatedFrom };
}
