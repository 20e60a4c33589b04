/**
 * Idempotency keys: the field `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header, as a structured string or bare,
 * which is how most clients send it), and the member `idempotencyKey` of RPC bodies and WebSocket params.
 */

import { FleetError } from "../foundation/errors.ts";
import type { JsonObject } from "../wire/parse.ts";

/** A key: visible ASCII without quotes and backslashes, which a structured string would escape. */
export const KEY = /^[!#-[\]-~]{1,255}$/;

/** Returns the key of a request, undefined without one; throws INVALID_REQUEST for a malformed one and for two that differ. */
export function idempotencyKey(field: string | undefined, member: unknown): string | undefined {
  const inField = field === undefined ? undefined : requireKey(field.replace(/^"(.*)"$/, "$1"));
  const inBody = member === undefined ? undefined : requireKey(member);
  if (inField !== undefined && inBody !== undefined && inField !== inBody) {
    throw new FleetError("INVALID_REQUEST", "Idempotency-Key and idempotencyKey differ", { field: "idempotencyKey" });
  }
  return inField ?? inBody;
}

/** Returns the params without the key. */
export function withoutKey({ idempotencyKey: _, ...rest }: JsonObject): JsonObject {
  return rest;
}

function requireKey(key: unknown): string {
  if (typeof key === "string" && KEY.test(key)) return key;
  throw new FleetError("INVALID_REQUEST", "an idempotency key is 1 to 255 visible ASCII characters without quotes", {
    field: "idempotencyKey",
  });
}
