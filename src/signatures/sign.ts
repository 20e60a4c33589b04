/** Signing a request as RFC 9421 says, in the profile `cider-fleet-v1`. For browsers and Node alike. */

import { sha256 } from "../crypto/hash.ts";
import { SIGNATURE_LENGTH } from "../crypto/p256.ts";
import { toBase64, utf8 } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import type { Signer } from "../identity/signer.ts";
import { formatContentDigest } from "../wire/content-digest.ts";
import { formatSignatureInput, isNonce, signatureBase, splitTarget } from "../wire/signature-fields.ts";
import { MAX_LIFETIME, REQUIRED_COVER } from "./policy.ts";

const LABEL = "sig1";

/** What is signed of a request, exactly as it will be sent. */
export interface Signable {
  readonly method: string;
  /** The Host field as sent: without the port where the client leaves out a default one. */
  readonly authority: string;
  /** Path and query of the request line, percent-encoded. */
  readonly target: string;
  readonly body?: Uint8Array;
  readonly contentType?: string;
}

/** Who signs, for whom, and when. */
export interface SigningOptions {
  readonly signer: Signer;
  /** The node this is meant for, as the client stored it; never one it was just told. */
  readonly nodeId: NodeId;
  /** Unix seconds. */
  readonly created: number;
  /** 22 to 64 characters of A-Za-z0-9_-, never used before with this key. */
  readonly nonce: string;
  /** Seconds, 1 to 60; 60 by default. */
  readonly lifetime?: number;
}

/**
 * Resolves to the fields to add: `cider-node`, `signature-input`, `signature`, and `content-digest` with a body.
 * Throws INVALID_OPTIONS for what cannot stand in a request or in the profile.
 */
export async function signRequest(request: Signable, options: SigningOptions): Promise<Record<string, string>> {
  const { created, nonce, lifetime = MAX_LIFETIME } = options;
  requireOptions(created, nonce, lifetime);
  const body = bodyFields(request);
  const components = [...REQUIRED_COVER, ...body.keys()];
  const values = new Map([...derivedComponents(request), ["cider-node", options.nodeId], ...body]);
  const keyid = nodeIdOf(options.signer.publicKey);
  const input = formatSignatureInput(components, { created, expires: created + lifetime, nonce, keyid });
  const base = signatureBase(components, (component) => values.get(component) ?? "", input);
  const signature = await options.signer.sign(utf8(base));
  if (signature.length !== SIGNATURE_LENGTH) throw refused("signer must return r||s, 64 bytes");
  const digest = body.get("content-digest");
  return {
    "cider-node": options.nodeId,
    ...(digest === undefined ? {} : { "content-digest": digest }),
    "signature-input": `${LABEL}=${input}`,
    signature: `${LABEL}=:${toBase64(signature)}:`,
  };
}

function bodyFields(request: Signable): Map<string, string> {
  const fields = new Map<string, string>();
  if (request.body === undefined || request.body.length === 0) return fields;
  fields.set("content-digest", formatContentDigest(sha256(request.body)));
  if (request.contentType !== undefined)
    fields.set("content-type", plain(request.contentType, "contentType", /^[\x20-\x7e]+$/).trim());
  return fields;
}

function derivedComponents(request: Signable): readonly (readonly [string, string])[] {
  const { path, query } = splitTarget(plain(request.target, "target", /^\/[\x21-\x7e]*$/));
  return [
    ["@method", plain(request.method, "method", /^[A-Za-z!#$%&'*+\-.^_`|~0-9]+$/)],
    ["@authority", plain(request.authority, "authority", /^[\x21-\x7e]+$/).toLowerCase()],
    ["@path", path],
    ["@query", query],
  ];
}

/** Returns `text`, which must match whole: a line break in it would forge a line of the base. */
function plain(text: string, option: string, form: RegExp): string {
  if (!form.test(text)) throw refused(`${option} holds characters that cannot be sent there`);
  return text;
}

function requireOptions(created: number, nonce: string, lifetime: number): void {
  if (!Number.isSafeInteger(created)) throw refused("created must be a whole number of Unix seconds");
  if (!isNonce(nonce)) throw refused("nonce must be 22 to 64 characters of A-Za-z0-9_-");
  if (!Number.isInteger(lifetime) || lifetime < 1 || lifetime > MAX_LIFETIME)
    throw refused(`lifetime must be 1 to ${MAX_LIFETIME} seconds`);
}

function refused(message: string): FleetError {
  return new FleetError("INVALID_OPTIONS", message);
}
