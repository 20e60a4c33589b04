/** The node's certificates as they are stored and judged; reading them needs node:crypto only. */

import { createPublicKey, X509Certificate } from "node:crypto";
import { join } from "node:path";
import type { PublicKey } from "../crypto/p256.ts";
import type { SecretKey } from "../crypto/secret-key.ts";
import { fromSpki, toSpki } from "../crypto/spki.ts";
import { FleetError } from "../foundation/errors.ts";
import { readIfPresent } from "../host/files.ts";
import { type Constraints, nameConstraints, subjectAlternativeNames } from "./general-names.ts";
import { fromPkcs8Pem } from "./pkcs8.node.ts";

/** The authority's certificate in the data folder: public, and what people give to curl and browsers. */
export const AUTHORITY_FILE = "ca.pem";

/** The leaf's key and certificate in one file, so that they are replaced together. */
export const LEAF_FILE = "tls.pem";

/** The certificate that the identity key signed for itself. */
export interface Authority {
  readonly pem: string;
  readonly certificate: X509Certificate;
}

/** The certificate that connections show, with its key. */
export interface Leaf extends Authority {
  readonly key: SecretKey;
  readonly keyPem: string;
}

/** What a data folder holds; a missing or unreadable part is undefined and is made anew. */
export interface StoredChain {
  readonly authority: Authority | undefined;
  readonly leaf: Leaf | undefined;
}

/** Returns what `folder` holds. Throws KEY_UNUSABLE when its authority was made by another key than `key`. */
export function readChain(folder: string, key: SecretKey): StoredChain {
  const path = join(folder, AUTHORITY_FILE);
  const authority = parseAuthority(readIfPresent(path)?.toString("utf8") ?? "");
  if (authority !== undefined && !isKeyOf(authority.certificate, key.publicKey)) {
    throw new FleetError(
      "KEY_UNUSABLE",
      `${path} was made by another key than identity.key; restore that key, or remove ca.pem if this key is the right one`,
    );
  }
  return { authority, leaf: parseLeaf(readIfPresent(join(folder, LEAF_FILE))?.toString("utf8") ?? "") };
}

/** Returns the certificate of PEM text with its parsed form, or undefined when it is not readable. */
export function parseAuthority(pem: string): Authority | undefined {
  try {
    return { pem, certificate: new X509Certificate(pem) };
  } catch {
    return undefined;
  }
}

/** Returns the leaf of a file that holds its key and then its certificate, or undefined when either is not readable. */
export function parseLeaf(text: string): Leaf | undefined {
  const start = text.indexOf("-----BEGIN CERTIFICATE-----");
  const parsed = parseAuthority(text.slice(start));
  if (start < 0 || parsed === undefined) return undefined;
  const keyPem = text.slice(0, start);
  try {
    return { ...parsed, keyPem, key: fromPkcs8Pem(keyPem) };
  } catch {
    return undefined;
  }
}

/** Returns whether the authority's constraints are exactly these and more than a third of its life is left. */
export function authorityFits(authority: Authority, constraints: Constraints, now: number): boolean {
  return authority.certificate.raw.includes(Buffer.from(nameConstraints(constraints))) && isFresh(authority.certificate, now);
}

/** Returns whether the leaf is the authority's, has its own key, speaks for exactly these names, and has more than a third of its life left. */
export function leafFits({ certificate, key }: Leaf, authority: Authority, names: readonly string[], now: number): boolean {
  return (
    certificate.verify(authority.certificate.publicKey) &&
    isKeyOf(certificate, key.publicKey) &&
    certificate.raw.includes(Buffer.from(subjectAlternativeNames(names))) &&
    isFresh(certificate, now)
  );
}

/** Returns the P-256 key inside a certificate; throws SyntaxError for keys of another kind. */
export function keyOf(certificate: X509Certificate): PublicKey {
  return fromSpki(certificate.publicKey.export({ type: "spki", format: "der" }));
}

/** Returns the moments between which a certificate is valid, in milliseconds since the Unix epoch. */
export function validityOf(certificate: X509Certificate): { from: number; to: number } {
  return { from: Date.parse(certificate.validFrom), to: Date.parse(certificate.validTo) };
}

function isKeyOf(certificate: X509Certificate, key: PublicKey): boolean {
  return certificate.publicKey.equals(createPublicKey({ key: Buffer.from(toSpki(key)), format: "der", type: "spki" }));
}

/** A clock before `from` was set back; the certificate would be refused by everyone else's. */
function isFresh(certificate: X509Certificate, now: number): boolean {
  const { from, to } = validityOf(certificate);
  return now >= from && 3 * (to - now) >= to - from;
}
