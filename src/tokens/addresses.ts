/** The addresses a token may be used from: IPv4 and IPv6 addresses and CIDR blocks. */

import { BlockList } from "node:net";
import ipaddr from "ipaddr.js";
import { LRUCache } from "lru-cache";
import { invalid } from "../wire/parse.ts";

/** A network address and its prefix length. */
type Block = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** An IPv4 block as 32-bit numbers. */
interface Block4 {
  readonly network: number;
  readonly mask: number;
}

/**
 * The blocks in the form that every request's address is compared with. IPv4 blocks are numbers for two reasons: BlockList
 * takes 0.8 µs, and it takes an IPv4 address for its mapped form, so that `::/0` would include it.
 */
interface Blocks {
  readonly ipv4: readonly Block4[];
  readonly ipv6: BlockList;
}

/** Parsed lists that are remembered by their text: a fleet's tokens are used from the same few networks. */
const LISTS = 1000;

/** A list of blocks; an empty one allows every address. */
export class AddressList {
  static readonly #any = new AddressList([]);
  static readonly #lists = new LRUCache<string, AddressList>({ max: LISTS });

  /** The entries in one spelling each, as they are stored. */
  readonly entries: readonly string[];
  readonly #parsed: readonly Block[];
  /** Made at the first use, because most tokens that a start reads are not used soon. */
  #blocks: Blocks | undefined;

  private constructor(parsed: readonly Block[]) {
    this.#parsed = parsed;
    this.entries = parsed.map(([address, bits]) => `${address.toString()}/${bits}`);
  }

  /** Returns the list; an empty one allows every address. Throws INVALID_REQUEST for host names, short or octal forms. */
  static parse(entries: readonly string[]): AddressList {
    if (entries.length === 0) return AddressList.#any;
    const text = JSON.stringify(entries);
    const list = AddressList.#lists.get(text) ?? new AddressList(entries.map(parseBlock));
    AddressList.#lists.set(text, list);
    return list;
  }

  /** Returns whether `address`, as the connection has it (without zone, IPv4 unmapped), may use the token. */
  allows(address: string): boolean {
    if (this.entries.length === 0) return true;
    this.#blocks ??= blocksOf(this.#parsed);
    if (address === "") return false;
    if (address.includes(":")) return this.#blocks.ipv6.check(address, "ipv6");
    const bits = bitsOf(address);
    return this.#blocks.ipv4.some(({ network, mask }) => (bits & mask) === network);
  }
}

function blocksOf(parsed: readonly Block[]): Blocks {
  const ipv4: Block4[] = [];
  const ipv6 = new BlockList();
  for (const [address, prefix] of parsed) {
    if (address.kind() === "ipv6") ipv6.addSubnet(address.toString(), prefix, "ipv6");
    else ipv4.push({ network: bitsOf(address.toString()), mask: prefix === 0 ? 0 : -1 << (32 - prefix) });
  }
  return { ipv4, ipv6 };
}

const ZERO = 0x30;

/** Returns the 32 bits of a well-formed IPv4 address, signed as bit operations have them. */
function bitsOf(address: string): number {
  let [bits, part] = [0, 0];
  for (let i = 0; i < address.length; i++) {
    const digit = address.charCodeAt(i) - ZERO;
    if (digit >= 0) part = 10 * part + digit;
    else [bits, part] = [(bits << 8) | part, 0];
  }
  return (bits << 8) | part;
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
