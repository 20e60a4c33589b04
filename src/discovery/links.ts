/** The links on which a node is announced and looked for: interfaces of this machine, with their addresses there. */

import { BlockList, isIP, isIPv4 } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { plainAddress } from "../host/addresses.ts";

/** One interface with an address. */
export interface Link {
  /** `en0`, `eth0`. */
  readonly name: string;
  /** What tells this link from one that takes its place: name, hardware, the address packets leave from. */
  readonly key: string;
  /** Its first IPv4 address; undefined where there is only IPv6. */
  readonly ipv4: string | undefined;
  /** All its addresses that are announced: IPv4, then IPv6, link-local last; without zones. */
  readonly addresses: readonly string[];
  /** Its networks, as `192.168.1.20/24`. */
  readonly networks: readonly string[];
}

/** Which interfaces to use, by name; `*` stands for any characters. */
export interface InterfaceRules {
  /** When not empty: these alone, even those left out by default. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/**
 * Left out unless allowed by name: containers, bridges of virtual machines, tunnels, and Apple's own peer-to-peer links
 * (AirDrop, iPhone mirroring). `br0` stays: it is how a host of virtual machines is wired to its LAN.
 */
const LEFT_OUT = [
  ..."docker* br-* podman* cni* flannel* cali* veth* lxcbr* lxdbr* virbr* vnet* vmnet* vboxnet* bridge*".split(" "),
  ..."tun* tap* utun* wg* tailscale* zt* ipsec* ppp* gif* stf*".split(" "),
  ..."awdl* llw* ap0 ap1 ap2 anpi*".split(" "),
];

/** A tunnel has no hardware address. */
const NO_HARDWARE = "00:00:00:00:00:00";

/** Bounds what is announced: machines with more links than this are routers or hosts of containers. */
const MAX_LINKS = 16;
const MAX_ADDRESSES = 12;

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * Returns the links to use now. `listened` tells whether the node answers at an address, so that nothing is announced
 * where nobody listens; a browser passes a function that says yes.
 */
export function usableLinks(
  rules: InterfaceRules,
  listened: (address: string) => boolean = () => true,
  interfaces: Interfaces = networkInterfaces(),
): readonly Link[] {
  const links = Object.entries(interfaces).flatMap(([name, infos = []]) => {
    if (!isPermitted(name, rules, infos)) return [];
    const link = linkOf(
      name,
      infos.filter((info) => !info.internal && listened(plainAddress(info.address))),
    );
    return link === undefined ? [] : [link];
  });
  return links.slice(0, MAX_LINKS);
}

function isPermitted(name: string, { allow, deny }: InterfaceRules, infos: readonly NetworkInterfaceInfo[]): boolean {
  if (matches(name, deny)) return false;
  if (allow.length > 0) return matches(name, allow);
  return !matches(name, LEFT_OUT) && infos.every(({ mac }) => mac !== NO_HARDWARE);
}

function matches(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const source = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
    return new RegExp(`^${source}$`, "i").test(name);
  });
}

function linkOf(name: string, infos: readonly NetworkInterfaceInfo[]): Link | undefined {
  const [first] = infos;
  if (first === undefined) return undefined;
  const addresses = [...new Set(infos.map(({ address }) => plainAddress(address)))].sort((a, b) => rank(a) - rank(b));
  const ipv4 = addresses.find((address) => isIPv4(address));
  const scope = infos.find(({ scopeid }) => (scopeid ?? 0) !== 0)?.scopeid ?? 0;
  return {
    name,
    key: [name, first.mac, scope, ipv4 ?? "ipv6"].join(" "),
    ipv4,
    addresses: addresses.slice(0, MAX_ADDRESSES),
    networks: infos.map(({ address, cidr }) => `${plainAddress(address)}/${prefixOf(cidr) ?? (isIPv4(address) ? "32" : "128")}`),
  };
}

/** Returns the prefix length, or undefined where the system gave no valid mask. */
function prefixOf(cidr: string | null): string | undefined {
  return cidr?.split("/")[1];
}

/** Returns the place in the order of addresses: IPv4 first, which most can dial, and link-local last, which needs a zone. */
function rank(address: string): number {
  if (isIPv4(address)) return 0;
  return isLinkLocal(address) ? 2 : 1;
}

/** Returns whether the address is an IPv6 one that means nothing without a zone (fe80::/10). */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address) && address.includes(":");
}

/** Returns the test whether a packet came from a host of this link: RFC 6762 §11 has others ignored. */
export function onLink({ name, networks }: Link): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix = ""] = network.split("/");
    list.addSubnet(address, Number(prefix), isIPv4(address) ? "ipv4" : "ipv6");
  }
  return (address) => {
    const [bare = "", zone] = address.split("%");
    if (isIP(bare) === 0) return false;
    if (zone !== undefined && zone !== name) return false;
    return list.check(bare, isIPv4(bare) ? "ipv4" : "ipv6");
  };
}
