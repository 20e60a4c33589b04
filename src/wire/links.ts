/**
 * The two links people copy (docs/protocol/03-pairing.md, 05-tokens.md), both of scheme `cider-fleet:` and both secrets:
 *
 *     cider-fleet://pair?v=1&h=<host>[&h=…]&p=9473&n=<nodeId>&s=<secret>    pairs once
 *     cider-fleet://<csk_…>@host:9473?n=<nodeId>                            all a script needs
 *
 * Read by hand: URL parsers disagree about schemes they do not know. Errors are LINK_INVALID and never repeat the text.
 */

import { fromBase64url } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import { isNodeId, type NodeId } from "../foundation/ids.ts";
import { isTokenText } from "./token.ts";

/** The port of a node unless it is told otherwise. */
export const DEFAULT_PORT = 9473;

const PAIR = "cider-fleet://pair?";
const LINK_VERSION = "1";
/** Bytes of a link's secret; it is used as its 22 base64url characters. */
const SECRET_BYTES = 16;
/** More addresses than any host announces. */
const MAX_HOSTS = 16;

/** What a pairing link says. */
export interface PairingLink {
  /** Addresses or names to try in order; IPv6 without brackets. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly nodeId: NodeId;
  readonly secret: string;
}

/** What a URL with a token says. */
export interface FleetUrl {
  readonly token: string;
  /** Address or name; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Absent: the node must prove first that it knows the token. */
  readonly nodeId?: NodeId;
}

/** Returns whether `text` can stand as a host: a name, an IPv4 address, or an IPv6 address without brackets and zone. */
export function isHost(text: string): boolean {
  return /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/.test(text) || /^(?=.*:.*:)[0-9A-Fa-f:.]{2,45}$/.test(text);
}

/** Returns whether `text` is the secret of a pairing link: 16 bytes in base64url without padding. */
export function isLinkSecret(text: string): boolean {
  try {
    return fromBase64url(text).length === SECRET_BYTES;
  } catch {
    return false;
  }
}

/** Returns the link as a node prints it and a QR code holds it. */
export function formatPairingLink(link: PairingLink): string {
  const hosts = link.hosts.map((host) => `h=${host}`).join("&");
  return `${PAIR}v=${LINK_VERSION}&${hosts}&p=${link.port}&n=${link.nodeId}&s=${link.secret}`;
}

/** Returns whether `text` means to be a pairing link, so that what is wrong with it can be said. */
export function looksLikePairingLink(text: string): boolean {
  return text.trim().startsWith(PAIR);
}

/** Returns the link's parts; throws LINK_INVALID naming the part that is wrong, never its value. */
export function parsePairingLink(text: string): PairingLink {
  const bare = text.trim();
  if (!bare.startsWith(PAIR)) throw broken(`it does not begin with ${PAIR}`);
  const query = parseQuery(bare.slice(PAIR.length));
  if (single(query, "v") !== LINK_VERSION) throw broken("it is of a version this program does not know");
  const hosts = query.get("h") ?? [];
  if (hosts.length === 0 || hosts.length > MAX_HOSTS || !hosts.every(isHost)) throw broken("h is not a host");
  const secret = single(query, "s");
  if (secret === undefined || !isLinkSecret(secret)) throw broken("its secret is cut or mistyped");
  return { hosts, port: parsePort(single(query, "p")), nodeId: requireNodeId(single(query, "n")), secret };
}

/** Returns the URL for one environment variable or a 0600 file. */
export function formatFleetUrl(url: FleetUrl): string {
  const host = url.host.includes(":") ? `[${url.host}]` : url.host;
  return `cider-fleet://${url.token}@${host}:${url.port}${url.nodeId === undefined ? "" : `?n=${url.nodeId}`}`;
}

/** Returns the URL's parts, the port 9473 when none is given; throws LINK_INVALID naming the part that is wrong, never its value. */
export function parseFleetUrl(text: string): FleetUrl {
  const match = /^cider-fleet:\/\/([^@/?#]*)@(?:\[([^\]@/?#]*)\]|([^:@/?#[\]]*))(?::([^/?#]*))?\/?(?:\?([^#]*))?$/.exec(
    text.trim(),
  );
  if (match === null) throw broken("it is not cider-fleet://<token>@<host>:<port>?n=<node id>");
  const [, token, bracketed, plain, port, query] = match;
  if (!isTokenText(token)) throw broken("its token is cut or mistyped");
  const host = bracketed ?? plain ?? "";
  if (!isHost(host) || (bracketed !== undefined && !bracketed.includes(":"))) throw broken("its host is not a name or address");
  const nodeId = query === undefined ? undefined : single(parseQuery(query), "n");
  return {
    token,
    host,
    port: port === undefined ? DEFAULT_PORT : parsePort(port),
    ...(nodeId === undefined ? {} : { nodeId: requireNodeId(nodeId) }),
  };
}

/** Parameters nobody knows are kept and never asked for, so that later versions may add some. */
function parseQuery(text: string): Map<string, string[]> {
  const query = new Map<string, string[]>();
  for (const pair of text.split("&")) {
    const [name = "", value, ...rest] = pair.split("=");
    if (value === undefined || rest.length > 0) throw broken("its parameters are not name=value");
    query.set(name, [...(query.get(name) ?? []), decode(value)]);
  }
  return query;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw broken("a parameter is not percent-encoded as it should be");
  }
}

function single(query: ReadonlyMap<string, readonly string[]>, name: string): string | undefined {
  const values = query.get(name) ?? [];
  if (values.length > 1) throw broken(`${name} stands in it twice`);
  return values[0];
}

function parsePort(text: string | undefined): number {
  const port = /^[1-9][0-9]{0,4}$/.test(text ?? "") ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw broken("its port is not a number from 1 to 65535");
  return port;
}

function requireNodeId(text: string | undefined): NodeId {
  if (!isNodeId(text)) throw broken("its node id (n) is cut or mistyped");
  return text;
}

function broken(why: string): FleetError {
  return new FleetError("LINK_INVALID", `this is not a link or address that can be used: ${why}`);
}
