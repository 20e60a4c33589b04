/** Host and port as people give them, as sockets take them, and as the Host field names them. */

import { FleetError } from "../foundation/errors.ts";
import { DEFAULT_PORT, isHost } from "../wire/links.ts";

export { DEFAULT_PORT };

/** Port that the Host field leaves out (RFC 9110 §4.2.2). */
const HTTPS_PORT = 443;

/** Where a node is. */
export interface Address {
  /** Name or address; IPv6 without brackets, with its zone where it has one. */
  readonly host: string;
  readonly port: number;
}

/** Returns the address; throws INVALID_OPTIONS for a URL, a host with a port in it, or a port out of range. */
export function parseAddress(host: string, port: number = DEFAULT_PORT): Address {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (!isHost(withoutZone(bare))) {
    throw new FleetError("INVALID_OPTIONS", "host must be a name or an IP address, without scheme, port or path");
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new FleetError("INVALID_OPTIONS", "port must be a whole number from 1 to 65535");
  }
  return { host: bare, port };
}

/** Returns what stands in the Host field and is signed: lower case, IPv6 in brackets and without zone. */
export function authorityOf({ host, port }: Address): string {
  const bare = withoutZone(host).toLowerCase();
  const name = bare.includes(":") ? `[${bare}]` : bare;
  return port === HTTPS_PORT ? name : `${name}:${port}`;
}

function withoutZone(host: string): string {
  return host.includes(":") ? host.replace(/%[A-Za-z0-9_.-]+$/, "") : host;
}
