/** What becomes of a token after it was issued: edits, rotation, ends of every kind, and what each leaves in the record. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { DAY, HOUR } from "../../src/foundation/durations.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import type { JsonObject } from "../../src/wire/parse.ts";
import { SettableClock } from "../support/clock.ts";
import { type Answer, ask, asLocal, listIn, rpc, textIn } from "../support/http.ts";
import { nodeOfTest, startTestNode, type TestNode } from "../support/node.ts";
import { askSigned, newKey, pair, type TestPeer } from "../support/peers.ts";
import { linesOf } from "../support/record.ts";
import { objectIn, openSocket } from "../support/sockets.ts";

const clock = new SettableClock();
let node: TestNode;
let admin: TestPeer;

beforeAll(async () => {
  node = await startTestNode({ clock });
  admin = await pair(node, "admin");
});
afterAll(() => node.end());

interface Issued {
  readonly id: string;
  readonly text: string;
}

async function issue(input: JsonObject = {}, on = node): Promise<Issued> {
  const answer = await asLocal(on, "GenerateAPIToken", { name: "ci", ...input });
  return { id: textIn(answer, "id"), text: textIn(answer, "token") };
}

const local = (what: string, body: JsonObject = {}) => ask(node, what, { via: "socket", body });
const self = (text: string, on = node) => ask(on, "GET /v1/self", { token: text });
const codeOf = async (answer: Promise<Answer>) => (await answer).json["code"] ?? "ok";

describe("editing", () => {
  it("changes name, rights, expiry and addresses, each alone, and leaves the text", async () => {
    const { id, text } = await issue({ permissions: "fullAccess" });
    const edited = await local(`PATCH /v1/tokens/${id}`, { name: "deploy" });
    expect(edited.json).toMatchObject({ id, name: "deploy", permissions: "fullAccess" });
    expect(await asLocal(node, "UpdateAPIToken", { id, permissions: "readOnly" })).toMatchObject({
      name: "deploy",
      scopes: ["machines:read", "metrics:read"],
    });
    expect(await asLocal(node, "UpdateAPIToken", { id, scopes: ["audit:read"] })).toMatchObject({
      permissions: "custom",
      scopes: ["audit:read"],
    });
    expect(await asLocal(node, "UpdateAPIToken", { id, expires: "never" })).toMatchObject({ expiresAt: null });
    expect(await asLocal(node, "UpdateAPIToken", { tokenID: id, allowedIps: ["127.0.0.0/8"] })).toMatchObject({
      allowedIps: ["127.0.0.0/8"],
      scopes: ["audit:read"],
    });
    expect((await self(text)).json).toMatchObject({ name: "deploy", scopes: ["audit:read"], expiresAt: null });
  });

  it("is refused for what no token may hold, for both words of expiry, and for nothing known", async () => {
    const { id } = await issue();
    const refused = async (body: JsonObject) => {
      const { json } = await local(`PATCH /v1/tokens/${id}`, body);
      return [json["code"], json["field"]];
    };
    expect(await refused({ scopes: ["tokens:manage"] })).toEqual(["INVALID_REQUEST", "scopes"]);
    expect(await refused({ scopes: [] })).toEqual(["INVALID_REQUEST", "scopes"]);
    expect(await refused({ expires: "1d", expiresAt: null })).toEqual(["INVALID_REQUEST", "expires"]);
    expect(await refused({ owner: "fleet" })).toEqual(["INVALID_REQUEST", ""]);
    expect(await refused({ allowedIps: ["localhost"] })).toEqual(["INVALID_REQUEST", "allowedIps"]);
  });

  it("never brings back what has ended", async () => {
    const { id, text } = await issue();
    await asLocal(node, "RevokeAPIToken", { id });
    expect(await codeOf(local(`PATCH /v1/tokens/${id}`, { expires: "1y" }))).toBe("CONFLICT");
    expect(await codeOf(self(text))).toBe("TOKEN_REVOKED");
    const short = await issue({ expires: "1s" });
    clock.ahead += 2_000;
    expect(await codeOf(local(`PATCH /v1/tokens/${short.id}`, { expires: "1y" }))).toBe("CONFLICT");
    expect(await codeOf(self(short.text))).toBe("TOKEN_EXPIRED");
  });

  it("that changes nothing leaves no line", async () => {
    const { id } = await issue();
    const before = linesOf(node).length;
    await asLocal(node, "UpdateAPIToken", { id, name: "ci", allowedIps: [] });
    expect(linesOf(node).length).toBe(before);
  });
});

describe("rotation", () => {
  it("gives a successor with the same name, rights, owner, addresses and length of life, and both are good", async () => {
    const order = { permissions: "custom", scopes: ["machines:read"], owner: `node:${admin.id}`, expires: "30d" };
    const { id, text } = await issue({ ...order, name: "nightly", allowedIps: ["127.0.0.1", "10.0.0.0/8"] });
    await self(text);
    clock.ahead += 10 * DAY;
    const answer = await local(`POST /v1/tokens/${id}/rotate`, { grace: "1h" });
    expect(answer.status).toBe(201);
    const next = answer.json;
    expect(next).toMatchObject({ name: "nightly", scopes: ["machines:read"], owner: order.owner, rotatedFrom: id });
    expect(next["allowedIps"]).toEqual(["127.0.0.1/32", "10.0.0.0/8"]);
    const life = Date.parse(textIn(next, "expiresAt")) - Date.parse(textIn(next, "createdAt"));
    expect(Math.abs(life - 30 * DAY)).toBeLessThan(1_000);
    const previous = objectIn(next, "previous");
    expect(previous).toMatchObject({ id, lastUsedFrom: "127.0.0.1" });
    expect(textIn(previous, "lastUsedAt")).toMatch(/^20/);
    expect(Date.parse(textIn(previous, "graceUntil")) - clock.now()).toBeLessThanOrEqual(HOUR);

    const old = await self(text);
    expect(old.json).toMatchObject({ rotatedTo: next["id"], expiresAt: previous["graceUntil"] });
    expect(old.headers["cider-token-rotated"]).toBe(next["id"]);
    expect(old.headers["cider-token-expires"]).toBe(previous["graceUntil"]);
    expect((await self(textIn(next, "token"))).status).toBe(200);
    clock.ahead += HOUR;
    expect(await codeOf(self(text))).toBe("TOKEN_EXPIRED");
    expect((await self(textIn(next, "token"))).status).toBe(200);
  });

  it("ends the old text at once when the grace is 0, with its connections", async () => {
    const { id, text } = await issue();
    const socket = await openSocket(node, { token: text });
    const next = await asLocal(node, "RotateAPIToken", { id, grace: "0" });
    expect(objectIn(next, "previous")["graceUntil"]).toBeNull();
    expect(next["connectionsClosed"]).toBe(1);
    expect(await socket.closed).toEqual({ code: 4401, reason: "revoked" });
    expect(await codeOf(self(text))).toBe("TOKEN_REVOKED");
  });

  it("has one winner when two come at once", async () => {
    const { id } = await issue();
    const both = await Promise.all([1, 2].map(() => rpc(node, "RotateAPIToken", { id }, { via: "socket" })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const [won] = both.filter(({ status }) => status === 200);
    const [lost] = both.filter(({ status }) => status === 409);
    expect(lost?.json).toMatchObject({ code: "CONFLICT", rotatedTo: won?.json["id"] });
  });

  it("leaves at most one predecessor: the next rotation ends it", async () => {
    const first = await issue();
    const second = await asLocal(node, "RotateAPIToken", { id: first.id });
    await asLocal(node, "RotateAPIToken", { id: second["id"] });
    expect(await codeOf(self(first.text))).toBe("TOKEN_REVOKED");
    expect(await codeOf(self(textIn(second, "token")))).toBe("ok");
  });

  it.each(["RevokeAPIToken", "DeleteAPIToken"])("of which the successor is ended by %s ends the predecessor too", async (how) => {
    const { id, text } = await issue();
    const next = await asLocal(node, "RotateAPIToken", { id });
    await asLocal(node, how, { id: next["id"] });
    expect(await codeOf(self(text))).toBe("TOKEN_REVOKED");
  });

  it("leaves the predecessor no more than its successor has at that moment, also on an open socket", async () => {
    const { id, text } = await issue({ permissions: "fullAccess", expires: "30d" });
    const socket = await openSocket(node, { token: text });
    const next = await asLocal(node, "RotateAPIToken", { id, grace: "24h" });
    const edit = (change: JsonObject) => asLocal(node, "UpdateAPIToken", { id: next["id"], ...change });
    const rename = async () => {
      const answer = await socket.ask("RenameNode", { name: "renamed" });
      return "error" in answer ? objectIn(objectIn(answer, "error"), "data")["code"] : "ok";
    };

    expect(await rename()).toBe("ok");
    await edit({ permissions: "readOnly" });
    expect(await rename()).toBe("INSUFFICIENT_SCOPE");
    expect((await self(text)).json["scopes"]).toEqual(["machines:read", "metrics:read"]);
    await edit({ permissions: "fullAccess" });
    expect(await rename()).toBe("ok");

    await edit({ requestsPerMinute: 1 });
    expect((await self(text)).headers["ratelimit-policy"]).toBe('"token";q=1;w=60');
    expect(await codeOf(self(text))).toBe("RATE_LIMITED");
    await edit({ requestsPerMinute: null, expires: "1h" });
    expect((await self(text)).headers["cider-token-expires"]).toBe(
      (await asLocal(node, "GetAPIToken", { id: next["id"] }))["expiresAt"],
    );
    await edit({ allowedIps: ["192.0.2.0/24"] });
    expect(await codeOf(self(text))).toBe("TOKEN_ADDRESS_REFUSED");
    expect(await socket.closed).toEqual({ code: 4403, reason: "TOKEN_ADDRESS_REFUSED" });
    clock.ahead += HOUR;
    expect(await codeOf(self(text))).toBe("TOKEN_EXPIRED");
  });

  it("still limits the predecessor after a restart", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cider-grace-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const before = await startTestNode({ folder });
    const { id, text } = await issue({ permissions: "fullAccess" }, before);
    const next = await asLocal(before, "RotateAPIToken", { id });
    await asLocal(before, "UpdateAPIToken", { id: next["id"], permissions: "readOnly" });
    await before.end();
    const after = await nodeOfTest({ folder });
    expect(await codeOf(ask(after, "PATCH /v1/node", { token: text, body: { name: "x" } }))).toBe("INSUFFICIENT_SCOPE");
    await asLocal(after, "UpdateAPIToken", { id: next["id"], permissions: "fullAccess" });
    expect(await codeOf(ask(after, "PATCH /v1/node", { token: text, body: { name: "x" } }))).toBe("ok");
  });

  it.each(["1h30m", "31d", "-1s", "", "00"])("refuses %j as grace", async (grace) => {
    const { id, text } = await issue();
    expect((await local(`POST /v1/tokens/${id}/rotate`, { grace })).json).toMatchObject({ field: "grace" });
    expect(await codeOf(self(text))).toBe("ok");
  });

  it("is not for what has ended", async () => {
    const { id } = await issue();
    await asLocal(node, "RevokeAPIToken", { id });
    expect(await codeOf(local(`POST /v1/tokens/${id}/rotate`))).toBe("CONFLICT");
  });
});

describe("a token's own rotation", () => {
  it("is off unless configured, and never for a key", async () => {
    const { text } = await issue();
    expect(await codeOf(ask(node, "POST /v1/self/rotate", { token: text }))).toBe("SELF_ROTATION_OFF");
  });

  it("gives the same rights and no later end, and ends the old text", async () => {
    const free = await nodeOfTest({ env: { CIDER_TOKENS_SELF_ROTATION: "true" } });
    const { text } = await issue({ expires: "1h" }, free);
    const before = await self(text, free);
    const { json, status } = await ask(free, "POST /v1/self/rotate", { token: text });
    expect(status).toBe(201);
    expect(json["expiresAt"]).toBe(before.json["expiresAt"]);
    expect(await codeOf(self(text, free))).toBe("TOKEN_REVOKED");
    expect((await self(textIn(json, "token"), free)).json["scopes"]).toEqual(before.json["scopes"]);
    expect(await codeOf(ask(free, "POST /v1/self/rotate", { via: "socket" }))).toBe("INVALID_REQUEST");
  });
});

describe("revoking many", () => {
  it("ends all that fit, except those named, and gives a receipt", async () => {
    const many = await nodeOfTest();
    const make = (name: string) => issue({ name }, many);
    const [a, b, other] = [await make("ci-a"), await make("ci-b"), await make("web")];
    const socket = await openSocket(many, { token: a.text });
    const receipt = await asLocal(many, "RevokeAPITokens", { name: "ci-*", except: [b.id] });
    expect(receipt).toMatchObject({ success: true, tokens: [a.id], connectionsClosed: 1 });
    expect(receipt["milliseconds"]).toBeGreaterThanOrEqual(0);
    expect((await socket.closed).code).toBe(4401);
    expect(await codeOf(self(b.text, many))).toBe("ok");
    expect(await asLocal(many, "RevokeAPITokens", { createdBy: `peer:${admin.id}` })).toMatchObject({ tokens: [] });
    expect(await asLocal(many, "RevokeAPITokens", { owner: "fleet", createdBy: "local", name: "*-b" })).toMatchObject({
      tokens: [b.id],
    });
    expect(await asLocal(many, "RevokeAPITokens", { all: true })).toMatchObject({ tokens: [other.id] });
    expect(await asLocal(many, "RevokeAPITokens", { all: true })).toMatchObject({ tokens: [], connectionsClosed: 0 });
  });

  it.each([[{}], [{ all: true, owner: "fleet" }], [{ all: false }], [{ except: [] }]])("refuses %j", async (input) => {
    const { json, status } = await rpc(node, "RevokeAPITokens", input, { via: "socket" });
    expect([status, json["code"]]).toEqual([400, "INVALID_REQUEST"]);
  });
});

describe("burning", () => {
  it("ends the very token presented, from anywhere, by whoever has it", async () => {
    const { id, text } = await issue({ allowedIps: ["192.0.2.1"] });
    expect(await codeOf(self(text))).toBe("TOKEN_ADDRESS_REFUSED");
    const burnt = await ask(node, "POST /v1/tokens/burn", { body: { token: text } });
    expect(burnt.json).toMatchObject({ id, status: "revoked", connectionsClosed: 0 });
    expect(linesOf(node).at(-1)).toMatchObject({ actor: `token:${id}`, operation: "BurnAPIToken" });
    expect((await ask(node, "POST /v1/tokens/burn", { body: { token: text } })).status).toBe(200);
    expect((await asLocal(node, "GetAPIToken", { id }))["status"]).toBe("revoked");
  });

  it("ends a bearer alone, with a receipt, and by OAuth's rules without one", async () => {
    const { text } = await issue();
    const exchange = async () =>
      textIn(
        (await rpc(node, "ExchangeToken", { grant_type: "client_credentials" }, { token: text, via: "tls" })).json,
        "access_token",
      );
    const burnt = await exchange();
    const socket = await openSocket(node, { token: burnt });
    expect(await asLocal(node, "BurnAPIToken", { token: burnt })).toMatchObject({ status: "revoked", connectionsClosed: 1 });
    expect((await socket.closed).code).toBe(4401);
    expect(await codeOf(self(burnt))).toBe("TOKEN_INVALID");
    const revoked = await exchange();
    for (const token of [revoked, revoked, "nothing"]) expect((await rpc(node, "BurnToken", { token })).status).toBe(200);
    expect(await codeOf(self(revoked))).toBe("TOKEN_INVALID");
    expect(await codeOf(self(text))).toBe("ok");
  });

  it("tells a wrong text nothing, and of the malformed and the unknown the same", async () => {
    const { text } = await issue();
    const unknown = "csk_00000000000000000000000000000000000000";
    for (const token of [`${text.slice(0, -1)}!`, unknown]) {
      const { json, status } = await ask(node, "POST /v1/tokens/burn", { body: { token } });
      const { requestId: _, ...said } = json;
      expect({ status, ...said }).toMatchObject({
        status: 401,
        code: "TOKEN_INVALID",
        message: "the token is malformed or unknown",
      });
    }
    expect(await codeOf(self(text))).toBe("ok");
  });
});

describe("addresses", () => {
  it("the first use from one has an entry of its own, found by the request id; the second has none", async () => {
    const { id, text } = await issue();
    const first = await self(text);
    const entry = linesOf(node).at(-1);
    expect(entry).toMatchObject({
      actor: `token:${id}`,
      request: first.headers["x-request-id"],
      operation: "GetSelf",
      from: "127.0.0.1",
    });
    expect(entry?.changes).toEqual([{ type: "token.used", id, address: "127.0.0.1", network: "127.0.0.1" }]);
    const before = linesOf(node).length;
    await self(text);
    await ask(node, "GET /v1/self", { token: text, via: "socket" });
    expect(linesOf(node).length).toBe(before);
  });

  it("the first use stands in the line of a change, of a refused one, and of a socket's own", async () => {
    const used = { type: "token.used", address: "127.0.0.1" };
    const rename = async (permissions: string) => {
      const { text } = await issue({ permissions });
      const { headers } = await rpc(node, "RenameNode", { name: `by ${permissions}` }, { token: text });
      return linesOf(node).filter(({ request }) => request === headers["x-request-id"]);
    };
    expect(await rename("fullAccess")).toMatchObject([{ changes: [{ type: "node.renamed" }, used] }]);
    expect(await rename("readOnly")).toMatchObject([{ changes: [{ type: "call.refused" }, used] }]);
    const { id, text } = await issue();
    (await openSocket(node, { token: text })).raw.close();
    expect(linesOf(node).at(-1)).toMatchObject({ actor: `token:${id}`, operation: "Connect", changes: [used] });
  });

  it("the first use is written down though the call was one too many", async () => {
    const { id, text } = await issue({ requestsPerMinute: 1, allowedIps: [] });
    await ask(node, "GET /v1/self", { token: text, via: "socket" });
    const refused = await self(text);
    expect(refused.status).toBe(429);
    expect(linesOf(node).at(-1)).toMatchObject({
      request: refused.headers["x-request-id"],
      changes: [{ type: "token.used", id }],
    });
  });

  it("that are refused have an entry, once", async () => {
    const { id, text } = await issue({ allowedIps: ["192.0.2.0/24", "2001:db8::/32"] });
    const refused = await self(text);
    expect([refused.status, refused.json["code"]]).toEqual([403, "TOKEN_ADDRESS_REFUSED"]);
    expect(linesOf(node).at(-1)).toMatchObject({
      actor: "system",
      request: refused.headers["x-request-id"],
      changes: [{ type: "token.refused", id, address: "127.0.0.1" }],
    });
    const before = linesOf(node).length;
    await self(text);
    expect(linesOf(node).length).toBe(before);
    expect((await asLocal(node, "GetAPIToken", { id }))["useCount"]).toBe(0);
    const summary = await asLocal(node, "ListActivity", { operation: "TOKEN_ADDRESS_REFUSED" });
    expect(listIn(summary, "rows")).toMatchObject([{ actor: "nobody", from: "127.0.0.1" }]);
  });
});

describe("an end that was found", () => {
  it("is written down by the node itself, and outlives a restart with the clock set back", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cider-expired-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const own = new SettableClock();
    const first = await startTestNode({ folder, clock: own });
    const { id, text } = await issue({ expires: "1h" }, first);
    const later = await issue({ expires: "3h" }, first);
    own.ahead += 2 * HOUR;
    expect(await codeOf(self(text, first))).toBe("TOKEN_EXPIRED");
    const line = linesOf(first).find(({ changes }) => changes.some(({ type }) => type === "token.expired"));
    expect(line).toMatchObject({ actor: "system", operation: "Expire", changes: [{ type: "token.expired", id }] });
    await first.end();
    own.ahead -= 2 * HOUR;
    const again = await nodeOfTest({ folder, clock: own });
    expect(await codeOf(self(text, again))).toBe("TOKEN_EXPIRED");
    expect(await codeOf(self(later.text, again))).toBe("ok");
    expect((await asLocal(again, "GetAPIToken", { id }))["status"]).toBe("expired");
  });
});

describe("who holds less than an admin", () => {
  it("neither grants nor takes over what it does not hold: a bearer narrowed to managing tokens", async () => {
    const fresh = await nodeOfTest();
    const peer = await pair(fresh, "admin");
    const body = { grant_type: "client_credentials", scope: "tokens:manage" };
    const bearer = textIn((await askSigned(fresh, peer, "POST /rpc/ExchangeToken", { body })).json, "access_token");
    const { id } = await issue({ permissions: "fullAccess" }, fresh);
    const missing = async (method: string, input: JsonObject) => {
      const { json } = await rpc(fresh, method, input, { token: bearer, via: "tls" });
      return [json["code"], json["scope"]];
    };
    const refused = ["INSUFFICIENT_SCOPE", "machines:read"];
    expect(await missing("GenerateAPIToken", { name: "x" })).toEqual(refused);
    expect(await missing("RotateAPIToken", { id })).toEqual(refused);
    expect(await missing("UpdateAPIToken", { id, expires: "never" })).toEqual(refused);
    expect(await missing("GenerateAPIToken", { name: "x", permissions: "custom", scopes: ["update:*"] })).toEqual([
      "INSUFFICIENT_SCOPE",
      "update:*",
    ]);
    expect(await missing("RevokeAPIToken", { id })).toEqual([undefined, undefined]);
  });
});

describe("what is told before the end", () => {
  it("is a header field in the last 14 days, on answers and on refusals", async () => {
    const late = await issue({ expires: "15d" });
    expect((await self(late.text)).headers).not.toHaveProperty("cider-token-expires");
    clock.ahead += 2 * DAY;
    const { headers, json } = await self(late.text);
    expect(headers["cider-token-expires"]).toBe(json["expiresAt"]);
    const refused = await ask(node, "GET /v1/tokens", { token: late.text });
    expect([refused.status, refused.json["scope"]]).toEqual([403, "tokens:manage"]);
    expect(refused.headers["cider-token-expires"]).toBe(json["expiresAt"]);
  });

  it("is counted by status and health", async () => {
    const counted = await nodeOfTest();
    const { id } = await issue({ expires: "13d" }, counted);
    await issue({ expires: "15d" }, counted);
    await issue({ expires: "never" }, counted);
    expect(await asLocal(counted, "GetStatus")).toMatchObject({ tokens: 3, tokensEndingSoon: 1 });
    expect((await ask(counted, "GET /api/health")).json["tokensEndingSoon"]).toBe(1);
    await asLocal(counted, "RevokeAPIToken", { id });
    expect(await asLocal(counted, "GetStatus")).toMatchObject({ tokens: 2, tokensEndingSoon: 0 });
  });
});

describe("configured expiry", () => {
  it("bounds every token, also by edit and rotation", async () => {
    const strict = await nodeOfTest({ env: { CIDER_TOKENS_MAX_EXPIRY: "30d" } });
    const { id } = await issue({}, strict);
    const record = await asLocal(strict, "GetAPIToken", { id });
    expect(Date.parse(textIn(record, "expiresAt")) - Date.parse(textIn(record, "createdAt"))).toBeLessThanOrEqual(30 * DAY);
    for (const [method, input] of [
      ["GenerateAPIToken", { name: "x", expires: "never" }],
      ["UpdateAPIToken", { id, expires: "31d" }],
      ["UpdateAPIToken", { id, expiresAt: null }],
    ] as const) {
      expect((await rpc(strict, method, input, { via: "socket" })).json["code"]).toBe("INVALID_REQUEST");
    }
  });
});

describe("scopes", () => {
  it("are listed with what each allows, and those marked that nothing uses yet", async () => {
    const scopes = listIn(await asLocal(node, "ListScopes"), "scopes");
    const of = (scope: string) => scopes.find((use) => use["scope"] === scope);
    expect(of("machines:write")).toMatchObject({ grantable: true, inUse: true, operations: ["RenameNode"] });
    expect(of("schedules:manage")).toEqual({ scope: "schedules:manage", grantable: true, inUse: false, operations: [] });
    expect(of("tokens:manage")).toMatchObject({ grantable: false, inUse: true });
    expect(of("update:*")).toMatchObject({ operations: ["RenameNode"] });
  });

  it("that are refused are answered with the valid ones, so marked", async () => {
    const answer = await rpc(node, "GenerateAPIToken", { name: "x", permissions: "custom", scopes: ["all"] }, { via: "socket" });
    expect(answer.json["error"]).toContain("machines:write, commands:execute (nothing uses it yet)");
  });
});

describe("peers", () => {
  it("are added by a key made elsewhere, renamed, and given another role, one line each", async () => {
    const fresh = await nodeOfTest();
    const there = (what: string, body: JsonObject) => ask(fresh, what, { via: "socket", body });
    const key = newKey();
    const id = nodeIdOf(key.publicKey);
    const publicKey = publicKeyToHex(key.publicKey);
    const before = linesOf(fresh).length;
    const added = await there("POST /v1/peers", { publicKey, name: "robot", role: "operator" });
    expect([added.status, added.json["id"]]).toEqual([201, id]);
    expect(added.json).toMatchObject({ publicKey, role: "operator", kind: "sdk", way: "key", channel: null });
    expect((await askSigned(fresh, { key, id }, "GET /v1/node")).status).toBe(200);
    expect((await there("POST /v1/peers", { publicKey, name: "again", role: "admin" })).json["code"]).toBe("CONFLICT");
    expect((await there(`PATCH /v1/peers/${id}`, { name: "arm" })).json).toMatchObject({ name: "arm", role: "operator" });
    expect((await there(`PATCH /v1/peers/${id}`, { role: "viewer" })).json).toMatchObject({ name: "arm", role: "viewer" });
    expect((await askSigned(fresh, { key, id }, "PATCH /v1/node", { body: { name: "x" } })).json["scope"]).toBe("machines:write");
    await there(`PATCH /v1/peers/${id}`, { role: "viewer" });
    const lines = linesOf(fresh).slice(before);
    const changes = lines.flatMap((line) => line.changes.map(({ type }) => type)).filter((type) => type.startsWith("peer."));
    expect(changes).toEqual(["peer.registered", "peer.changed", "peer.changed"]);
  });

  it.each([
    [{ name: "x", role: "viewer" }],
    [{ publicKey: `04${"00".repeat(64)}`, name: "x", role: "viewer" }],
    [{ publicKey: "04", name: "x", role: "viewer" }],
  ])("are not added from %j", async (input) => {
    expect((await local("POST /v1/peers", input)).json["code"]).toBe("INVALID_REQUEST");
  });

  it("take their personal tokens with them, and on request the fleet tokens they made, in one line", async () => {
    const fresh = await nodeOfTest();
    const go = async (withCreated: boolean) => {
      const peer = await pair(fresh, "admin");
      const own = await issue({ owner: `node:${peer.id}` }, fresh);
      const made = await askSigned(fresh, peer, "POST /v1/tokens", { body: { name: "fleet" } });
      const answer = (await ask(fresh, `DELETE /v1/peers/${peer.id}?withCreated=${withCreated}`, { via: "socket" })).json;
      const line = linesOf(fresh).at(-1);
      expect(line?.changes.at(-1)).toEqual({ type: "peer.removed", id: peer.id });
      expect(line?.changes.length).toBe(withCreated ? 3 : 2);
      expect(await codeOf(self(own.text, fresh))).toBe("TOKEN_REVOKED");
      return [answer["tokensRevoked"], await codeOf(self(textIn(made.json, "token"), fresh))];
    };
    expect(await go(false)).toEqual([1, "ok"]);
    expect(await go(true)).toEqual([2, "TOKEN_REVOKED"]);
  });
});
