/**
 * Client assertions (RFC 7523): a JWS in compact form (RFC 7515 §3.1) with `ES256` (RFC 7518 §3.4), taken apart and not
 * verified. Anything beyond that profile is refused: no other algorithm, no critical header, no nesting.
 */

import { fromBase64url, fromUtf8, utf8 } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import { isNodeId, type NodeId } from "../foundation/ids.ts";
import { isJsonObject, type JsonObject } from "./parse.ts";

/** What the form field `client_assertion_type` says (RFC 7523 §2.2). */
export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Longest `jti` taken. */
const MAX_ID = 128;

/** An assertion's claims, and what its signature covers. */
export interface Assertion {
  /** `iss` and `sub`, which are the same: the peer's node id. */
  readonly signer: NodeId;
  readonly audiences: readonly string[];
  /** Unix seconds, as are `expires` and `notBefore`. */
  readonly issued: number;
  readonly expires: number;
  readonly notBefore: number;
  /** `jti` */
  readonly id: string;
  /** What is signed. */
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** Returns the parts of an assertion; throws SIGNATURE_MALFORMED that names what is wrong and never repeats it. */
export function parseAssertion(text: string): Assertion {
  const [header = "", payload = "", signature = "", ...rest] = text.split(".");
  if (rest.length > 0) throw malformed("is not a JWS in compact form");
  const { alg, crit } = parsePart(header);
  if (alg !== "ES256" || crit !== undefined) throw malformed("must be signed with ES256, without critical header fields");
  const claims = parsePart(payload);
  const issued = parseTime(claims, "iat");
  return {
    ...parseNames(claims),
    issued,
    expires: parseTime(claims, "exp"),
    notBefore: claims["nbf"] === undefined ? issued : parseTime(claims, "nbf"),
    message: utf8(`${header}.${payload}`),
    signature: decode(signature),
  };
}

function parseNames({ iss, sub, aud, jti }: JsonObject): Pick<Assertion, "signer" | "audiences" | "id"> {
  if (!isNodeId(iss) || sub !== iss) throw malformed("must have the client's node id as iss and sub");
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audiences.every((audience) => typeof audience === "string")) throw malformed("must have an aud");
  if (typeof jti !== "string" || jti === "" || jti.length > MAX_ID)
    throw malformed(`must have a jti of 1 to ${MAX_ID} characters`);
  return { signer: iss, audiences, id: jti };
}

function parseTime(claims: JsonObject, name: string): number {
  const value = claims[name];
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) throw malformed(`must have ${name} in Unix seconds`);
  return value;
}

function parsePart(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(decode(text)));
  } catch {
    value = undefined;
  }
  if (!isJsonObject(value)) throw malformed("is not a JWS of JSON objects");
  return value;
}

function decode(text: string): Uint8Array {
  try {
    return fromBase64url(text);
  } catch {
    throw malformed("is not in base64url without padding");
  }
}

function malformed(what: string): FleetError {
  return new FleetError("SIGNATURE_MALFORMED", `the client assertion ${what}`, { field: "client_assertion" });
}
