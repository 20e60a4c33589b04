/**
 * This node's names for one client: what it asked under, as issuer (RFC 8414 §2) and as audience of what it signs
 * (RFC 7523 §3). An address counts as audience only if the connection really ended there, port included: otherwise another
 * node, also one on this machine, could pass on an assertion that was made for itself. A name counts wherever it leads,
 * so nodes that share one pass for each other; the node id, which is always an audience, tells them apart.
 */

import type { IncomingMessage } from "node:http";
import { isIP, type Socket } from "node:net";
import type { Source } from "../foundation/source.ts";
import type { Fields } from "./fields.ts";
import type { OwnNames } from "./host.ts";

/** What a URL leaves out. */
const USUAL_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** Returns scheme and authority as the client wrote them; the Host field has been checked. */
export function issuerOf({ host = "" }: Fields, { via }: Source): string {
  return `${via === "tls" ? "https" : "http"}://${host}`;
}

/** Returns what an assertion may name as its audience besides the node id: the issuer, with and without a path of ours. */
export function audiencesOf(request: IncomingMessage, fields: Fields, source: Source, own: OwnNames): readonly string[] {
  const issuer = issuerOf(fields, source);
  // A port out of range, or a zone: a Host that may stand there names no audience.
  if (!URL.canParse(issuer)) return [];
  if (!isHere(new URL(issuer), request.socket, source, own)) return [];
  return [issuer, `${issuer}/`, `${issuer}${request.url ?? ""}`];
}

function isHere({ hostname, port, protocol }: URL, socket: Socket, { via }: Source, own: OwnNames): boolean {
  if (via === "socket") return true;
  const name = hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(name) === 0 && name !== "localhost") return own.hostNames().has(name.toLowerCase());
  if (Number(port || USUAL_PORTS[protocol]) !== socket.localPort) return false;
  const address = (socket.localAddress ?? "").replace(/^::ffff:(?=\d)/i, "");
  return name === "localhost" ? address === "::1" || address.startsWith("127.") : name === address;
}
