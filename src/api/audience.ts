/**
 * This node's names for one client: what it asked under, as issuer (RFC 8414 §2) and as audience of what it signs
 * (RFC 7523 §3). An address counts as audience only if the connection really ended there: otherwise another node could
 * pass on an assertion that was made for itself.
 */

import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Source } from "../foundation/source.ts";
import type { Fields } from "./fields.ts";
import type { OwnNames } from "./host.ts";

/** Returns scheme and authority as the client wrote them; the Host field has been checked. */
export function issuerOf({ host = "" }: Fields, { via }: Source): string {
  return `${via === "tls" ? "https" : "http"}://${host}`;
}

/** Returns what an assertion may name as its audience besides the node id: the issuer, with and without a path of ours. */
export function audiencesOf(request: IncomingMessage, fields: Fields, source: Source, own: OwnNames): readonly string[] {
  const issuer = issuerOf(fields, source);
  // A port out of range, or a zone: a Host that may stand there names no audience.
  if (!URL.canParse(issuer)) return [];
  const { hostname } = new URL(issuer);
  if (!isHere(hostname.replace(/^\[(.*)\]$/, "$1"), request.socket.localAddress ?? "", source, own)) return [];
  return [issuer, `${issuer}/`, `${issuer}${request.url ?? ""}`];
}

function isHere(name: string, localAddress: string, { via }: Source, own: OwnNames): boolean {
  if (via === "socket") return true;
  const address = localAddress.replace(/^::ffff:(?=\d)/i, "");
  if (isIP(name) !== 0) return name === address;
  return name === "localhost" ? address === "::1" || address.startsWith("127.") : own.hostNames().has(name.toLowerCase());
}
