/** A token as operations answer it: its record, its status now, and what is known of its use. */

import type { OperationOutput } from "../catalogue/operations.ts";
import { timestamp } from "../foundation/clock.ts";
import type { Token } from "../tokens/token.ts";
import { statusOf } from "../tokens/token.ts";
import type { Parts } from "./parts.ts";

/** A token's record as it is answered. */
export type TokenView = OperationOutput<"GetAPIToken">;

/** Returns the function that shows a token. */
export function tokenView({ activity, clock }: Pick<Parts, "activity" | "clock">): (token: Token) => TokenView {
  return (token) => {
    const { id, name, tokenPrefix, permissions, scopes, owner, createdAt, createdBy, expiresAt, allowed } = token;
    const { graceUntil, requestsPerMinute, rotatedFrom, rotatedTo } = token;
    const usage = activity.usageOf(token.label);
    return {
      id,
      name,
      tokenPrefix,
      permissions,
      scopes: [...scopes],
      owner,
      status: statusOf(token, clock.now()),
      createdAt,
      createdBy,
      expiresAt: expiresAt === null ? null : timestamp(expiresAt),
      lastUsedAt: usage?.lastUsedAt ?? null,
      lastUsedFrom: usage?.lastUsedFrom ?? null,
      useCount: usage?.count ?? 0,
      allowedIps: [...allowed.entries],
      requestsPerMinute,
      rotatedFrom,
      rotatedTo,
      graceUntil: graceUntil === undefined ? undefined : timestamp(graceUntil),
    };
  };
}
