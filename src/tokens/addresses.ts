/** The addresses a token may be used from: IPv4 and IPv6 addresses and CIDR blocks. */

import { BlockList } from "node:net";
import ipaddr from "ipaddr.js";
import { invalid } from "../wire/parse.ts";

/** A network address and its prefix length. */
type Block = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** One list a family: BlockList takes an IPv4 address for its mapped form, and so for part of `::/0`. */
type Blocks = Readonly<Record<"ipv4" | "ipv6", BlockList>>;

export class AddressList {
  static readonly #any = new AddressList([]);

  /** The entries in one spelling each, as they are stored. */
  readonly entries: readonly string[];
  readonly #parsed: readonly Block[];
  /** Made at the first question: most tokens of a start are not asked about at once. */
  #blocks: Blocks | undefined;

  private constructor(parsed: readonly Block[]) {
    this.#parsed = parsed;
    this.entries = parsed.map(([address, bits]) => `${address.toString()}/${bits}`);
  }

  /** Returns the list; an empty one allows every address. Throws INVALID_REQUEST for host names, short or octal forms. */
  static parse(entries: readonly string[]): AddressList {
    return entries.length === 0 ? AddressList.#any : new AddressList(entries.map(parseBlock));
  }

  /** Returns whether `address` (without zone, IPv4 unmapped) may use the token. */
  allows(address: string): boolean {
    if (this.entries.length === 0) return true;
    const kind = ipaddr.IPv4.isValidFourPartDecimal(address) ? "ipv4" : "ipv6";
    this.#blocks ??= blocksOf(this.#parsed);
    return address !== "" && this.#blocks[kind].check(address, kind);
  }
}

function blocksOf(parsed: readonly Block[]): Blocks {
  const blocks = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const [address, bits] of parsed) blocks[address.kind()].addSubnet(address.toString(), bits, address.kind());
  return blocks;
}

/** Returns network address and prefix length, host bits cleared and IPv4-mapped blocks unmapped. */
function parseBlock(entry: string): Block {
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
