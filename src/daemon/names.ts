/** The names and addresses this node answers to, asked of the machine each time they are needed. */

import { isIPv4 } from "node:net";
import { hostname } from "node:os";
import { hostNameOf } from "../discovery/names.ts";
import type { NodeId } from "../foundation/ids.ts";
import { lanAddresses } from "../host/addresses.ts";
import type { CertificateNames } from "../identity/certificate-names.ts";
import { sniNameOf, UNKNOWN_NODE_NAME } from "../identity/sni.ts";

/** Returns what the TLS leaf is to cover now. */
export function certificateNames(nodeId: NodeId, configured: readonly string[]): CertificateNames {
  return {
    names: [hostNameOf(nodeId), ...machineNames()],
    addresses: lanAddresses().map(({ address }) => address),
    configured,
  };
}

/** Returns the host names a request may be addressed to, besides IP literals and `localhost`; lower case. */
export function ownHostNames(nodeId: NodeId, configured: readonly string[]): ReadonlySet<string> {
  const names = [hostNameOf(nodeId), sniNameOf(nodeId), UNKNOWN_NODE_NAME, ...machineNames(), ...configured];
  return new Set(names.map((name) => name.toLowerCase()));
}

/** Returns the test whether the node answers at an address of this machine. */
export function isListenedOn(listen: readonly string[]): (address: string) => boolean {
  const families = new Set(listen.flatMap((address) => WILDCARDS[address] ?? []));
  return (address) => families.has(isIPv4(address) ? 4 : 6) || listen.includes(address);
}

/** Wildcards and the family each opens; `::` is dual-stack. */
const WILDCARDS: Readonly<Record<string, readonly number[]>> = { "::": [4, 6], "0.0.0.0": [4] };

/**
 * Returns the addresses to give to people and put into links: of what is listened on, what others on the LAN can dial,
 * else this machine's own.
 */
export function reachableAddresses(listen: readonly string[]): readonly string[] {
  const isListened = isListenedOn(listen);
  const all = lanAddresses().filter(({ address }) => isListened(address));
  const lan = all.filter(({ loopback }) => !loopback);
  return (lan.length > 0 ? lan : all).map(({ address }) => address);
}

function machineNames(): readonly string[] {
  const name = hostname().toLowerCase();
  if (!/^[a-z0-9.-]+$/.test(name)) return [];
  return name.includes(".") ? [name] : [name, `${name}.local`];
}
