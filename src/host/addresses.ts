/** This machine's addresses, and the one spelling in which addresses are compared, counted and shown. */

import { isIP } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import ipaddr from "ipaddr.js";

/** An address at which this machine can be reached. */
export interface LanAddress {
  /** Plain form: no zone, IPv6 as in RFC 5952. */
  readonly address: string;
  readonly family: 4 | 6;
  /** Name of the interface: `en0`, `eth0`. */
  readonly interface: string;
  /** Address and prefix length: `192.168.1.20/24`. */
  readonly cidr: string;
  readonly loopback: boolean;
}

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * Returns every address of this machine, loopback included and marked, IPv4 first, in the system's order.
 * IPv6 link-local addresses are left out: without a zone, which differs on every host, nobody can dial them.
 */
export function lanAddresses(interfaces: Interfaces = networkInterfaces()): readonly LanAddress[] {
  const all = Object.entries(interfaces).flatMap(([name, infos]) => (infos ?? []).map((info) => lanAddress(name, info)));
  const dialable = all.filter(({ address }) => !isLinkLocal(address));
  return dialable.sort((a, b) => a.family - b.family);
}

function lanAddress(name: string, info: NetworkInterfaceInfo): LanAddress {
  const address = plainAddress(info.address);
  const family = isIP(address) === 6 ? 6 : 4;
  const prefix = info.cidr?.split("/")[1] ?? (family === 6 ? "128" : "32");
  return { address, family, interface: name, cidr: `${address}/${prefix}`, loopback: info.internal };
}

function isLinkLocal(address: string): boolean {
  return isIP(address) === 6 && ipaddr.parse(address).range() === "linkLocal";
}

/**
 * Returns the address without zone and without IPv4 mapping (`::ffff:192.0.2.1` is `192.0.2.1`), IPv6 as in RFC 5952.
 * Text that is no strict address (leading zeros, short forms, names) comes back unchanged.
 */
export function plainAddress(address: string): string {
  const bare = address.split("%", 1)[0] ?? "";
  if (isIP(bare) === 4) return bare;
  if (isIP(bare) !== 6) return address;
  const parsed = ipaddr.IPv6.parse(bare);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String();
}

/**
 * Returns what limits count by: an IPv4 address itself; of an IPv6 address the /64 (`2001:db8:0:1::/64`), because one
 * host commands all of it. Other text counts as itself.
 */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const high = ipaddr.IPv6.parse(plain).parts.slice(0, 4);
  return `${new ipaddr.IPv6([...high, 0, 0, 0, 0]).toRFC5952String()}/64`;
}

/** Returns whether the address is this machine's own: 127.0.0.0/8, `::1`, or either one mapped. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return isIP(plain) !== 0 && ipaddr.parse(plain).range() === "loopback";
}
