/**
 * What a certificate authority somebody hands us may speak for, read out of its DER (RFC 5280 §4.2.1.10, §4.2.1.12).
 *
 * Whoever puts an authority into a trust store is then open to every name it may speak for, so nothing is guessed: what is
 * not written as nodes write it (X.690 §10, no part twice, nothing unknown in the constraints) is refused.
 */

import ipaddr from "ipaddr.js";
import { toHex } from "../foundation/bytes.ts";
import { type Constraints, isDnsName, maskOf } from "./general-names.ts";

const BOOLEAN = 0x01;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const SEQUENCE = 0x30;
const EXTENSIONS = 0xa3;
const PERMITTED = 0xa0;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/** 2.5.29.30 and 2.5.29.37 */
const NAME_CONSTRAINTS = "551d1e";
const EXTENDED_KEY_USAGE = "551d25";

/** `serverAuth` and nothing else. */
const SERVERS_ONLY = "300a06082b06010505070301";

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

interface Extension {
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

/** Returns the only names and addresses that servers below this authority may have; throws SyntaxError when those are not all it may sign. */
export function readConstraints(certificate: Uint8Array): Constraints {
  const extensions = extensionsOf(certificate);
  const usage = extensions.get(EXTENDED_KEY_USAGE);
  if (usage === undefined || toHex(usage.value) !== SERVERS_ONLY) throw new SyntaxError("it may sign for more than servers");
  const constraints = extensions.get(NAME_CONSTRAINTS);
  if (constraints?.isCritical !== true) throw new SyntaxError("it may sign for every name");
  const [permitted, ...rest] = inside(constraints.value, SEQUENCE);
  if (permitted?.tag !== PERMITTED || rest.length > 0) throw unknown();
  const entries = read(permitted.content).map(generalNameOf);
  const names = entries.filter(({ tag }) => tag === DNS_NAME).map(nameOf);
  const ranges = entries.filter(({ tag }) => tag === IP_ADDRESS).map(rangeOf);
  // A kind that is not constrained at all may be signed for at will.
  if (names.length === 0 || ranges.length === 0) throw new SyntaxError("it may sign for every name, or for every address");
  return { names, ranges };
}

function extensionsOf(certificate: Uint8Array): ReadonlyMap<string, Extension> {
  const [signed] = inside(certificate, SEQUENCE);
  if (signed?.tag !== SEQUENCE) throw unknown();
  const [holder, ...others] = read(signed.content).filter(({ tag }) => tag === EXTENSIONS);
  const found = new Map<string, Extension>();
  if (holder === undefined || others.length > 0) return found;
  for (const { tag, content } of inside(holder.content, SEQUENCE)) {
    const [id, ...rest] = tag === SEQUENCE ? read(content) : [];
    const value = rest.at(-1);
    if (id?.tag !== OBJECT_IDENTIFIER || value?.tag !== OCTET_STRING || found.has(toHex(id.content))) throw unknown();
    const isCritical = rest.length === 2 && rest[0]?.tag === BOOLEAN && rest[0].content[0] === 0xff;
    found.set(toHex(id.content), { isCritical, value: value.content });
  }
  return found;
}

/** A subtree without the minimum and maximum that nobody uses. */
function generalNameOf({ tag, content }: Element): Element {
  const [name, ...rest] = tag === SEQUENCE ? read(content) : [];
  if (name === undefined || rest.length > 0 || (name.tag !== DNS_NAME && name.tag !== IP_ADDRESS)) throw unknown();
  return name;
}

function nameOf({ content }: Element): string {
  const name = String.fromCharCode(...content.subarray(0, 254));
  if (!isDnsName(name)) throw unknown();
  return name;
}

/** Returns `10.0.0.0/8` for a base and a mask of the same length. */
function rangeOf({ content }: Element): string {
  const length = content.length / 2;
  if (length !== 4 && length !== 16) throw unknown();
  const mask = toHex(content.subarray(length));
  const bits = Array.from({ length: 8 * length + 1 }, (_, count) => count).find((count) => toHex(maskOf(length, count)) === mask);
  if (bits === undefined) throw unknown();
  return `${ipaddr.fromByteArray([...content.subarray(0, length)]).toString()}/${bits}`;
}

/** Returns what is inside the one element that `bytes` are. */
function inside(bytes: Uint8Array, tag: number): readonly Element[] {
  const [element, ...rest] = read(bytes);
  if (element?.tag !== tag || rest.length > 0) throw unknown();
  return read(element.content);
}

/** Returns the elements one after the other: tags of one byte, lengths in their shortest form. */
function read(bytes: Uint8Array): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag = 0, first = 0] = bytes.subarray(at);
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + lengthBytes;
    const length = lengthBytes === 0 ? first : bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
    const isShortest = lengthBytes === 0 || (lengthBytes <= 3 && length >= (lengthBytes === 1 ? 0x80 : 256 ** (lengthBytes - 1)));
    const isPlain = (tag & 0x1f) !== 0x1f && first !== 0x80;
    if (!isPlain || !isShortest || start + length > bytes.length) throw unknown();
    elements.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

function unknown(): SyntaxError {
  return new SyntaxError("it is not written as nodes write theirs");
}
