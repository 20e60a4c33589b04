/**
 * Signature-Input and Signature (RFC 9421 §4) in the profile `cider-fleet-v1`, and the signature base (§2.5).
 *
 * One member of Signature-Input carries the tag; its label is free and every other member is ignored. Of ours, whatever
 * could be read in two ways is refused: a component or parameter that appears twice, one nobody here knows, a label
 * that is not unique. Parsers throw SIGNATURE_MALFORMED and never repeat a value.
 */

import { FleetError } from "../foundation/errors.ts";
import { isNodeId, type NodeId } from "../foundation/ids.ts";
import { type Item, type Member, type Parameter, parseDictionary } from "./structured-fields.ts";

/** The tag of our one signature. */
export const SIGNATURE_TAG = "cider-fleet-v1";
/** What `alg` says where it stands; the algorithm itself follows from the key. */
export const SIGNATURE_ALGORITHM = "ecdsa-p256-sha256";

/** Components of one signature; a bound on the work a stranger can cause. */
export const MAX_COMPONENTS = 32;

/** Derived components (RFC 9421 §2.2) this profile knows; every other component is a field of the message. */
export const DERIVED = ["@method", "@authority", "@path", "@query"] as const;
/** A derived component. */
export type Derived = (typeof DERIVED)[number];

const NONCE = /^[A-Za-z0-9_-]{22,64}$/;
const FIELD_NAME = /^[a-z0-9!#$%&'*+\-.^_`|~]+$/;
const PARAMETERS: readonly string[] = ["created", "expires", "nonce", "keyid", "alg", "tag"];

/** What a signature says of itself. */
export interface SignatureParameters {
  /** Unix seconds. */
  readonly created: number;
  /** Unix seconds. */
  readonly expires: number;
  readonly nonce: string;
  /** The signer. */
  readonly keyid: NodeId;
}

/** The member of Signature-Input that carries our tag. */
export interface SignatureInput extends SignatureParameters {
  readonly label: string;
  /** Derived components and lower-case field names, in the order signed. */
  readonly components: readonly string[];
  /** The member's value as RFC 9651 serialises it: the last line of the base. */
  readonly text: string;
}

/** Returns SIGNATURE_MALFORMED; `why` names the part, never its value. */
export function malformed(why: string, options?: ErrorOptions): FleetError {
  return new FleetError("SIGNATURE_MALFORMED", why, {}, options);
}

/** Returns whether `nonce` is 22 to 64 characters of A-Za-z0-9_-. */
export function isNonce(nonce: string): boolean {
  return NONCE.test(nonce);
}

/** Returns the members of a signature field; `name` stands in the error. */
export function readSignatureField(field: string, name: string): readonly Member[] {
  try {
    return parseDictionary(field);
  } catch (error) {
    throw malformed(`${name} is not a structured field (RFC 9651)`, { cause: error });
  }
}

/** Returns our member of a Signature-Input field, or undefined when no member carries our tag. */
export function parseSignatureInput(field: string): SignatureInput | undefined {
  const members = readSignatureField(field, "signature-input");
  const ours = members.filter((member) => member.parameters.some(isOurTag));
  const [mine] = ours;
  if (mine === undefined) return undefined;
  if (ours.length > 1) throw malformed(`more than one signature carries the tag ${SIGNATURE_TAG}`);
  if (!("items" in mine)) throw malformed("a signature input is a list of components in parentheses");
  requireUniqueLabel(members, mine.key);
  const components = readComponents(mine.items);
  const { text, ...parameters } = readParameters(mine.parameters);
  return { label: mine.key, components, ...parameters, text: formatComponents(components) + text };
}

/** Returns the base64 text of the signature with this label. */
export function parseSignature(field: string, label: string): string {
  const members = readSignatureField(field, "signature");
  const mine = members.find((member) => member.key === label);
  if (mine === undefined) throw malformed("signature has no member with the label of the signature input");
  requireUniqueLabel(members, label);
  if (!("value" in mine) || typeof mine.value !== "object" || mine.value.type !== "bytes" || mine.parameters.length > 0) {
    throw malformed("a signature is a byte sequence: base64 between colons");
  }
  return mine.value.text;
}

/** Returns the value of a Signature-Input member, which is also the last line of its base. */
export function formatSignatureInput(components: readonly string[], parameters: SignatureParameters): string {
  const { created, expires, nonce, keyid } = parameters;
  return (
    `${formatComponents(components)};created=${created};expires=${expires};nonce="${nonce}"` +
    `;keyid="${keyid}";alg="${SIGNATURE_ALGORITHM}";tag="${SIGNATURE_TAG}"`
  );
}

/** RFC 9421 §2.5: a line for each component in the order of Signature-Input, then its value; no newline at the end. */
export function signatureBase(components: readonly string[], lookUp: (component: string) => string, input: string): string {
  let base = "";
  for (const component of components) base += `"${component}": ${lookUp(component)}\n`;
  return `${base}"@signature-params": ${input}`;
}

/** Returns `@path` and `@query` (RFC 9421 §2.2.6, §2.2.7) of an origin-form target: its bytes, never decoded. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf("?");
  return mark < 0 ? { path: target, query: "?" } : { path: target.slice(0, mark), query: target.slice(mark) };
}

function isOurTag(parameter: Parameter): boolean {
  return parameter.value === SIGNATURE_TAG && parameter.name === "tag";
}

/** RFC 9421 §4.1: labels are unique. RFC 9651 would let the last of two win. */
function requireUniqueLabel(members: readonly Member[], label: string): void {
  let count = 0;
  for (const member of members) if (member.key === label) count++;
  if (count > 1) throw malformed("the signature's label appears twice");
}

function readComponents(items: readonly Item[]): readonly string[] {
  if (items.length > MAX_COMPONENTS) throw malformed(`a signature covers at most ${MAX_COMPONENTS} components`);
  const components: string[] = [];
  for (const { value, parameters } of items) {
    if (typeof value !== "string" || !isComponent(value))
      throw malformed("the signature covers a component this profile does not know");
    if (parameters.length > 0) throw malformed("component parameters are not part of this profile");
    if (components.includes(value)) throw malformed("a component is covered twice");
    components.push(value);
  }
  return components;
}

function isComponent(name: string): boolean {
  return (DERIVED as readonly string[]).includes(name) || FIELD_NAME.test(name);
}

/**
 * Returns the parameters and their text. RFC 9421 §2.3: the base holds the parsed value serialised anew, so spaces and
 * leading zeros of the sender do not count.
 */
function readParameters(parameters: readonly Parameter[]): SignatureParameters & { readonly text: string } {
  const found = new Map<string, string | number>();
  let text = "";
  for (const { name, value } of parameters) {
    if (!PARAMETERS.includes(name)) throw malformed("the signature has a parameter this profile does not know");
    if (found.has(name)) throw malformed(`the parameter ${name} appears twice`);
    if (typeof value === "object") throw malformed(`the parameter ${name} must be a string or a whole number`);
    found.set(name, value);
    // No string that passes below needs an escape.
    text += typeof value === "number" ? `;${name}=${value}` : `;${name}="${value}"`;
  }
  const nonce = found.get("nonce");
  if (typeof nonce !== "string" || !isNonce(nonce)) throw malformed("nonce must be 22 to 64 characters of A-Za-z0-9_-");
  const keyid = found.get("keyid");
  if (!isNodeId(keyid)) throw malformed("keyid must be the signer's node id");
  const algorithm = found.get("alg") ?? SIGNATURE_ALGORITHM;
  if (algorithm !== SIGNATURE_ALGORITHM) throw malformed(`alg must be ${SIGNATURE_ALGORITHM} or absent`);
  return { created: readSeconds(found, "created"), expires: readSeconds(found, "expires"), nonce, keyid, text };
}

function readSeconds(found: ReadonlyMap<string, string | number>, name: string): number {
  const value = found.get(name);
  if (typeof value !== "number") throw malformed(`${name} must be a whole number of Unix seconds`);
  return value;
}

function formatComponents(components: readonly string[]): string {
  return components.length === 0 ? "()" : `("${components.join('" "')}")`;
}
