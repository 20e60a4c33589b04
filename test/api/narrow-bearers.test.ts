/** A bearer that was asked to do less than its admin, and what it must not reach: nobody grants more than they hold. */

import { describe, expect, it } from "vitest";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { ask, asLocal, textIn } from "../support/http.ts";
import { nodeOfTest, type TestNode } from "../support/node.ts";
import { askSigned, newKey, pair, type TestPeer } from "../support/peers.ts";

/** Resolves to the text of a bearer of the admin's with these scopes alone. */
async function bearerOf(node: TestNode, admin: TestPeer, scope: string): Promise<string> {
  const body = { grant_type: "client_credentials", scope };
  return textIn((await askSigned(node, admin, "POST /rpc/ExchangeToken", { body })).json, "access_token");
}

async function nodeWithAdmin() {
  const node = await nodeOfTest();
  return { node, admin: await pair(node, "admin") };
}

const REFUSED = { code: "INSUFFICIENT_SCOPE" };

describe("a bearer narrowed to peers:manage", () => {
  it("trusts no key with a role above its own rights", async () => {
    const { node, admin } = await nodeWithAdmin();
    const token = await bearerOf(node, admin, "peers:manage");
    const peer = { publicKey: publicKeyToHex(newKey().publicKey), name: "second admin" };
    for (const role of ["viewer", "operator", "admin"]) {
      const { json, status } = await ask(node, "POST /v1/peers", { token, body: { ...peer, role } });
      expect([status, json]).toMatchObject([403, REFUSED]);
    }
    const wider = await bearerOf(node, admin, "peers:manage machines:read metrics:read");
    expect((await ask(node, "POST /v1/peers", { token: wider, body: { ...peer, role: "viewer" } })).status).toBe(201);
  });

  it("raises nobody's role, and renames and removes", async () => {
    const { node, admin } = await nodeWithAdmin();
    const viewer = await pair(node, "viewer");
    const token = await bearerOf(node, admin, "peers:manage");
    const path = `/v1/peers/${viewer.id}`;
    expect((await ask(node, `PATCH ${path}`, { token, body: { role: "admin" } })).json).toMatchObject(REFUSED);
    expect((await ask(node, `PATCH ${path}`, { token, body: { name: "other" } })).json).toMatchObject({ role: "viewer" });
    expect((await ask(node, `DELETE ${path}`, { token })).status).toBe(200);
  });
});

describe("a bearer narrowed to pairing:manage", () => {
  it("opens no window for more than its rights, and sees the code of none", async () => {
    const { node, admin } = await nodeWithAdmin();
    const token = await bearerOf(node, admin, "pairing:manage");
    expect((await ask(node, "POST /v1/pairing", { token, body: {} })).json).toMatchObject(REFUSED);
    expect((await ask(node, "POST /v1/pairing", { token, body: { role: "viewer" } })).json).toMatchObject(REFUSED);
    await asLocal(node, "OpenPairing", { role: "viewer" });
    for (const what of ["GET /v1/pairing", "POST /v1/pairing/code"]) {
      const { json, status } = await ask(node, what, { token });
      expect([status, json]).toMatchObject([403, REFUSED]);
      expect(json).not.toHaveProperty("code", expect.stringMatching(/^[0-9]{6}$/));
    }
    const wider = await bearerOf(node, admin, "pairing:manage machines:read metrics:read");
    expect((await ask(node, "GET /v1/pairing", { token: wider })).json).toHaveProperty("role", "viewer");
    expect((await ask(node, "DELETE /v1/pairing", { token })).json).toMatchObject({ closed: true });
  });
});

describe("a bearer narrowed to tokens:manage", () => {
  it("edits a token only if it leaves it no more than itself, and rotates none that may do more", async () => {
    const { node, admin } = await nodeWithAdmin();
    const token = await bearerOf(node, admin, "tokens:manage machines:read");
    const rights = { permissions: "custom", scopes: ["machines:read", "metrics:read"] };
    const path = `/v1/tokens/${textIn(await asLocal(node, "GenerateAPIToken", { name: "ci", ...rights }), "id")}`;
    const edit = (body: object) => ask(node, `PATCH ${path}`, { token, body });
    expect((await edit({ name: "other" })).json).toMatchObject(REFUSED);
    expect((await edit({ scopes: ["machines:read", "audit:read"] })).json).toMatchObject(REFUSED);
    expect((await ask(node, `POST ${path}/rotate`, { token, body: {} })).json).toMatchObject(REFUSED);
    expect((await edit({ scopes: ["machines:read"] })).json).toMatchObject({ scopes: ["machines:read"] });
    expect((await edit({ name: "other" })).json).toMatchObject({ name: "other" });
  });

  it("is not told the token that its admin made, by repeating the admin's key", async () => {
    const { node, admin } = await nodeWithAdmin();
    const token = await bearerOf(node, admin, "tokens:manage");
    const question = { body: { name: "ci", permissions: "fullAccess" }, headers: { "Idempotency-Key": "nightly" } };
    const made = await askSigned(node, admin, "POST /v1/tokens", question);
    const repeated = await ask(node, "POST /v1/tokens", { ...question, token });
    expect(made.status).toBe(201);
    expect([repeated.status, repeated.json]).toMatchObject([403, REFUSED]);
    expect(repeated.text).not.toContain(textIn(made.json, "token"));
  });

  it("joins what a bearer of the same rights did, as after an exchange anew", async () => {
    const { node, admin } = await nodeWithAdmin();
    const scope = "tokens:manage machines:read metrics:read";
    const question = { body: { name: "ci" }, headers: { "Idempotency-Key": "nightly" } };
    const first = await ask(node, "POST /v1/tokens", { ...question, token: await bearerOf(node, admin, scope) });
    const second = await ask(node, "POST /v1/tokens", { ...question, token: await bearerOf(node, admin, scope) });
    expect([first.status, second.json]).toEqual([201, first.json]);
  });
});
