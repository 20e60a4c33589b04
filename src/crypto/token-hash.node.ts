/** The hash at rest by node:crypto, for the path that every bearer request takes; equals `storageHash`. */

import { hash } from "node:crypto";

/** Returns SHA-256 of the token's text as 64 hex characters. */
export function hashOfToken(token: string): string {
  return hash("sha256", token, "hex");
}
