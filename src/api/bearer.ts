/** The bearer token of an Authorization field (RFC 6750 §2.1). */

import { FleetError } from "../foundation/errors.ts";

/** Returns what stands behind the scheme, not looked at yet; without it, or under another scheme, TOKEN_INVALID. */
export function bearerToken(authorization: string): string {
  const space = authorization.indexOf(" ");
  const token = authorization.slice(space).trim();
  if (space < 0 || token === "" || authorization.slice(0, space).toLowerCase() !== "bearer")
    throw new FleetError("TOKEN_INVALID", "Authorization must be Bearer and a token");
  return token;
}
