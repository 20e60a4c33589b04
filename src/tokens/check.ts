/**
 * Decides whether a known token may be used at all. The order is the security: found by the hash of its text → revoked →
 * expired → address; policy asks for the scope after that. A malformed text has a hash that no token has, so it gets the same
 * answer as an unknown one, and only the holder of the text learns that a token was revoked or has expired.
 */

import { sayDuration } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";
import { allowsFrom, endOf, statusOf, type Token } from "./token.ts";

/**
 * Throws TOKEN_REVOKED, TOKEN_EXPIRED or TOKEN_ADDRESS_REFUSED unless the token may be used now and from there.
 * @param now milliseconds since the epoch, never running backwards
 * @param address without zone, IPv4 unmapped; empty for the Unix socket, from where any token is good
 */
export function checkToken(token: Token, now: number, address: string): void {
  switch (statusOf(token, now)) {
    case "revoked":
      throw new FleetError("TOKEN_REVOKED", `token ${JSON.stringify(token.name)} was revoked`);
    case "expired":
      throw new FleetError("TOKEN_EXPIRED", sayExpired(token, now));
    case "active":
      if (address !== "" && !allowsFrom(token, address)) throw new FleetError("TOKEN_ADDRESS_REFUSED");
  }
}

function sayExpired(token: Token, now: number): string {
  const end = endOf(token) ?? now;
  const ago = `${sayDuration(now - end)} ago`;
  const name = JSON.stringify(token.name);
  return token.graceUntil === end
    ? `token ${name} was rotated and its grace ended ${ago}; use its successor`
    : `token ${name} expired ${ago}`;
}
