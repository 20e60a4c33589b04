import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { fromBase64url } from "../../src/foundation/bytes.ts";
import { timestamp } from "../../src/foundation/clock.ts";
import { isNodeId } from "../../src/foundation/ids.ts";
import { LOCAL_SOURCE, type Source } from "../../src/foundation/source.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { Credentials } from "../../src/operations/credentials.ts";
import { PeerStore } from "../../src/peers/store.ts";
import { AssertionVerifier } from "../../src/signatures/assertion.node.ts";
import { SignatureVerifier } from "../../src/signatures/verify.node.ts";
import { Bearers } from "../../src/tokens/bearers.ts";
import { issueToken } from "../../src/tokens/issue.ts";
import { TokenStore } from "../../src/tokens/store.ts";
import { isJsonObject, parseObject, parseString } from "../../src/wire/parse.ts";
import { ManualClock, SeededRandom } from "../foundation/doubles.ts";
import { refusal, rejection } from "../foundation/refusal.ts";
import { folded } from "../support/lines.ts";

const TLS: Source = { via: "tls", address: "192.168.1.7", network: "192.168.1.7" };
const KEY = SecretKey.fromHex("01".repeat(32));
const PEER = nodeIdOf(KEY.publicKey);
const VECTOR = vector();

function vector() {
  const file: unknown = JSON.parse(readFileSync(new URL("../vectors/websocket-auth.json", import.meta.url), "utf8"));
  const vectors = parseObject(file, "file")["vectors"];
  const first: unknown = Array.isArray(vectors) ? vectors[0] : undefined;
  if (!isJsonObject(first)) throw new Error("there is no vector");
  const nodeId = parseString(first, "nodeId");
  if (!isNodeId(nodeId)) throw new Error("the vector names no node");
  return { nodeId, nonce: fromBase64url(parseString(first, "nonce")), signature: parseString(first, "signature") };
}

/** Credentials of the vector's node, which trusts the vector's signer as operator. */
function play() {
  const clock = new ManualClock();
  const peers = folded(new PeerStore(), {
    type: "peer.registered",
    id: PEER,
    key: publicKeyToHex(KEY.publicKey),
    name: "laptop",
    kind: "sdk",
    role: "operator",
    way: "code",
    channel: "pinned",
    from: "",
  });
  const tokens = new TokenStore();
  const { nodeId } = VECTOR;
  const verifier = new SignatureVerifier({ clock, nodeId, keyOf: (id) => peers.get(id)?.verifyingKey });
  const issue = (owner: string, expiresAt: string | null = null) => {
    const order = {
      name: "ci",
      permissions: "fullAccess",
      scopes: ["machines:write"],
      createdBy: "local",
      allowedIps: [],
    } as const;
    const { change, text } = issueToken({ ...order, owner, expiresAt }, clock, new SeededRandom(5));
    folded(tokens, change);
    return { id: change.id, text };
  };
  const bearers = new Bearers({ clock, random: new SeededRandom(6) });
  const assertions = new AssertionVerifier({ clock, nodeId, keyOf: (id) => peers.get(id)?.verifyingKey });
  const credentials = new Credentials({ clock, nodeId, peers, tokens, bearers, verifier, assertions });
  return { clock, credentials, issue, peers, tokens };
}

describe("a socket's signature", () => {
  it("is the known answer's", async () => {
    const { credentials } = play();
    expect(await credentials.socketSignature(VECTOR.nonce, PEER, VECTOR.signature)).toEqual({ kind: "peer", id: PEER });
  });

  it("is nobody else's, over nothing else", async () => {
    const { credentials } = play();
    const { nodeId, nonce, signature } = VECTOR;
    expect((await rejection(credentials.socketSignature(new Uint8Array(32), PEER, signature))).code).toBe("SIGNATURE_INVALID");
    expect((await rejection(credentials.socketSignature(nonce, nodeId, signature))).code).toBe("PEER_UNKNOWN");
    expect((await rejection(credentials.socketSignature(nonce, PEER, `${signature}=`))).code).toBe("SIGNATURE_MALFORMED");
    expect((await rejection(credentials.socketSignature(nonce, PEER, ""))).code).toBe("SIGNATURE_INVALID");
  });
});

describe("an actor", () => {
  it("without a credential is local on the socket and nobody elsewhere", () => {
    const { credentials } = play();
    expect(credentials.actorOf(undefined, LOCAL_SOURCE).kind).toBe("local");
    for (const via of ["tls", "loopback", "plain"] as const)
      expect(credentials.actorOf(undefined, { ...TLS, via }).kind).toBe("nobody");
  });

  it("is made from the stores as they are at that moment", () => {
    const { credentials, peers } = play();
    const credential = { kind: "peer", id: PEER } as const;
    expect(credentials.actorOf(credential, TLS).scopes.has("machines:write")).toBe(true);
    folded(peers, { type: "peer.changed", id: PEER, name: "laptop", role: "viewer" });
    expect(credentials.actorOf(credential, TLS).scopes.has("machines:write")).toBe(false);
    folded(peers, { type: "peer.removed", id: PEER });
    expect(refusal(() => credentials.actorOf(credential, TLS)).code).toBe("PEER_UNKNOWN");
  });

  it("of a token ends as the token does", () => {
    const { clock, credentials, issue, tokens } = play();
    const { id, text } = issue("fleet", timestamp(clock.now() + 1000));
    const credential = credentials.bearer(text);
    expect(credential).toEqual({ kind: "token", id });
    expect(credentials.actorOf(credential, TLS)).toMatchObject({ label: `token:${id}`, expiresAt: clock.now() + 1000 });
    expect([
      credentials.deadlineOf(`token:${id}`),
      credentials.deadlineOf("local"),
      credentials.deadlineOf("token:gone"),
    ]).toEqual([clock.now() + 1000, null, null]);
    clock.advance(1);
    expect(refusal(() => credentials.actorOf(credential, TLS)).code).toBe("TOKEN_EXPIRED");
    folded(tokens, { type: "token.revoked", id });
    expect(refusal(() => credentials.actorOf(credential, TLS)).code).toBe("TOKEN_REVOKED");
    folded(tokens, { type: "token.deleted", id });
    expect(refusal(() => credentials.actorOf(credential, TLS)).code).toBe("TOKEN_INVALID");
  });

  it("of a personal token is within its owner's present role, and gone with the owner", () => {
    const { credentials, issue, peers } = play();
    const credential = credentials.bearer(issue(`node:${PEER}`).text);
    expect(credentials.actorOf(credential, TLS).within?.every((held) => held.has("machines:write"))).toBe(true);
    folded(peers, { type: "peer.changed", id: PEER, name: "laptop", role: "viewer" });
    expect(credentials.actorOf(credential, TLS).within?.every((held) => held.has("machines:write"))).toBe(false);
    folded(peers, { type: "peer.removed", id: PEER }); // without the revocation that goes with it
    expect(refusal(() => credentials.actorOf(credential, TLS)).code).toBe("TOKEN_REVOKED");
  });
});
