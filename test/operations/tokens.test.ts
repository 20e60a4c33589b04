/** What a running node answers about tokens. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parsePublicKey } from "../../src/crypto/p256.ts";
import { storageHash, tokenLookup, tokenProof } from "../../src/crypto/token-secret.ts";
import { fromBase64url, toBase64url } from "../../src/foundation/bytes.ts";
import { DAY } from "../../src/foundation/durations.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import type { JsonObject } from "../../src/wire/parse.ts";
import { isTokenText } from "../../src/wire/token.ts";
import { listWith } from "../support/anything.ts";
import { SettableClock } from "../support/clock.ts";
import { type Answer, ask, asLocal, listIn, rpc, textIn } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { askSigned, pair, type TestPeer } from "../support/peers.ts";

const clock = new SettableClock();
let node: TestNode;
let admin: TestPeer;

beforeAll(async () => {
  node = await startTestNode({ clock, env: { CIDER_TOKENS_DEFAULT_EXPIRY: "30d" } });
  admin = await pair(node, "admin");
});
afterAll(() => node.end());

const issue = (input: JsonObject = {}) => asLocal(node, "GenerateAPIToken", { name: "ci", ...input });
const refused = async (answer: Promise<Answer>) => {
  const { json, status } = await answer;
  return [status, json["code"], json["field"]];
};

describe("issuing", () => {
  it("answers the record with the text, once; REST says 201", async () => {
    const answer = await askSigned(node, admin, "POST /v1/tokens", { body: { name: "ci", permissions: "fullAccess" } });
    expect(answer.status).toBe(201);
    expect(isTokenText(answer.json["token"])).toBe(true);
    const text = textIn(answer.json, "token");
    expect(answer.json).toMatchObject({
      name: "ci",
      tokenPrefix: text.slice(0, 12),
      permissions: "fullAccess",
      scopes: listWith("machines:write", "commands:execute"),
      owner: "fleet",
      status: "active",
      createdBy: `peer:${admin.id}`,
      lastUsedAt: null,
      useCount: 0,
      allowedIps: [],
    });
    expect(answer.json).not.toHaveProperty("hash");
    const { token: _, ...record } = answer.json;
    expect(await asLocal(node, "GetAPIToken", { id: record["id"] })).toEqual(record);
  });

  it("defaults to readOnly, and to the configured expiry", async () => {
    const record = await issue();
    expect(record).toMatchObject({ permissions: "readOnly", scopes: ["machines:read", "metrics:read"] });
    const life = Date.parse(textIn(record, "expiresAt")) - Date.parse(textIn(record, "createdAt"));
    expect(Math.abs(life - 30 * DAY)).toBeLessThan(1000);
    expect((await issue({ expires: "never" }))["expiresAt"]).toBeNull();
    expect((await issue({ expiresAt: null }))["expiresAt"]).toBeNull();
    expect((await issue({ expires: "2099-01-31" }))["expiresAt"]).toBe("2099-01-31T23:59:59.999Z");
  });

  it.each<[JsonObject, string]>([
    [{ name: "" }, "name"],
    [{ name: "x".repeat(65) }, "name"],
    [{ name: "a\u202eb" }, "name"],
    [{ permissions: "admin" }, "permissions"],
    [{ permissions: "custom" }, "scopes"],
    [{ permissions: "custom", scopes: [] }, "scopes"],
    [{ permissions: "custom", scopes: ["tokens:manage"] }, "scopes"],
    [{ scopes: ["files:read"] }, "scopes"],
    [{ expires: "yesterday" }, "expires"],
    [{ expires: "90d", expiresAt: null }, "expires"],
    [{ expiresAt: "2001-01-01T00:00:00Z" }, "expiresAt"],
    [{ owner: "me" }, "owner"],
    [{ owner: "node:5a07a723-c795-8830-ae2e-6be0ef71b399" }, "owner"],
    [{ allowedIps: ["studio.local"] }, "allowedIps"],
    [{ surprise: 1 }, ""],
  ])("refuses %j", async (input, field) => {
    expect(await refused(rpc(node, "GenerateAPIToken", { name: "ci", ...input }, { via: "socket" }))).toEqual([
      400,
      "INVALID_REQUEST",
      field,
    ]);
  });

  it("is not for tokens, however much they may do, nor for operators", async () => {
    const { token } = await issue({ permissions: "fullAccess" });
    const wild = await issue({ permissions: "custom", scopes: ["create:*", "read:*", "update:*", "delete:*"] });
    for (const text of [token, wild["token"]]) {
      for (const method of ["GenerateAPIToken", "ListAPITokens", "RevokeAPIToken", "RemovePeer", "OpenPairing", "GetStatus"])
        expect((await refused(rpc(node, method, { apiToken: text })))[1]).toBe("INSUFFICIENT_SCOPE");
    }
    const operator = await pair(node, "operator");
    expect((await askSigned(node, operator, "POST /v1/tokens", { body: { name: "x" } })).json["scope"]).toBe("tokens:manage");
  });
});

describe("lists and records", () => {
  it("never show a text or hash", async () => {
    const { token } = await issue();
    const answer = await ask(node, "GET /v1/tokens", { via: "socket" });
    const texts = listIn(answer.json, "tokens");
    expect(texts.length).toBeGreaterThan(1);
    for (const record of texts) expect(Object.keys(record)).not.toEqual(expect.arrayContaining(["token"]));
    for (const secret of [String(token), storageHash(String(token))]) {
      const hidden = typeof secret === "string" ? secret.slice(12) : Buffer.from(secret).toString("hex");
      expect(answer.text).not.toContain(hidden);
    }
  });

  it("say what became of each", async () => {
    const [active, revoked, expired] = [await issue(), await issue(), await issue({ expires: "60s" })];
    await asLocal(node, "RevokeAPIToken", { id: revoked["id"] });
    clock.ahead += 61_000;
    const status = async ({ id }: JsonObject) => (await asLocal(node, "GetAPIToken", { id }))["status"];
    expect([await status(active), await status(revoked), await status(expired)]).toEqual(["active", "revoked", "expired"]);
  });

  it("of what is not there: 404, and 400 for what is no id", async () => {
    expect((await ask(node, "GET /v1/tokens/0190b2c0-0000-7000-8000-000000000000", { via: "socket" })).status).toBe(404);
    expect((await ask(node, "GET /v1/tokens/x", { via: "socket" })).status).toBe(400);
    expect((await ask(node, "DELETE /v1/tokens/0190b2c0-0000-7000-8000-000000000000", { via: "socket" })).status).toBe(404);
    expect((await rpc(node, "RevokeAPIToken", {}, { via: "socket" })).status).toBe(400);
  });
});

describe("ending", () => {
  it("by revoking keeps the record, and doing it twice changes nothing", async () => {
    const { id, token } = await issue();
    const end = () => ask(node, `POST /v1/tokens/${String(id)}/revoke`, { via: "socket" });
    const [first, second] = [await end(), await end()];
    for (const { json, status } of [first, second])
      expect([status, json]).toEqual([200, { id, status: "revoked", connectionsClosed: 0 }]);
    expect((await ask(node, "GET /v1/node", { token: String(token) })).json["code"]).toBe("TOKEN_REVOKED");
    expect((await asLocal(node, "GetAPIToken", { id }))["status"]).toBe("revoked");
    const revocations = ledgerOf(node)
      .split("\n")
      .filter((line) => line.includes(`"token.revoked","id":"${String(id)}"`));
    expect(revocations).toHaveLength(1);
  });

  it("by the old name of the id, with the old product's words", async () => {
    const { id } = await issue();
    expect(await asLocal(node, "RevokeAPIToken", { tokenID: id })).toEqual({
      success: true,
      message: "token revoked",
      id,
      status: "revoked",
      connectionsClosed: 0,
    });
    expect(await refused(rpc(node, "RevokeAPIToken", { tokenID: id, id }, { via: "socket" }))).toEqual([
      400,
      "INVALID_REQUEST",
      "",
    ]);
  });

  it("by deleting removes the record, revoked or not", async () => {
    const [one, two] = [await issue(), await issue()];
    await asLocal(node, "RevokeAPIToken", { id: two["id"] });
    for (const { id, token } of [one, two]) {
      expect((await ask(node, `DELETE /v1/tokens/${String(id)}`, { via: "socket" })).json).toEqual({
        id,
        status: "deleted",
        connectionsClosed: 0,
      });
      expect((await ask(node, "GET /v1/node", { token: String(token) })).json["code"]).toBe("TOKEN_INVALID");
      expect((await ask(node, `GET /v1/tokens/${String(id)}`, { via: "socket" })).status).toBe(404);
    }
  });
});

describe("a proof that this node knows a token", () => {
  const nonce = systemRandom.bytes(16);
  const prove = (text: string) =>
    ask(node, "POST /v1/tokens/prove", {
      body: { lookup: toBase64url(tokenLookup(storageHash(text))), nonce: toBase64url(nonce) },
    });

  it("is what only a node with the token's hash can make", async () => {
    const text = textIn(await issue(), "token");
    const { json, status } = await prove(text);
    expect(status).toBe(200);
    const nodeKey = parsePublicKey(fromBase64url(textIn(json, "nodeKey")));
    expect(nodeIdOf(nodeKey)).toBe(node.nodeId);
    expect(json["proof"]).toBe(toBase64url(tokenProof(storageHash(text), nonce, nodeKey)));
  });

  it("for a token nobody knows looks alike, and stays the same", async () => {
    const unknown = "csk_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL2CB5HI";
    const [known, one, two] = [await prove(textIn(await issue(), "token")), await prove(unknown), await prove(unknown)];
    const shape = ({ headers, json, status }: Answer) => [status, Object.keys(json), headers["content-length"], json["nodeKey"]];
    expect(shape(one)).toEqual(shape(known));
    expect(one.json["proof"]).toBe(two.json["proof"]);
    const nodeKey = parsePublicKey(fromBase64url(textIn(one.json, "nodeKey")));
    expect(one.json["proof"]).not.toBe(toBase64url(tokenProof(storageHash(unknown), nonce, nodeKey)));
  });

  it("takes exactly its two members, 16 bytes each", async () => {
    const bytes = (length: number) => toBase64url(new Uint8Array(length));
    for (const body of [
      {},
      { lookup: bytes(16) },
      { lookup: bytes(15), nonce: bytes(16) },
      { lookup: bytes(16), nonce: bytes(17) },
      { lookup: bytes(16), nonce: bytes(16), token: "x" },
    ])
      expect((await ask(node, "POST /v1/tokens/prove", { body })).json["code"]).toBe("INVALID_REQUEST");
  });

  it("is limited by network, known or not, and never on the local socket", async () => {
    const text = textIn(await issue(), "token");
    clock.passed += 60_000;
    for (let i = 0; i < 120; i++) expect((await prove(text)).status).toBe(200);
    const limited = await prove(text);
    expect([limited.status, limited.json["code"], Number(limited.headers["retry-after"]) > 0]).toEqual([
      429,
      "RATE_LIMITED",
      true,
    ]);
    const body = { lookup: toBase64url(new Uint8Array(16)), nonce: toBase64url(nonce) };
    expect((await ask(node, "POST /v1/tokens/prove", { body, via: "socket" })).status).toBe(200);
    clock.passed += 60_000;
    expect((await prove(text)).status).toBe(200);
  });
});

it("writes no token down", async () => {
  const texts = await Promise.all([issue(), issue(), issue()]);
  const written = `${ledgerOf(node)}${node.log.join("")}`;
  expect(written).toContain("token.issued");
  expect(written).not.toMatch(/csk_[0-9A-Za-z]{38}/);
  for (const { token } of texts) expect(written).not.toContain(String(token).slice(12));
});

function ledgerOf({ dataDir }: TestNode): string {
  const folder = join(dataDir, "ledger");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".log"))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
}
