/** The addresses a token may be used from: IPv4 and IPv6 addresses and CIDR blocks. */

import { BlockList } from "node:net";
import ipaddr from "ipaddr.js";
import { invalid } from "../wire/parse.ts";

export class AddressList {
  /** The entries in one spelling each, as they are stored. */
  readonly entries: readonly string[];
  /** One list a family: BlockList takes an IPv4 address for its mapped form, and so for part of `::/0`. */
  readonly #blocks = { ipv4: new BlockList(), ipv6: new BlockList() };

  private constructor(entries: readonly string[]) {
    this.entries = entries.map((entry) => {
      const [address, bits] = parseBlock(entry);
      this.#blocks[address.kind()].addSubnet(address.toString(), bits, address.kind());
      return `${address.toString()}/${bits}`;
    });
  }

  /** Returns the list; an empty one allows every address. Throws INVALID_REQUEST for host names, short or octal forms. */
  static parse(entries: readonly string[]): AddressList {
    return new AddressList(entries);
  }

  /** Returns whether `address` (without zone, IPv4 unmapped) may use the token. */
  allows(address: string): boolean {
    if (this.entries.length === 0) return true;
    const kind = ipaddr.IPv4.isValidFourPartDecimal(address) ? "ipv4" : "ipv6";
    return address !== "" && this.#blocks[kind].check(address, kind);
  }
}

/** Returns network address and prefix length, host bits cleared and IPv4-mapped blocks unmapped. */
function parseBlock(entry: string): readonly [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const [text = "", bits, extra] = entry.split("/");
  const known =
    ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(":") && !text.includes("%") && ipaddr.IPv6.isValid(text));
  const length = bits === undefined ? undefined : /^(0|[1-9][0-9]{0,2})$/.test(bits) ? Number(bits) : Number.NaN;
  if (!known || extra !== undefined || Number.isNaN(length)) throw invalidBlock();
  const address = ipaddr.parse(text);
  const width = address.kind() === "ipv4" ? 32 : 128;
  const prefix = length ?? width;
  if (prefix > width) throw invalidBlock();
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) {
    if (prefix < 96) throw invalidBlock();
    return [network(address.toIPv4Address(), prefix - 96), prefix - 96];
  }
  return [network(address, prefix), prefix];
}

function network(address: ipaddr.IPv4 | ipaddr.IPv6, prefix: number): ipaddr.IPv4 | ipaddr.IPv6 {
  const bytes = address.toByteArray().map((byte, i) => byte & (0xff << Math.max(0, Math.min(8, 8 - (prefix - 8 * i)))) & 0xff);
  return ipaddr.fromByteArray(bytes);
}

function invalidBlock(): Error {
  return invalid("allowedIps", "IP addresses or CIDR blocks, such as 192.168.1.0/24 or fd00::/8, without zone or host name");
}
