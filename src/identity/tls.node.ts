/**
 * The node's TLS certificates (docs/protocol/02-transport.md): an authority signed by the identity key itself, and a leaf
 * with a key of its own, re-issued whenever the node's names or addresses change.
 *
 * Clients that know the node id pin the authority's key and look at no name; everyone else may install `ca.pem`, which
 * goes on working across re-issues because the identity key stays. Sessions are never resumed, see `api/tls-server.ts`.
 */

import { join } from "node:path";
import { SecretKey } from "../crypto/secret-key.ts";
import type { Clock } from "../foundation/clock.ts";
import { DAY, SECOND } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Logger } from "../foundation/logger.ts";
import type { Random } from "../foundation/random.ts";
import { writeDurably } from "../host/files.ts";
import { type CertificateNames, constraintsFor, leafNames } from "./certificate-names.ts";
import {
  AUTHORITY_FILE,
  type Authority,
  authorityFits,
  LEAF_FILE,
  type Leaf,
  leafFits,
  parseAuthority,
  parseLeaf,
  readChain,
  type StoredChain,
} from "./chain.node.ts";
import type { Constraints } from "./general-names.ts";
import type { Validity } from "./issue-certificate.node.ts";
import { toPkcs8Pem } from "./pkcs8.node.ts";

const AUTHORITY_LIFE = 20 * 365 * DAY;

/** Apple refuses server leaves above 825 days, browsers are on their way below 200. Both ends count as valid (RFC 5280 §4.1.2.5). */
const LEAF_LIFE = 180 * DAY - SECOND;

/** Certificates begin this long before they are made, for clients whose clocks are late. */
const BACKDATED = DAY;

interface CertificateParts {
  /** The data folder, which must be locked by this process. */
  readonly folder: string;
  readonly key: SecretKey;
  readonly nodeId: NodeId;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Read at every `renew`. */
  names(): CertificateNames;
}

interface Chain extends StoredChain {
  readonly authority: Authority;
  readonly leaf: Leaf;
}

/** What a TLS server presents: PEM of the key, and of the leaf followed by the authority. */
export interface CertificateAndKey {
  readonly key: string;
  readonly cert: string;
}

/** The certificates in use, re-issued when they no longer fit. */
export class NodeCertificates {
  readonly #parts: CertificateParts;
  readonly #listeners: ((current: CertificateAndKey) => void)[] = [];
  #chain: Chain;
  #renewing: Promise<unknown> = Promise.resolve();

  private constructor(parts: CertificateParts, chain: Chain) {
    this.#parts = parts;
    this.#chain = chain;
  }

  /**
   * Returns the certificates of the folder, made or re-issued where they do not fit; a fitting pair costs no X.509 library.
   * Throws KEY_UNUSABLE when `ca.pem` belongs to another key.
   */
  static async open(parts: CertificateParts): Promise<NodeCertificates> {
    return new NodeCertificates(parts, await upToDate(parts, readChain(parts.folder, parts.key)));
  }

  /** The authority's certificate: what `/v1/node/ca.pem` and `cider fleet cert --pem` give out. */
  get caPem(): string {
    return this.#chain.authority.pem;
  }

  /** What handshakes that begin now present. */
  context(): CertificateAndKey {
    const { authority, leaf } = this.#chain;
    return { key: leaf.keyPem, cert: leaf.pem + authority.pem };
  }

  /**
   * Re-issues when names, addresses or configured hosts changed, or less than a third of a certificate's life is left;
   * resolves to whether it did. Calls run one after the other. A failed write rejects and leaves the old chain in use.
   */
  renew(): Promise<boolean> {
    const renewed = this.#renewing.then(() => this.#renewNow());
    this.#renewing = renewed.catch(() => undefined);
    return renewed;
  }

  /** Calls `listener` after each re-issue, for the listeners that hold a TLS context. */
  onRenewed(listener: (current: CertificateAndKey) => void): void {
    this.#listeners.push(listener);
  }

  async #renewNow(): Promise<boolean> {
    const chain = await upToDate(this.#parts, this.#chain);
    if (chain.leaf === this.#chain.leaf && chain.authority === this.#chain.authority) return false;
    this.#chain = chain;
    for (const listener of this.#listeners) listener(this.context());
    return true;
  }
}

async function upToDate(parts: CertificateParts, have: StoredChain): Promise<Chain> {
  const now = parts.clock.now();
  const current = parts.names();
  const constraints = constraintsFor(current.configured);
  const kept = have.authority !== undefined && authorityFits(have.authority, constraints, now);
  const authority = kept ? have.authority : await makeAuthority(parts, constraints, now);
  if (!kept && have.authority !== undefined) {
    parts.logger.warn(
      { file: AUTHORITY_FILE },
      "issued ca.pem anew for other host names or for its age; clients with the old file reach the old names only",
    );
  }
  const { names, leftOut } = leafNames(parts.nodeId, current, constraints);
  if (have.leaf !== undefined && leafFits(have.leaf, authority, names, now)) return { authority, leaf: have.leaf };
  const leaf = await makeLeaf(parts, authority, names, now);
  parts.logger.info({ names, leftOut }, "issued the TLS certificate");
  return { authority, leaf };
}

async function makeAuthority(parts: CertificateParts, constraints: Constraints, now: number): Promise<Authority> {
  const { issueAuthority } = await import("./issue-certificate.node.ts");
  const validity = validFor(AUTHORITY_LIFE, now);
  const pem = await issueAuthority({ key: parts.key, name: parts.nodeId, constraints, validity, random: parts.random });
  const authority = parseAuthority(pem);
  if (authority === undefined) throw new FleetError("INTERNAL", "the CA certificate that was made is not readable");
  writeDurably(join(parts.folder, AUTHORITY_FILE), pem);
  return authority;
}

async function makeLeaf(parts: CertificateParts, authority: Authority, names: readonly string[], now: number): Promise<Leaf> {
  const { issueLeaf } = await import("./issue-certificate.node.ts");
  const key = SecretKey.generate(parts.random);
  const signedBy = { key: parts.key, certificatePem: authority.pem };
  const pem = await issueLeaf({
    authority: signedBy,
    key,
    name: `${parts.nodeId} TLS`,
    names,
    validity: validFor(LEAF_LIFE, now),
    random: parts.random,
  });
  const text = toPkcs8Pem(key) + pem;
  const leaf = parseLeaf(text);
  if (leaf === undefined) throw new FleetError("INTERNAL", "the TLS certificate that was made is not readable");
  writeDurably(join(parts.folder, LEAF_FILE), text);
  return leaf;
}

function validFor(life: number, now: number): Validity {
  return { from: now - BACKDATED, to: now - BACKDATED + life };
}
