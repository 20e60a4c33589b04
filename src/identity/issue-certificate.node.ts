/**
 * Making certificates: the node's authority and the leaf below it (RFC 5280).
 *
 * The one file that imports the X.509 library, which costs 110–150 ms and 16 MB; import this file lazily, and only when
 * a certificate has to be made. Everything else reads certificates with node:crypto.
 */

import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { SecretKey } from "../crypto/secret-key.ts";
import { toSpki } from "../crypto/spki.ts";
import { toHex } from "../foundation/bytes.ts";
import type { Random } from "../foundation/random.ts";
import { type Constraints, nameConstraints, subjectAlternativeNames } from "./general-names.ts";
import { toKeyObject } from "./pkcs8.node.ts";

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
const NAME_CONSTRAINTS = "2.5.29.30";

/** When a certificate is valid, in milliseconds since the Unix epoch; certificates carry whole seconds. */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

interface AuthorityOptions {
  readonly key: SecretKey;
  /** Common name of the subject. */
  readonly name: string;
  readonly constraints: Constraints;
  readonly validity: Validity;
  readonly random: Random;
}

interface LeafOptions {
  readonly authority: { readonly key: SecretKey; readonly certificatePem: string };
  readonly key: SecretKey;
  readonly name: string;
  /** DNS names and addresses, all within the authority's constraints. */
  readonly names: readonly string[];
  readonly validity: Validity;
  readonly random: Random;
}

/** Returns the PEM of a self-signed authority that may sign server leaves (pathlen 0) for what `constraints` permit. */
export async function issueAuthority({ key, name, constraints, validity, random }: AuthorityOptions): Promise<string> {
  const { publicKey, signingKey } = await importKey(key);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(random),
    name: subject(name),
    ...dates(validity),
    keys: { publicKey, privateKey: signingKey },
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.Extension(NAME_CONSTRAINTS, true, nameConstraints(constraints)),
      await x509.SubjectKeyIdentifierExtension.create(publicKey, false),
    ],
  });
  return pem(certificate);
}

/** Returns the PEM of a leaf for TLS servers, signed by the authority. */
export async function issueLeaf({ authority, key, name, names, validity, random }: LeafOptions): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const [{ publicKey }, { publicKey: issuerKey, signingKey }] = await Promise.all([importKey(key), importKey(authority.key)]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(random),
    subject: subject(name),
    issuer: issuer.subjectName,
    ...dates(validity),
    publicKey,
    signingKey,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.Extension(SUBJECT_ALTERNATIVE_NAME, false, subjectAlternativeNames(names)),
      await x509.SubjectKeyIdentifierExtension.create(publicKey, false),
      await x509.AuthorityKeyIdentifierExtension.create(issuerKey, false),
    ],
  });
  return pem(certificate);
}

async function importKey(key: SecretKey) {
  const pkcs8 = toKeyObject(key).export({ type: "pkcs8", format: "der" });
  const [publicKey, signingKey] = await Promise.all([
    webcrypto.subtle.importKey("spki", toSpki(key.publicKey), ECDSA, true, ["verify"]),
    webcrypto.subtle.importKey("pkcs8", pkcs8, ECDSA, false, ["sign"]),
  ]);
  return { publicKey, signingKey };
}

/** 126 random bits: positive, and never twice for one issuer, which Firefox refuses. */
function serialNumber(random: Random): string {
  const bytes = random.bytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return toHex(bytes);
}

/** Distinguished names are built from parts, so that no character of a name can change their structure. */
function subject(name: string): x509.JsonName {
  return [{ O: ["cider-fleet"] }, { CN: [name] }];
}

function dates({ from, to }: Validity): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(from), notAfter: new Date(to) };
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem").trim()}\n`;
}
