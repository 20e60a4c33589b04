/** This machine's addresses, and the one spelling in which addresses are compared, counted and shown. */

import { BlockList, isIPv4, SocketAddress } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import ipaddr from "ipaddr.js";
import { PRIVATE_RANGES } from "../foundation/private-ranges.ts";

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

/** An IPv4 address inside an IPv6 one, as `canonical` spells it. */
const MAPPED = /^::ffff:([0-9.]+)$/;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet("fe80::", 10, "ipv6");

const PRIVATE = new BlockList();
for (const range of PRIVATE_RANGES) {
  const [network = "", length = ""] = range.split("/");
  PRIVATE.addSubnet(network, Number(length), isIPv4(network) ? "ipv4" : "ipv6");
}

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * Returns every address of this machine, loopback included and marked, IPv4 first, in the system's order.
 * IPv6 link-local addresses are left out: without a zone, which differs on every host, nobody can dial them.
 */
export function lanAddresses(interfaces: Interfaces = networkInterfaces()): readonly LanAddress[] {
  const all = Object.entries(interfaces).flatMap(([name, infos]) => (infos ?? []).map((info) => lanAddress(name, info)));
  const dialable = all.filter(({ address, family }) => family === 4 || !LINK_LOCAL.check(address, "ipv6"));
  return dialable.sort((a, b) => a.family - b.family);
}

function lanAddress(name: string, info: NetworkInterfaceInfo): LanAddress {
  const address = plainAddress(info.address);
  const family = isIPv4(address) ? 4 : 6;
  const prefix = info.cidr?.split("/")[1] ?? (family === 6 ? "128" : "32");
  return { address, family, interface: name, cidr: `${address}/${prefix}`, loopback: info.internal };
}

/**
 * Returns the address without zone and without IPv4 mapping (`::ffff:192.0.2.1` is `192.0.2.1`), IPv6 as in RFC 5952.
 * Text that is no strict address (leading zeros, short forms, names) comes back unchanged.
 */
export function plainAddress(address: string): string {
  const bare = address.split("%", 1)[0] ?? "";
  if (isIPv4(bare)) return bare;
  const canonical = canonicalIPv6(bare);
  return canonical === undefined ? address : (MAPPED.exec(canonical)?.[1] ?? canonical);
}

/** Returns the system's spelling, or undefined for what is no IPv6 address; a regular expression for them takes 2 ms to compile. */
function canonicalIPv6(text: string): string | undefined {
  if (!text.includes(":")) return undefined;
  try {
    return new SocketAddress({ address: text, family: "ipv6" }).address;
  } catch {
    return undefined;
  }
}

/**
 * Returns what limits count by: an IPv4 address itself; of an IPv6 address the /64 (`2001:db8:0:1::/64`), because one
 * host commands all of it. Other text counts as itself.
 */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (canonicalIPv6(plain) === undefined) return plain;
  const high = ipaddr.IPv6.parse(plain).parts.slice(0, 4);
  return `${new ipaddr.IPv6([...high, 0, 0, 0, 0]).toRFC5952String()}/64`;
}

/** Returns whether the address is this machine's own: 127.0.0.0/8, `::1`, or either one mapped. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  if (isIPv4(plain)) return LOOPBACK.check(plain, "ipv4");
  return canonicalIPv6(plain) !== undefined && LOOPBACK.check(plain, "ipv6");
}

/** Returns whether the address is in one of PRIVATE_RANGES. */
export function isPrivate(address: string): boolean {
  const plain = plainAddress(address);
  if (isIPv4(plain)) return PRIVATE.check(plain, "ipv4");
  return canonicalIPv6(plain) !== undefined && PRIVATE.check(plain, "ipv6");
}
