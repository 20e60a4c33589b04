/**
 * Names and addresses inside certificates: subject alternative names and name constraints (RFC 5280 §4.2.1.6, §4.2.1.10).
 *
 * Written out as DER here because the X.509 library has no class for name constraints, and because equal bytes answer
 * "does this certificate say what it should?" without loading that library.
 */

import ipaddr from "ipaddr.js";
import { concat } from "../foundation/bytes.ts";

const SEQUENCE = 0x30;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
const PERMITTED = 0xa0;

/** LDH labels, lower case, at most 253 characters; no wildcard, no trailing dot. */
const DNS = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** Addresses as a range: base and mask in one, 8 bytes for IPv4 and 32 for IPv6. */
interface Range {
  readonly base: Uint8Array;
  readonly bits: number;
}

/** What a certificate authority may speak for. */
export interface Constraints {
  /** DNS names; each stands for itself and everything below it. */
  readonly names: readonly string[];
  /** Ranges as `10.0.0.0/8` or `fc00::/7`. */
  readonly ranges: readonly string[];
}

/** Returns whether `text` is a DNS name that may stand in a certificate; an address is none. */
export function isDnsName(text: string): boolean {
  return DNS.test(text) && addressBytes(text) === undefined && !/^[0-9.]+$/.test(text);
}

/** Returns the 4 or 16 bytes of an address, or undefined when `text` is none. An IPv4-mapped address is its IPv4 address. */
export function addressBytes(text: string): Uint8Array | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return undefined;
  return Uint8Array.from(ipaddr.process(text).toByteArray());
}

/** Returns the value of a subject alternative name extension; entries are addresses or DNS names. */
export function subjectAlternativeNames(entries: readonly string[]): Uint8Array {
  return der(SEQUENCE, ...entries.map((entry) => generalName(entry, addressBytes(entry))));
}

/** Returns the value of a name constraints extension that permits these names and ranges, and of their kinds nothing else. */
export function nameConstraints({ names, ranges }: Constraints): Uint8Array {
  const dns = names.map((name) => der(SEQUENCE, generalName(name, undefined)));
  const ip = ranges.map((range) => der(SEQUENCE, der(IP_ADDRESS, withMask(parseRange(range)))));
  return der(SEQUENCE, der(PERMITTED, ...dns, ...ip));
}

/** Returns whether a verifier would accept `entry` in a leaf below an authority with these constraints. */
export function isPermitted(entry: string, { names, ranges }: Constraints): boolean {
  const address = addressBytes(entry);
  if (address !== undefined) return ranges.some((range) => contains(parseRange(range), address));
  return isDnsName(entry) && names.some((name) => entry === name || entry.endsWith(`.${name}`));
}

function generalName(entry: string, address: Uint8Array | undefined): Uint8Array {
  return address === undefined ? der(DNS_NAME, new TextEncoder().encode(entry)) : der(IP_ADDRESS, address);
}

function parseRange(text: string): Range {
  const [address = "", bits = ""] = text.split("/");
  const base = addressBytes(address);
  if (base === undefined) throw new SyntaxError(`not an address range: ${text}`);
  return { base, bits: bits === "" ? 8 * base.length : Number(bits) };
}

function contains({ base, bits }: Range, address: Uint8Array): boolean {
  if (base.length !== address.length) return false;
  const mask = maskOf(base.length, bits);
  return base.every((byte, i) => ((byte ^ (address[i] ?? 0)) & (mask[i] ?? 0)) === 0);
}

function withMask({ base, bits }: Range): Uint8Array {
  return concat(base, maskOf(base.length, bits));
}

/** Returns a mask of `length` bytes whose first `bits` are set. */
export function maskOf(length: number, bits: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 0xff & ~(0xff >> Math.max(0, Math.min(8, bits - 8 * i))));
}

/** Returns tag, definite length in its shortest form (X.690 §10.1), content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(...parts);
  return concat(Uint8Array.of(tag, ...lengthOf(content.length)), content);
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}
