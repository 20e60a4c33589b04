/**
 * Host and Origin. A page of a stranger's can make a browser send requests here under a name of the stranger's (DNS
 * rebinding); only names that are this node's own are answered, and only its own pages may change anything.
 */

import { isIPv6 } from "node:net";
import { FleetError } from "../foundation/errors.ts";
import type { Fields } from "./fields.ts";

/** The names under which this node answers, and whose pages may use it. */
export interface OwnNames {
  /** Host names besides IP literals and `localhost`, lower case: this machine's, the node's, and configured ones. */
  readonly hostNames: () => ReadonlySet<string>;
  /** Configured origins whose pages may read answers and make changes, as browsers write them: `https://example.net`. */
  readonly origins: ReadonlySet<string>;
}

const HOST = /^(?:\[([0-9A-Fa-f:.]+)(?:%25[A-Za-z0-9._~-]+)?\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?$/;

/** An IPv4 address with or without a port: what most clients on a LAN ask under. */
const IPV4_HOST = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!:|$)|(?=:|$))){4}(?::[0-9]{1,5})?$/;

/** The IPv4 Host accepted last. Most requests repeat it, and matching it again would take 1 % of a small request's time. */
let latest: string | undefined;

/** Throws INVALID_REQUEST without exactly one well-formed Host, WRONG_HOST for a name that is not ours. */
export function requireOwnHost({ host }: Fields, own: OwnNames): void {
  if (host === undefined) throw new FleetError("INVALID_REQUEST", "the Host field is missing", { field: "host" });
  if (host === latest) return;
  if (IPV4_HOST.test(host)) {
    latest = host;
    return;
  }
  const [, v6, name] = HOST.exec(host) ?? [];
  if (v6 !== undefined ? isIPv6(v6) : name !== undefined && isOwnName(name, own)) return;
  if (v6 === undefined && name === undefined)
    throw new FleetError("INVALID_REQUEST", "the Host field is not a host", { field: "host" });
  throw new FleetError("WRONG_HOST");
}

function isOwnName(name: string, own: OwnNames): boolean {
  const lower = name.toLowerCase();
  return lower === "localhost" || own.hostNames().has(lower);
}

/** Throws ORIGIN_REFUSED when a page of another origin sent the request. Programs send no Origin. */
export function requireOwnOrigin({ host, origin }: Fields, own: OwnNames): void {
  if (origin === undefined || own.origins.has(origin)) return;
  if (origin === `https://${host ?? ""}` || origin === `http://${host ?? ""}`) return;
  throw new FleetError("ORIGIN_REFUSED");
}
