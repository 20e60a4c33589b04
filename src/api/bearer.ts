/** The bearer token of an Authorization field (RFC 6750 §2.1). */

import { FleetError } from "../foundation/errors.ts";

const SCHEME = "bearer ";

/** Returns what stands behind the scheme, not looked at yet; without it, or under another scheme, TOKEN_INVALID. */
export function bearerToken(authorization: string): string {
  let start = SCHEME.length;
  while (authorization[start] === " ") start++;
  if (start >= authorization.length || authorization.slice(0, SCHEME.length).toLowerCase() !== SCHEME)
    throw new FleetError("TOKEN_INVALID", "Authorization must be Bearer and a token");
  return authorization.slice(start);
}
