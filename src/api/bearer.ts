/** The bearer token of an Authorization field (RFC 6750 §2.1). */

import { FleetError } from "../foundation/errors.ts";

const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

/** Returns the token's text; anything else in the field is TOKEN_INVALID. */
export function bearerToken(authorization: string): string {
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw new FleetError("TOKEN_INVALID", "Authorization must be Bearer and a token");
  return token;
}
