import { describe, expect, it } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { verifyingKey } from "../../src/crypto/signing.node.ts";
import { utf8 } from "../../src/foundation/bytes.ts";
import { FleetError } from "../../src/foundation/errors.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { Caller } from "../../src/sdk/caller.ts";
import { bearerCredential, localCredential, signatureCredential } from "../../src/sdk/credential.ts";
import { SignatureVerifier } from "../../src/signatures/verify.node.ts";
import { ManualClock, SeededRandom } from "../foundation/doubles.ts";
import { rejection } from "../foundation/refusal.ts";
import vectors from "../vectors/websocket-auth.json" with { type: "json" };
import { FakeTransport, json } from "./fake-transport.ts";

const KEY = SecretKey.fromHex("01".repeat(32));
const OWN = nodeIdOf(KEY.publicKey);
const NODE = nodeIdOf(SecretKey.fromHex("02".repeat(32)).publicKey);
const request = {
  method: "POST",
  authority: "studio.local:9473",
  target: "/rpc/GetNodeInfo",
  body: utf8("{}"),
  contentType: "application/json",
};

/** A node whose process started long ago, at whose clock this is. */
function nodeWith(clock: ManualClock): SignatureVerifier {
  const startedAt = clock.wall - 3_600_000;
  return new SignatureVerifier({
    clock,
    nodeId: NODE,
    startedAt,
    keyOf: (id) => (id === OWN ? verifyingKey(KEY.publicKey) : undefined),
  });
}

function rawHeaders(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries({ ...headers, host: request.authority, "content-type": request.contentType }).flat();
}

describe("signatureCredential", () => {
  it("makes what the node's own verifier accepts, with a new nonce each time", async () => {
    const clock = new ManualClock();
    const verifier = nodeWith(clock);
    const credential = signatureCredential(KEY, clock, new SeededRandom());
    for (let i = 0; i < 2; i++) {
      const claim = verifier.claim({ ...request, rawHeaders: rawHeaders(await credential.headers(request, NODE)) });
      expect(claim && (await verifier.confirm(claim, request.body))).toBe(OWN);
    }
  });

  it.each([
    ["ten minutes late", 600, "SIGNATURE_EXPIRED"],
    ["ten minutes early", -600, "CLOCK_SKEW"],
  ] as const)("learns the node's time from one refusal when it is %s, and is right from then on", async (_, ahead, code) => {
    const [ours, theirs] = [new ManualClock(), new ManualClock()];
    theirs.advance(ahead);
    const verifier = nodeWith(theirs);
    const credential = signatureCredential(KEY, ours, new SeededRandom());
    const attempt = async () => verifier.claim({ ...request, rawHeaders: rawHeaders(await credential.headers(request, NODE)) });
    const refused = await rejection(attempt());
    expect(refused.code).toBe(code);
    const serverTime = Math.floor(theirs.wall / 1000);
    expect(credential.learn(new FleetError(code, "another time", { serverTime, earliest: verifier.earliest }))).toBe(true);
    expect((await attempt())?.signer).toBe(OWN);
    ours.advance(30);
    theirs.advance(30);
    expect((await attempt())?.signer).toBe(OWN);
  });

  it("waits for no restarted node: it signs with the earliest time that one accepts", async () => {
    const clock = new ManualClock();
    const verifier = new SignatureVerifier({ clock, nodeId: NODE, keyOf: () => verifyingKey(KEY.publicKey) });
    const credential = signatureCredential(KEY, clock, new SeededRandom());
    const serverTime = Math.floor(clock.wall / 1000);
    credential.learn(new FleetError("CLOCK_SKEW", "new here", { serverTime, earliest: verifier.earliest }));
    expect(verifier.claim({ ...request, rawHeaders: rawHeaders(await credential.headers(request, NODE)) })?.signer).toBe(OWN);
  });

  it.each([
    ["another code", new FleetError("SIGNATURE_INVALID", "no", { serverTime: 1, earliest: 1 })],
    ["no times", new FleetError("CLOCK_SKEW")],
    ["times that are no seconds", new FleetError("CLOCK_SKEW", "late", { serverTime: -1, earliest: 1.5 })],
    ["something else", new Error("CLOCK_SKEW")],
  ])("learns nothing from %s", (_, error) => {
    expect(signatureCredential(KEY, new ManualClock(), new SeededRandom()).learn(error)).toBe(false);
  });

  it("signs for no node that is not named", () => {
    const credential = signatureCredential(KEY, new ManualClock(), new SeededRandom());
    expect(() => credential.headers(request, undefined)).toThrow(TypeError);
  });

  it.each(vectors.vectors)("greets as the vector does", async (vector) => {
    const credential = signatureCredential(SecretKey.fromHex(vector.signerPrivateKey), new ManualClock(), new SeededRandom());
    const nonce = Buffer.from(vector.nonce, "base64url");
    const params = await credential.greeting(nonce, vector.nodeId as typeof NODE);
    expect(params["nodeId"]).toBe(vector.signerNodeId);
    expect(Buffer.from(params["signature"] ?? "", "base64url")).toHaveLength(64);
  });
});

describe("the other credentials", () => {
  it("are a header, or nothing", async () => {
    expect(await bearerCredential("csk_x").headers(request, NODE)).toEqual({ authorization: "Bearer csk_x" });
    expect(await bearerCredential("csk_x").greeting(new Uint8Array(32), NODE)).toEqual({ apiToken: "csk_x" });
    expect([
      await localCredential.headers(request, undefined),
      await localCredential.greeting(new Uint8Array(32), undefined),
    ]).toEqual([{}, {}]);
    const skew = new FleetError("CLOCK_SKEW", "late", { serverTime: 1, earliest: 1 });
    expect([bearerCredential("csk_x").learn(skew), localCredential.learn(skew)]).toEqual([false, false]);
  });
});

describe("Caller", () => {
  const skew = json(401, {
    success: false,
    error: "late",
    code: "CLOCK_SKEW",
    serverTime: 1_795_300_000,
    earliest: 1_795_300_007,
  });
  const created = (headers: Readonly<Record<string, string>>): number =>
    Number(/created=(\d+)/.exec(headers["signature-input"] ?? "")?.[1]);
  const callerOver = (transport: FakeTransport): Caller => {
    const credential = signatureCredential(KEY, new ManualClock(), new SeededRandom());
    return new Caller({ transport, find: () => Promise.resolve({ node: NODE, credential }), timeout: 1000 });
  };

  it("signs again once with created = max(serverTime, earliest)", async () => {
    const transport: FakeTransport = new FakeTransport(undefined, () =>
      transport.requests.length === 1 ? skew : json(200, { ok: true }),
    );
    expect(await callerOver(transport).call("GetNodeInfo", {})).toEqual({ ok: true });
    expect(transport.requests.map(({ headers }) => created(headers))[1]).toBe(1_795_300_007);
    expect(transport.requests).toHaveLength(2);
  });

  it("does not sign a third time", async () => {
    const transport = new FakeTransport(undefined, () => skew);
    expect((await rejection(callerOver(transport).call("GetNodeInfo", {}))).code).toBe("CLOCK_SKEW");
    expect(transport.requests).toHaveLength(2);
  });

  it("sends the same bytes it signed, to the node it signed for", async () => {
    const transport = new FakeTransport(undefined);
    await callerOver(transport).call("RenameNode", { name: "grün" });
    const [sent] = transport.requests;
    expect(sent).toMatchObject({ method: "POST", path: "/rpc/RenameNode", node: NODE });
    expect(sent?.headers["cider-node"]).toBe(NODE);
    expect(sent?.headers["content-digest"]).toMatch(/^sha-256=:/);
  });

  it("settles the contact once for calls that begin together, and again after a failure or another node", async () => {
    let searches = 0;
    let fail = true;
    const transport = new FakeTransport(undefined);
    const find = () => {
      searches++;
      return fail
        ? Promise.reject(new FleetError("CONNECTION_FAILED"))
        : Promise.resolve({ node: NODE, credential: localCredential });
    };
    const caller = new Caller({ transport, find, timeout: 1000, retries: 0 });
    const both = await Promise.all([rejection(caller.call("GetNodeInfo", {})), rejection(caller.call("GetNodeInfo", {}))]);
    expect([both.map(({ code }) => code), searches]).toEqual([["CONNECTION_FAILED", "CONNECTION_FAILED"], 1]);
    fail = false;
    await Promise.all([caller.call("GetNodeInfo", {}), caller.call("GetNodeInfo", {})]);
    await caller.call("GetNodeInfo", {});
    expect(searches).toBe(2);
    transport.answer = () => {
      throw new FleetError("NODE_MISMATCH");
    };
    expect((await rejection(caller.call("GetNodeInfo", {}))).code).toBe("NODE_MISMATCH");
    transport.answer = () => json(200, {});
    await caller.call("GetNodeInfo", {});
    expect(searches).toBe(3);
  });
});
