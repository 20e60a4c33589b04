/** The WebSocket as clients meet it: greeting, credentials, calls, events, and how it ends. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { fromBase64url, toBase64url } from "../../src/foundation/bytes.ts";
import { timestamp } from "../../src/foundation/clock.ts";
import { signSocket } from "../../src/signatures/socket.ts";
import type { JsonObject } from "../../src/wire/parse.ts";
import { anyNumber, anyText, objectWith, textLike } from "../support/anything.ts";
import { SettableClock } from "../support/clock.ts";
import { ask, asLocal, textIn } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { askSigned, pair, signedHeaders, type TestPeer } from "../support/peers.ts";
import { objectIn, openSocket, refusedUpgrade, type SocketOptions, type TestSocket } from "../support/sockets.ts";

const clock = new SettableClock();
let node: TestNode;
let admin: TestPeer;

beforeAll(async () => {
  node = await startTestNode({ clock });
  admin = await pair(node, "admin");
});
afterAll(() => node.end());
// The minute in which failures are counted is over.
beforeEach(() => {
  clock.passed += 60_000;
});

interface Issued {
  readonly id: string;
  readonly text: string;
}

async function issue(input: JsonObject = {}): Promise<Issued> {
  const token = await asLocal(node, "GenerateAPIToken", { name: "socket", ...input });
  return { id: textIn(token, "id"), text: textIn(token, "token") };
}

async function nonceOf(socket: TestSocket): Promise<Uint8Array> {
  return fromBase64url(textIn(await socket.hello(), "nonce"));
}

/** Opens a socket and authenticates with a token's text. */
async function withToken(text: string, options: SocketOptions = {}): Promise<TestSocket> {
  const socket = await openSocket(node, options);
  await socket.call("authenticate", { apiToken: text });
  return socket;
}

/** Opens a socket and authenticates with a signature over its nonce. */
async function withKey({ key }: TestPeer): Promise<TestSocket> {
  const socket = await openSocket(node);
  await socket.call("authenticate", { ...(await signSocket(await nonceOf(socket), node.nodeId, key)) });
  return socket;
}

describe("the greeting", () => {
  it("says who it is, what it speaks, what time it is, and a nonce never used before", async () => {
    const [one, two] = [await openSocket(node), await openSocket(node, { via: "loopback" })];
    const hello = await one.hello();
    expect(hello).toEqual({
      protocol: { min: 1, max: 1 },
      nodeId: node.nodeId,
      serverTime: textLike(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      nonce: textLike(/^[A-Za-z0-9_-]{43}$/),
    });
    expect((await two.hello())["nonce"]).not.toBe(hello["nonce"]);
    one.raw.close();
    two.raw.close();
  });
});

describe("credentials on the upgrade", () => {
  it("bearer: the socket is the token", async () => {
    const { id, text } = await issue();
    const socket = await openSocket(node, { token: text });
    expect(await socket.call("GetSelf")).toMatchObject({ actor: `token:${id}`, scopes: ["machines:read", "metrics:read"] });
    socket.raw.close();
  });

  it("signature, like a GET without a body: the socket is the peer", async () => {
    const headers = await signedHeaders(node, admin, "GET /v1/ws");
    const socket = await openSocket(node, { headers });
    expect((await socket.call("GetSelf"))["actor"]).toBe(`peer:${admin.id}`);
    socket.raw.close();
    expect((await refusedUpgrade(node, { headers })).json["code"]).toBe("SIGNATURE_REPLAYED");
  });

  it("none, on the local socket: it is local", async () => {
    const socket = await openSocket(node, { via: "socket" });
    expect((await socket.call("GetSelf"))["actor"]).toBe("local");
    socket.raw.close();
  });

  it("refused: answered like any request, and the connection ends", async () => {
    const { id, text } = await issue();
    await asLocal(node, "RevokeAPIToken", { id });
    const answer = await refusedUpgrade(node, { token: text });
    expect([answer.status, answer.json["code"]]).toEqual([401, "TOKEN_REVOKED"]);
    expect(answer.headers).toMatchObject({
      "www-authenticate": 'Bearer realm="cider-fleet", error="invalid_token"',
      "x-request-id": answer.json["requestId"],
      connection: "close",
    });
    expect((await refusedUpgrade(node, { token: "csk_x" })).json["code"]).toBe("TOKEN_INVALID");
    const other = await issue();
    const headers = await signedHeaders(node, admin, "GET /v1/ws");
    expect((await refusedUpgrade(node, { headers, token: other.text })).json["code"]).toBe("TWO_CREDENTIALS");
    const elsewhere = await issue({ allowedIps: ["192.0.2.1"] });
    expect((await refusedUpgrade(node, { token: elsewhere.text })).json["code"]).toBe("TOKEN_ADDRESS_REFUSED");
    expect((await refusedUpgrade(node, { path: `/v1/ws?token=${other.text}`, protocols: ["other"] })).status).toBe(400);
  });

  it("failing too often: 429, while a right one passes", async () => {
    for (let i = 0; i < 20; i++) expect((await refusedUpgrade(node, { token: "csk_x" })).status).toBe(401);
    const limited = await refusedUpgrade(node, { token: "csk_x" });
    expect([limited.status, Number(limited.headers["retry-after"]) > 0]).toEqual([429, true]);
    const socket = await openSocket(node, { token: (await issue()).text });
    socket.raw.close();
  });
});

describe("authenticate", () => {
  it("by token and by signature answers actor and scopes", async () => {
    const { id, text } = await issue();
    const byToken = await openSocket(node);
    expect(await byToken.call("authenticate", { apiToken: text })).toEqual({
      actor: `token:${id}`,
      scopes: ["machines:read", "metrics:read"],
    });
    const bySignature = await openSocket(node);
    const params = await signSocket(await nonceOf(bySignature), node.nodeId, admin.key);
    const { actor, scopes } = await bySignature.call("authenticate", { ...params });
    expect(actor).toBe(`peer:${admin.id}`);
    expect(scopes).toContain("tokens:manage");
    for (const socket of [byToken, bySignature]) socket.raw.close();
  });

  it.each<[string, (socket: TestSocket) => JsonObject | Promise<JsonObject>, string]>([
    ["an unknown token", () => ({ apiToken: "csk_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL2CB5HI" }), "TOKEN_INVALID"],
    ["nothing", () => ({}), "INVALID_REQUEST"],
    ["a token that is no text", () => ({ apiToken: 7 }), "INVALID_REQUEST"],
    ["both", () => ({ apiToken: "csk_x", nodeId: admin.id, signature: "" }), "TWO_CREDENTIALS"],
    [
      "a signature for another node",
      async (socket) => ({ ...(await signSocket(await nonceOf(socket), admin.id, admin.key)) }),
      "SIGNATURE_INVALID",
    ],
    [
      "a signature over another nonce",
      async () => ({ ...(await signSocket(new Uint8Array(32), node.nodeId, admin.key)) }),
      "SIGNATURE_INVALID",
    ],
    [
      "somebody else's signature",
      async (socket) => ({
        ...(await signSocket(await nonceOf(socket), node.nodeId, SecretKey.fromHex("01".repeat(32)))),
        nodeId: admin.id,
      }),
      "SIGNATURE_INVALID",
    ],
    [
      "a stranger's signature",
      async (socket) => ({ ...(await signSocket(await nonceOf(socket), node.nodeId, SecretKey.fromHex("01".repeat(32)))) }),
      "PEER_UNKNOWN",
    ],
    ["a signature that is no base64url", () => ({ nodeId: admin.id, signature: "+" }), "SIGNATURE_MALFORMED"],
    ["a short signature", () => ({ nodeId: admin.id, signature: toBase64url(new Uint8Array(63)) }), "SIGNATURE_INVALID"],
  ])("with %s is refused and closes 4401", async (_, params, code) => {
    const socket = await openSocket(node);
    expect((await socket.refused("authenticate", await params(socket)))["code"]).toBe(code);
    expect(await socket.closed).toEqual({ code: 4401, reason: code });
  });

  it("uses the nonce up with any try: the second, good as it is, comes too late", async () => {
    const socket = await openSocket(node);
    const good = await signSocket(await nonceOf(socket), node.nodeId, admin.key);
    socket.send({ jsonrpc: "2.0", id: "bad", method: "authenticate", params: { apiToken: "csk_x" } });
    const answer = await socket.ask("authenticate", { ...good }).catch(() => undefined);
    expect(answer?.["result"]).toBeUndefined();
    expect((await socket.closed).code).toBe(4401);
  });

  it("is done once: a socket has one actor", async () => {
    const { text } = await issue();
    const twice = await withToken(text);
    expect((await twice.refused("authenticate", { apiToken: text }))["code"]).toBe("TWO_CREDENTIALS");
    expect((await twice.closed).code).toBe(4401);
    const upgraded = await openSocket(node, { token: text });
    expect((await upgraded.refused("authenticate", { apiToken: text }))["code"]).toBe("TWO_CREDENTIALS");
    expect((await upgraded.closed).code).toBe(4401);
  });

  it("as a notification is carried out, and says nothing", async () => {
    const { id, text } = await issue();
    const socket = await openSocket(node);
    socket.send({ jsonrpc: "2.0", method: "authenticate", params: { apiToken: text } });
    expect((await socket.call("GetSelf"))["actor"]).toBe(`token:${id}`);
    expect(socket.frames.map((frame) => frame["method"] ?? "answer")).toEqual(["hello", "answer"]);
    socket.raw.close();
  });

  it("cannot be done by who went before it was done", async () => {
    const { id } = await issue();
    const socket = await openSocket(node);
    const params = await signSocket(await nonceOf(socket), node.nodeId, admin.key);
    socket.send({ jsonrpc: "2.0", id: 1, method: "authenticate", params });
    socket.raw.terminate();
    await socket.closed;
    expect((await askSigned(node, admin, "POST /rpc/RevokeAPIToken", { body: { id } })).json["connectionsClosed"]).toBe(0);
  });
});

describe("calls", () => {
  it("go by RPC names and answer the data itself", async () => {
    const { text } = await issue({ permissions: "fullAccess" });
    const socket = await withToken(text);
    expect(await socket.call("RenameNode", { name: "mini02" })).toMatchObject({ name: "mini02", nodeId: node.nodeId });
    expect(await socket.call("GetNodeInfo")).toMatchObject({ name: "mini02" });
    expect(await socket.call("GetHealth")).toMatchObject({ status: "ok" });
    socket.raw.close();
  });

  it("know the old name of an id", async () => {
    const { id } = await issue();
    const socket = await openSocket(node, { via: "socket" });
    expect(await socket.call("RevokeAPIToken", { tokenID: id })).toEqual({ id, status: "revoked", connectionsClosed: 0 });
    expect((await socket.refused("GetAPIToken", { tokenID: id, id }))["code"]).toBe("INVALID_REQUEST");
    socket.raw.close();
  });

  it("before a credential may do what anybody may", async () => {
    const socket = await openSocket(node);
    expect((await socket.call("GetHealth"))["nodeId"]).toBe(node.nodeId);
    for (const method of ["GetNodeInfo", "GetSelf", "subscribe", "ExecCommand"])
      expect((await socket.refused(method, {}))["code"]).toBe("AUTHENTICATION_REQUIRED");
    socket.raw.close();
  });

  it("are answered in errors with JSON-RPC's own codes where it has them", async () => {
    const { text } = await issue();
    const socket = await withToken(text);
    const error = async (method: string, params?: unknown) => {
      const id = `${method} ${JSON.stringify(params)}`;
      socket.send({ jsonrpc: "2.0", id, method, params });
      return objectIn(await socket.frame((frame) => frame["id"] === id), "error");
    };
    expect(await error("Nothing")).toMatchObject({
      code: -32601,
      data: { code: "NOT_FOUND", status: 404, requestId: anyText },
    });
    for (const method of ["Subscribe", "__proto__", "getNodeInfo", "hello"]) expect((await error(method))["code"]).toBe(-32601);
    expect(await error("GetNodeInfo", { surprise: 1 })).toMatchObject({
      code: -32602,
      data: { code: "INVALID_REQUEST", status: 400 },
    });
    expect(await error("GetNodeInfo", [])).toMatchObject({ code: -32602 });
    expect(await error("RenameNode", { name: "x" })).toMatchObject({
      code: -32000,
      data: { code: "INSUFFICIENT_SCOPE", status: 403, scope: "machines:write", requestId: anyText },
    });
    expect(await error("GetTasks")).toMatchObject({ code: -32000, data: { code: "OPERATION_UNAVAILABLE", status: 501 } });
    socket.raw.close();
  });

  it("that are none get JSON-RPC's answer to nobody", async () => {
    const socket = await openSocket(node);
    const faults = [
      ["{", -32700],
      ["[]", -32600],
      ['[{"jsonrpc":"2.0","id":1,"method":"GetHealth"}]', -32600],
      ["7", -32600],
      ['{"jsonrpc":"1.0","method":"GetHealth"}', -32600],
    ] as const;
    for (const [frame] of faults) socket.send(frame);
    socket.raw.send(Buffer.from("{}"), { binary: true });
    await socket.frame(() => socket.frames.length === faults.length + 2);
    const codes = socket.frames.slice(1).map((frame) => [frame["id"], objectIn(frame, "error")["code"]]);
    expect(codes).toEqual([...faults.map(([, code]) => [null, code]), [null, -32600]]);
    socket.raw.close();
  });

  it("as notifications are carried out and never answered, errors included", async () => {
    const socket = await openSocket(node, { via: "socket" });
    for (const [method, params] of [
      ["RenameNode", { name: "quiet" }],
      ["Nothing", {}],
      ["GetNodeInfo", { surprise: 1 }],
    ])
      socket.send({ jsonrpc: "2.0", method, params });
    expect((await socket.call("GetNodeInfo"))["name"]).toBe("quiet");
    expect(socket.frames.map((frame) => frame["method"] ?? frame["id"])).toEqual(["hello", 1]);
    socket.raw.close();
  });

  it("too large end the socket as RFC 6455 says", async () => {
    const socket = await openSocket(node);
    socket.raw.send("x".repeat(1024 * 1024 + 1));
    expect((await socket.closed).code).toBe(1009);
  });

  it("are each asked anew what they may do", async () => {
    const peer = await pair(node, "operator");
    const { text } = await issue({ permissions: "fullAccess", owner: `node:${peer.id}` });
    const socket = await withToken(text);
    expect((await socket.call("RenameNode", { name: "a" }))["name"]).toBe("a");
    await pair(node, "viewer", peer.key);
    expect((await socket.refused("RenameNode", { name: "b" }))["code"]).toBe("INSUFFICIENT_SCOPE");
    expect((await socket.call("GetSelf"))["scopes"]).toEqual(["machines:read", "metrics:read"]);
    socket.raw.close();
  });
});

describe("events", () => {
  it("come after subscribe, with the ledger's number", async () => {
    const socket = await openSocket(node, { via: "socket" });
    const { seq } = await socket.call("subscribe", { topics: ["tokens", "node", "peers", "pairing", "audit"] });
    const { id } = await issue();
    expect(await socket.event("tokens")).toEqual({
      topic: "tokens",
      seq: Number(seq) + 1,
      at: anyText,
      data: objectWith({ type: "token.issued", id }),
    });
    expect(objectIn(await socket.event("audit"), "data")).toMatchObject({ actor: "local", operation: "GenerateAPIToken" });
    await asLocal(node, "RenameNode", { name: "c" });
    expect(objectIn(await socket.event("node"), "data")).toEqual({ type: "node.renamed", name: "c" });
    const peer = await pair(node, "viewer");
    expect(objectIn(await socket.event("pairing"), "data")).toMatchObject({ type: "pairing.opened", role: "viewer" });
    expect(objectIn(await socket.event("peers"), "data")).toMatchObject({ type: "peer.registered", id: peer.id });
    expect(JSON.stringify(socket.frames)).not.toMatch(/"hash"/);
    socket.raw.close();
  });

  it("of another set replace those of the one before", async () => {
    const socket = await openSocket(node, { via: "socket" });
    await socket.call("subscribe", { topics: ["tokens"] });
    expect(await socket.call("subscribe", { topics: ["node"] })).toMatchObject({ topics: ["node"] });
    await issue();
    await asLocal(node, "RenameNode", { name: "d" });
    await socket.event("node");
    expect(socket.frames.filter((frame) => frame["method"] === "event")).toEqual([]);
    await socket.call("subscribe", { topics: [] });
    await asLocal(node, "RenameNode", { name: "e" });
    await socket.call("GetHealth");
    expect(socket.frames.filter((frame) => frame["method"] === "event")).toEqual([]);
    socket.raw.close();
  });

  it("are each asked for anew: who may not see a topic is sent nothing of it", async () => {
    const peer = await pair(node, "admin");
    const { text } = await issue({ permissions: "custom", scopes: ["read:*"], owner: `node:${peer.id}` });
    const socket = await withToken(text);
    await socket.call("subscribe", { topics: ["node", "audit"] });
    await issue();
    await asLocal(node, "RenameNode", { name: "f" });
    await socket.frame((frame) => JSON.stringify(frame).includes('"operation":"GenerateAPIToken"')); // read:* covers audit:read
    await pair(node, "viewer", peer.key);
    await asLocal(node, "RenameNode", { name: "g" });
    await socket.frame((frame) => JSON.stringify(frame).includes('{"type":"node.renamed","name":"g"}'));
    await issue();
    await socket.call("GetSelf");
    const frames = socket.frames.map((frame) => JSON.stringify(frame));
    expect(
      frames.slice(frames.findIndex((frame) => frame.includes('"g"')) + 1).filter((frame) => frame.includes('"event"')),
    ).toEqual([]);
    socket.raw.close();
  });

  it("are refused to who may not see them now", async () => {
    const socket = await withToken((await issue()).text);
    const refused = await socket.refused("subscribe", { topics: ["node", "tokens"] });
    expect(refused).toMatchObject({ code: "INSUFFICIENT_SCOPE", scope: "tokens:manage" });
    await asLocal(node, "RenameNode", { name: "unheard" });
    await socket.call("GetSelf");
    expect(socket.frames.filter((frame) => frame["method"] === "event")).toEqual([]);
    socket.raw.close();
  });

  it("of node.stats come by themselves, without a number", async () => {
    const { text } = await issue();
    const socket = await withToken(text);
    await socket.call("subscribe", { topics: ["node.stats"], interval: 1 });
    const event = await socket.event("node.stats");
    expect(event).not.toHaveProperty("seq");
    expect(event["data"]).toMatchObject({ cpuUsagePercent: anyNumber, memoryTotalGB: anyNumber });
    socket.raw.close();
  });

  it.each([{ topics: ["weather"] }, { topics: "node" }, {}, { topics: ["node"], interval: 0 }])("refuses %j", async (params) => {
    const socket = await openSocket(node, { via: "socket" });
    expect((await socket.refused("subscribe", params))["code"]).toBe("INVALID_REQUEST");
    socket.raw.close();
  });
});

describe("a socket never outlives its credential", () => {
  it.each([
    ["RevokeAPIToken", "revoked"],
    ["DeleteAPIToken", "deleted"],
  ])("%s closes them all 4401, and says how many", async (method, reason) => {
    const { id, text } = await issue();
    const bystander = await withToken((await issue()).text);
    const sockets = [await withToken(text), await withToken(text), await openSocket(node, { token: text })];
    expect((await asLocal(node, method, { id }))["connectionsClosed"]).toBe(3);
    for (const socket of sockets) expect(await socket.closed).toEqual({ code: 4401, reason });
    expect((await bystander.call("GetHealth"))["status"]).toBe("ok");
    bystander.raw.close();
  });

  it("removal of a peer closes its sockets and those of its tokens", async () => {
    const peer = await pair(node, "operator");
    const personal = await issue({ owner: `node:${peer.id}` });
    const [own, tokens] = [await withKey(peer), await withToken(personal.text)];
    expect(await asLocal(node, "RemovePeer", { id: peer.id })).toMatchObject({
      id: peer.id,
      tokensRevoked: 1,
      connectionsClosed: 2,
    });
    expect(await own.closed).toEqual({ code: 4401, reason: "removed" });
    expect(await tokens.closed).toEqual({ code: 4401, reason: "revoked" });
    expect((await ask(node, "GET /v1/node", { token: personal.text })).json["code"]).toBe("TOKEN_REVOKED");
    expect((await asLocal(node, "GetAPIToken", { id: personal.id }))["status"]).toBe("revoked");
  });

  it("pairing again closes the sockets of the key, whatever the role", async () => {
    const peer = await pair(node, "operator");
    const socket = await withKey(peer);
    await pair(node, "operator", peer.key);
    expect(await socket.closed).toEqual({ code: 4401, reason: "re-registered" });
  });

  it("expiry closes it by itself", async () => {
    const { text } = await issue({ expiresAt: timestamp(clock.now() + 400) });
    const [socket, other] = [await withToken(text), await withToken((await issue()).text)];
    expect(await socket.closed).toEqual({ code: 4401, reason: "expired" });
    expect((await ask(node, "GET /v1/node", { token: text })).json["code"]).toBe("TOKEN_EXPIRED");
    expect(other.raw.readyState).toBe(other.raw.OPEN);
    other.raw.close();
  });

  it("revoked between the check and the first frame, it does not begin", async () => {
    const { id, text } = await issue();
    const opening = openSocket(node, { token: text }).then(
      (socket) => socket.closed,
      () => ({ code: 4401 }),
    );
    await asLocal(node, "RevokeAPIToken", { id });
    expect((await opening).code).toBe(4401);
  });

  it("an admin peer that removes itself is gone in the same tick", async () => {
    const peer = await pair(node, "admin");
    const socket = await withKey(peer);
    socket.send({ jsonrpc: "2.0", id: 1, method: "RemovePeer", params: { id: peer.id } });
    expect(await socket.closed).toEqual({ code: 4401, reason: "removed" });
    expect((await askSigned(node, peer, "GET /v1/node")).json["code"]).toBe("PEER_UNKNOWN");
  });
});
