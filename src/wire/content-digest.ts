/** Content-Digest (RFC 9530): sha-256 and sha-512 over the bytes of the body. Other algorithms are passed over. */

import { toBase64 } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import { malformed, readSignatureField } from "./signature-fields.ts";

/** Algorithms this node knows, by their names in the field. */
export const DIGEST_ALGORITHMS = ["sha-256", "sha-512"] as const;
/** A known algorithm. */
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

/** One digest of the field. */
export interface ContentDigest {
  readonly algorithm: DigestAlgorithm;
  /** Base64 as sent. */
  readonly text: string;
}

/**
 * Returns every digest of a known algorithm, at least one. Throws DIGEST_UNSUPPORTED when there is none, and
 * SIGNATURE_MALFORMED for other syntax or an algorithm that appears twice.
 */
export function parseContentDigest(field: string): readonly ContentDigest[] {
  const digests: ContentDigest[] = [];
  for (const member of readSignatureField(field, "content-digest")) {
    const algorithm = DIGEST_ALGORITHMS.find((known) => known === member.key);
    if (algorithm === undefined) continue;
    if (!("value" in member) || typeof member.value !== "object" || member.value.type !== "bytes") {
      throw malformed(`${algorithm} in content-digest must be a byte sequence`);
    }
    if (digests.some((digest) => digest.algorithm === algorithm)) throw malformed(`${algorithm} appears twice in content-digest`);
    digests.push({ algorithm, text: member.value.text });
  }
  if (digests.length === 0) throw new FleetError("DIGEST_UNSUPPORTED");
  return digests;
}

/** Returns the field for a body whose SHA-256 is `hash`. */
export function formatContentDigest(hash: Uint8Array): string {
  return `sha-256=:${toBase64(hash)}:`;
}
