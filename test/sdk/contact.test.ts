import { describe, expect, it } from "vitest";
import { publicKeyFromHex } from "../../src/crypto/p256.ts";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { storageHash, tokenProof } from "../../src/crypto/token-secret.ts";
import { toBase64url } from "../../src/foundation/bytes.ts";
import { FleetError } from "../../src/foundation/errors.ts";
import type { NodeId } from "../../src/foundation/ids.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { findLocalContact } from "../../src/sdk/contact.ts";
import { findByKey } from "../../src/sdk/key-contact.ts";
import type { Keys } from "../../src/sdk/keys.ts";
import { Records } from "../../src/sdk/records.ts";
import { findByToken } from "../../src/sdk/token-contact.ts";
import { BEARER_PREFIX, makeTokenText } from "../../src/wire/token.ts";
import { ManualClock, ScriptedRandom, SeededRandom } from "../foundation/doubles.ts";
import { rejection } from "../foundation/refusal.ts";
import vectors from "../vectors/token-prove.json" with { type: "json" };
import { bodyOf, FakeTransport, json } from "./fake-transport.ts";
import { MemoryStore } from "./memory-store.ts";

const OWN_KEY = SecretKey.fromHex("01".repeat(32));
const OWN = nodeIdOf(OWN_KEY.publicKey);
const NODE = SecretKey.fromHex("02".repeat(32)).publicKey;
const OTHER = SecretKey.fromHex("03".repeat(32)).publicKey;
const TOKEN = "csk_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL2CB5HI";
const BEARER = makeTokenText(new SeededRandom(7), BEARER_PREFIX);
const { signal } = new AbortController();

/** Keeps this key, or none. */
function keysOf(key: SecretKey | undefined): Keys {
  return { signer: async () => key, signerOrNew: async () => key ?? OWN_KEY };
}

/** A channel whose chain nobody sees, as in a browser. */
class BlindTransport extends FakeTransport {
  override readonly channel = "blind";
}

/** Answers the question for a proof as whoever knows the token and has this key, or claims to have another. */
function prover(key = NODE, claimed = key, token = TOKEN) {
  return (request: Parameters<FakeTransport["request"]>[0]) => {
    const { nonce } = bodyOf(request) as { nonce: string };
    const proof = tokenProof(storageHash(token), Buffer.from(nonce, "base64url"), key);
    return json(200, { nodeKey: toBase64url(claimed), proof: toBase64url(proof) });
  };
}

describe("contact by token", () => {
  const find = (records: Records, responderNodeId = undefined as ReturnType<typeof nodeIdOf> | undefined) =>
    findByToken({ token: TOKEN, responderNodeId, records, random: new SeededRandom() });

  it.each(vectors.vectors)("asks and accepts as the vector says", async ({ token, nodeKey, request, answer }) => {
    const transport = new FakeTransport(publicKeyFromHex(nodeKey), () => json(200, answer));
    const random = new ScriptedRandom(Buffer.from(request.nonce, "base64url"));
    const contact = await findByToken({ token, responderNodeId: undefined, records: new Records(new MemoryStore()), random })(
      transport,
      signal,
    );
    expect(transport.requests.map(bodyOf)).toEqual([request]);
    expect(contact.node).toBe(nodeIdOf(publicKeyFromHex(nodeKey)));
  });

  it("pins the question to the key it saw, and stores what was proven", async () => {
    const store = new MemoryStore();
    const transport = new FakeTransport(NODE, prover());
    const contact = await find(new Records(store))(transport, signal);
    expect(contact.node).toBe(nodeIdOf(NODE));
    expect(transport.requests).toMatchObject([{ path: "/v1/tokens/prove", node: nodeIdOf(NODE) }]);
    expect(await contact.credential.headers({ method: "GET", authority: "x", target: "/" }, contact.node)).toEqual({
      authorization: `Bearer ${TOKEN}`,
    });
    expect([...store.texts.values()].join()).not.toContain("csk_");
  });

  it("asks once per node and token", async () => {
    const records = new Records(new MemoryStore());
    await find(records)(new FakeTransport(NODE, prover()), signal);
    const again = new FakeTransport(NODE, prover());
    await find(records)(again, signal);
    expect(again.requests).toEqual([]);
    const elsewhere = new FakeTransport(OTHER, prover(OTHER));
    expect((await find(records)(elsewhere, signal)).node).toBe(nodeIdOf(OTHER));
    expect(elsewhere.requests).toHaveLength(1);
  });

  it("works where nothing can be stored", async () => {
    const readOnly = {
      get: () => undefined,
      set: () => {
        throw new FleetError("STORE_UNUSABLE");
      },
    };
    expect((await find(new Records(readOnly))(new FakeTransport(NODE, prover()), signal)).node).toBe(nodeIdOf(NODE));
  });

  it.each([
    ["a relay: the right proof, another chain", new FakeTransport(OTHER, prover(NODE))],
    [
      "a relay that puts its own key in",
      new FakeTransport(OTHER, () =>
        json(200, { nodeKey: toBase64url(OTHER), proof: toBase64url(tokenProof(storageHash(TOKEN), new Uint8Array(16), NODE)) }),
      ),
    ],
    [
      "a node that does not know the token",
      new FakeTransport(NODE, () => json(200, { nodeKey: toBase64url(NODE), proof: toBase64url(new Uint8Array(32)) })),
    ],
    ["a proof of another length", new FakeTransport(NODE, () => json(200, { nodeKey: toBase64url(NODE), proof: "" }))],
    ["another web server", new FakeTransport(NODE, () => json(404, { error: "?" }))],
    ["a page", new FakeTransport(NODE, () => ({ status: 200, headers: {}, body: Buffer.from("<html>") }))],
    ["a connection that shows no key", new FakeTransport(undefined, prover())],
  ])("refuses %s", async (_, transport) => {
    const store = new MemoryStore();
    const error = await rejection(find(new Records(store))(transport, signal));
    expect(error.code).toBe("NODE_UNPROVEN");
    expect([...store.texts.keys()]).toEqual([]);
    expect(transport.requests.every(({ headers }) => headers["authorization"] === undefined)).toBe(true);
  });

  it.each(["RATE_LIMITED", "SHUTTING_DOWN"] as const)("passes %s on: it says nothing about the node", async (code) => {
    const transport = new FakeTransport(NODE, () => json(503, { error: "later", code }));
    expect((await rejection(find(new Records(new MemoryStore()))(transport, signal))).code).toBe(code);
  });

  it("needs no proof of the node that was named with the token, and takes no other", async () => {
    const named = find(new Records(new MemoryStore()), nodeIdOf(NODE));
    const right = new FakeTransport(NODE);
    expect((await named(right, signal)).node).toBe(nodeIdOf(NODE));
    expect(right.requests).toEqual([]);
    expect((await rejection(named(new FakeTransport(OTHER), signal))).code).toBe("NODE_MISMATCH");
  });
});

describe("contact by token where nobody sees the chain", () => {
  const find = (records: Records, responderNodeId?: NodeId, token = TOKEN) =>
    findByToken({ token, responderNodeId, records, random: new SeededRandom() });

  it("takes the node that proves the token by any key, and asks each time", async () => {
    const records = new Records(new MemoryStore());
    for (const transport of [new BlindTransport(undefined, prover()), new BlindTransport(undefined, prover())]) {
      expect((await find(records)(transport, signal)).node).toBe(nodeIdOf(NODE));
      expect(transport.requests).toMatchObject([{ path: "/v1/tokens/prove", node: undefined }]);
    }
  });

  it("asks the node that was named as well, and takes no other", async () => {
    const named = find(new Records(new MemoryStore()), nodeIdOf(NODE));
    const right = new BlindTransport(undefined, prover());
    expect((await named(right, signal)).node).toBe(nodeIdOf(NODE));
    expect(right.requests).toHaveLength(1);
    expect((await rejection(named(new BlindTransport(undefined, prover(OTHER)), signal))).code).toBe("NODE_MISMATCH");
  });

  it("asks for the proof of a bearer as of a token, and gives it to no node that has none", async () => {
    const named = find(new Records(new MemoryStore()), nodeIdOf(NODE), BEARER);
    const right = new BlindTransport(undefined, prover(NODE, NODE, BEARER));
    expect((await named(right, signal)).node).toBe(nodeIdOf(NODE));
    expect(right.requests).toHaveLength(1);
    expect((await rejection(named(new BlindTransport(undefined, prover()), signal))).code).toBe("NODE_UNPROVEN");
  });

  it.each([
    ["a proof that another key made", prover(NODE, OTHER)],
    [
      "a proof with no key",
      () => json(200, { nodeKey: toBase64url(new Uint8Array(65)), proof: toBase64url(new Uint8Array(32)) }),
    ],
    ["another web server", () => json(404, { error: "?" })],
  ])("refuses %s", async (_, answer) => {
    const transport = new BlindTransport(undefined, answer);
    expect((await rejection(find(new Records(new MemoryStore()))(transport, signal))).code).toBe("NODE_UNPROVEN");
    expect(transport.requests.every(({ headers }) => headers["authorization"] === undefined)).toBe(true);
  });
});

describe("contact by key", () => {
  const options = {
    nodeId: OWN,
    signer: undefined,
    keys: keysOf(OWN_KEY),
    responderNodeId: undefined,
    clock: new ManualClock(),
    random: new SeededRandom(),
  };
  const paired = async (...nodes: (typeof NODE)[]): Promise<Records> => {
    const store = new MemoryStore();
    const records = new Records(store);
    for (const node of nodes) await records.learn(node, { name: "studio", registration: { nodeId: OWN, role: "admin" } });
    return records;
  };

  it("finds among the nodes it was paired with the one that answers, and notes where", async () => {
    const records = await paired(NODE, OTHER);
    const contact = await findByKey({ ...options, records })(new FakeTransport(OTHER), signal);
    expect(contact.node).toBe(nodeIdOf(OTHER));
    expect((await records.node(nodeIdOf(OTHER)))?.addresses).toEqual(["studio.local:9473"]);
  });

  it("refuses a node it was not paired with, and says who answered", async () => {
    const error = await rejection(findByKey({ ...options, records: await paired(NODE) })(new FakeTransport(OTHER), signal));
    expect([error.code, error.details["met"]]).toEqual(["NODE_MISMATCH", nodeIdOf(OTHER)]);
    expect(error.message).toContain(nodeIdOf(NODE));
  });

  it("takes a named node without any store", async () => {
    const records = new Records(new MemoryStore());
    const named = findByKey({ ...options, signer: OWN_KEY, responderNodeId: nodeIdOf(NODE), records });
    expect((await named(new FakeTransport(NODE), signal)).node).toBe(nodeIdOf(NODE));
    expect((await rejection(named(new FakeTransport(OTHER), signal))).code).toBe("NODE_MISMATCH");
  });

  it("names the cures when no key is stored", async () => {
    const records = new Records(new MemoryStore());
    const error = await rejection(findByKey({ ...options, keys: keysOf(undefined), records })(new FakeTransport(NODE), signal));
    expect(error.code).toBe("NO_KEY_FOR_NODE_ID");
    for (const cure of ["privateKey", "store", "pair"]) expect(error.message).toContain(cure);
  });

  it("says so when the node's own id was passed", async () => {
    const records = await paired(NODE);
    const error = await rejection(findByKey({ ...options, nodeId: nodeIdOf(NODE), records })(new FakeTransport(NODE), signal));
    expect(error.code).toBe("NO_KEY_FOR_NODE_ID");
    expect(error.message).toContain("the node itself");
  });

  it("refuses to guess when no node is known", async () => {
    const error = await rejection(findByKey({ ...options, records: await paired() })(new FakeTransport(NODE), signal));
    expect([error.code, error.message.includes("responderNodeId")]).toEqual(["INVALID_OPTIONS", true]);
  });

  it("asks for the node's name where it cannot see the chain and there are several", async () => {
    const blind = new BlindTransport(undefined);
    expect((await findByKey({ ...options, records: await paired(NODE) })(blind, signal)).node).toBe(nodeIdOf(NODE));
    expect((await rejection(findByKey({ ...options, records: await paired(NODE, OTHER) })(blind, signal))).code).toBe(
      "INVALID_OPTIONS",
    );
  });
});

describe("local contact", () => {
  it("needs neither node nor credential", async () => {
    expect((await findLocalContact(new FakeTransport(undefined), signal)).node).toBeUndefined();
  });
});
