/** Makes a token: the text, told once, and the change that records everything but the text. */

import { hashOfToken } from "../crypto/token-hash.node.ts";
import type { Clock } from "../foundation/clock.ts";
import { uuidv7 } from "../foundation/ids.ts";
import type { Random } from "../foundation/random.ts";
import type { Permission } from "../foundation/vocabulary.ts";
import { makeTokenText } from "../wire/token.ts";
import { AddressList } from "./addresses.ts";
import type { TokenIssued } from "./changes.ts";

/** Characters of the text that lists show: `csk_` and eight more, of which none is part of the checksum. */
const PREFIX_LENGTH = 12;

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
  /** The token this one takes the place of. */
  readonly rotatedFrom?: string;
}

/** Returns the text and the change; nothing is stored until the change is committed. */
export function issueToken(
  order: IssueOrder,
  clock: Clock,
  random: Random,
): { readonly text: string; readonly change: TokenIssued } {
  const text = makeTokenText(random);
  const change: TokenIssued = {
    type: "token.issued",
    id: uuidv7(clock, random),
    hash: hashOfToken(text),
    tokenPrefix: text.slice(0, PREFIX_LENGTH),
    ...order,
    allowedIps: AddressList.parse(order.allowedIps).entries,
  };
  return { text, change };
}
