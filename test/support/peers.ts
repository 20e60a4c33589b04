/** Peers of a test node: paired as real clients pair, and their signed requests. */

import { SecretKey } from "../../src/crypto/secret-key.ts";
import { toBase64url } from "../../src/foundation/bytes.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import type { Role } from "../../src/foundation/vocabulary.ts";
import type { nodeIdOf } from "../../src/identity/node-id.ts";
import { pairAsClient } from "../../src/pairing/asking.ts";
import { type SigningOptions, signRequest } from "../../src/signatures/sign.ts";
import { type Answer, ask, asLocal, type Question, textIn } from "./http.ts";
import type { Reachable } from "./node.ts";

export interface TestPeer {
  readonly key: SecretKey;
  readonly id: ReturnType<typeof nodeIdOf>;
}

export function newKey(): SecretKey {
  return SecretKey.generate(systemRandom);
}

/** Pairs by code over the local socket, with a window opened for this; a known key is registered anew. */
export async function pair(node: Reachable, role: Role, key: SecretKey = newKey(), name = `${role} peer`): Promise<TestPeer> {
  const window = await asLocal(node, "OpenPairing", { role });
  const post = async (path: string, body: object) => (await ask(node, `POST ${path}`, { via: "socket", body })).json;
  const paired = await pairAsClient({
    secret: textIn(window, "code"),
    way: "code",
    name,
    kind: "sdk",
    channel: "loopback",
    signer: key,
    random: systemRandom,
    exchange: {
      begin: (message) => post("/v1/pairing/begin", message),
      finish: (message) => post("/v1/pairing/finish", message),
    },
  });
  return { key, id: paired.nodeId };
}

export interface SigningQuestion extends Question {
  /** What is signed otherwise than it should be. */
  readonly signing?: Partial<SigningOptions>;
}

/** Resolves to the header fields of a signed request, Content-Type included. */
export async function signedHeaders(
  node: Reachable,
  { key }: TestPeer,
  what: string,
  { body, signing, via }: SigningQuestion = {},
): Promise<Record<string, string>> {
  const [method = "GET", target = "/"] = what.split(" ");
  const bytes = body === undefined ? undefined : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const authority = via === "socket" ? "localhost" : `127.0.0.1:${node.port}`;
  const created = signing?.created ?? (await freshCreated(node));
  const fields = await signRequest(
    { method, authority, target, ...(bytes && { body: bytes, contentType: "application/json" }) },
    { signer: key, nodeId: node.nodeId, nonce: newNonce(), ...signing, created },
  );
  return { Host: authority, ...(bytes && { "Content-Type": "application/json" }), ...fields };
}

/** Resolves to the answer to a request signed by the peer. */
export async function askSigned(node: Reachable, peer: TestPeer, what: string, question: SigningQuestion = {}): Promise<Answer> {
  const headers = await signedHeaders(node, peer, what, question);
  return ask(node, what, { ...question, headers: { ...headers, ...question.headers } });
}

/** Returns 22 characters that were never used. */
export function newNonce(): string {
  return toBase64url(systemRandom.bytes(16));
}

const earliest = new WeakMap<Reachable, number>();

/** Resolves to a `created` that the node accepts: now, or the first after its start, which it tells whoever is too early. */
export async function freshCreated(node: Reachable): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  const known = earliest.get(node);
  if (known !== undefined) return Math.max(now, known);
  const stranger = { key: newKey(), id: node.nodeId };
  const { json } = await askSigned(node, stranger, "GET /v1/self", { signing: { created: 1 } });
  earliest.set(node, Number(json["earliest"]));
  return Math.max(now, Number(json["earliest"]));
}
