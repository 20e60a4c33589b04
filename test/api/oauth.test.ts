/** The token endpoints byte by byte: statuses, media types and words of RFC 6749, 7009, 7662 and 8414. */

import { describe, expect, it } from "vitest";
import { SettableClock } from "../support/clock.ts";
import { type Answer, ask, asLocal, type Question, rpc, textIn } from "../support/http.ts";
import { nodeOfTest, type TestNode } from "../support/node.ts";
import { askSigned, pair } from "../support/peers.ts";
import { openSocket } from "../support/sockets.ts";

const FORM = "application/x-www-form-urlencoded";

async function issue(node: TestNode, input = {}) {
  const issued = await asLocal(node, "GenerateAPIToken", { name: "ci", permissions: "fullAccess", ...input });
  return { id: textIn(issued, "id"), secret: textIn(issued, "token") };
}

/** Posts a form. */
function post(node: TestNode, path: string, form: Readonly<Record<string, string>>, question: Question = {}): Promise<Answer> {
  const headers = { "Content-Type": FORM, ...question.headers };
  return ask(node, `POST ${path}`, { via: "tls", ...question, headers, body: new URLSearchParams(form).toString() });
}

function basic(id: string, secret: string): { readonly headers: { readonly Authorization: string } } {
  return { headers: { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` } };
}

const GRANT = { grant_type: "client_credentials" };

async function exchange(node: TestNode, { id, secret }: { id: string; secret: string }, form = {}): Promise<string> {
  const { json } = await post(node, "/oauth/token", { ...GRANT, ...form }, basic(id, secret));
  return textIn(json, "access_token");
}

describe("the token endpoint", () => {
  it("answers as RFC 6749 §5.1 writes it, by Basic and by the body", async () => {
    const node = await nodeOfTest();
    const { id, secret } = await issue(node);
    const answers = [
      await post(node, "/oauth/token", GRANT, basic(id, secret)),
      await post(node, "/oauth/token", { ...GRANT, client_id: id, client_secret: secret, unknown: "ignored" }),
    ];
    for (const { headers, json, status } of answers) {
      expect(status).toBe(200);
      expect(headers).toMatchObject({ "content-type": "application/json", "cache-control": "no-store", pragma: "no-cache" });
      expect(json).toMatchObject({ token_type: "bearer", expires_in: 600 });
      expect(json["access_token"]).toMatch(/^cst_[0-9A-Za-z]{38}$/);
      expect(Date.parse(textIn(json, "expires"))).toBeGreaterThan(Date.now() + 590_000);
    }
  });

  it("decodes the form in Basic (RFC 6749 §2.3.1)", async () => {
    const node = await nodeOfTest();
    const { id, secret } = await issue(node);
    const encoded = basic(id.replaceAll("-", "%2D"), secret.replace("_", "%5F"));
    expect((await post(node, "/oauth/token", GRANT, encoded)).status).toBe(200);
    expect((await post(node, "/oauth/token", GRANT, basic("%", secret))).json).toMatchObject({ error: "invalid_client" });
  });

  it.each([
    [{}, 400, "invalid_request"],
    [{ grant_type: "password" }, 400, "unsupported_grant_type"],
    [{ ...GRANT, scope: "no:such" }, 400, "invalid_scope"],
    [{ ...GRANT, scope: "machines:read  metrics:read" }, 400, "invalid_scope"],
    [{ ...GRANT, scope: "peers:manage" }, 400, "invalid_scope"],
    [{ ...GRANT, client_secret: "csk_x", client_id: "x" }, 400, "invalid_request"],
  ])("refuses %o with %i %s", async (form, status, error) => {
    const node = await nodeOfTest();
    const { id, secret } = await issue(node);
    const answer = await post(node, "/oauth/token", form, basic(id, secret));
    expect([answer.status, answer.json["error"]]).toEqual([status, error]);
    expect(answer.json["error_description"]).toMatch(/^[ !#-[\]-~]+$/);
    expect(answer.headers["content-type"]).toBe("application/json");
  });

  it("refuses whom it does not know with 401 and a challenge", async () => {
    const node = await nodeOfTest();
    const { id, secret } = await issue(node);
    const other = await issue(node);
    const wrong = [
      await post(node, "/oauth/token", GRANT),
      await post(node, "/oauth/token", GRANT, basic(id, `${secret}x`)),
      await post(node, "/oauth/token", GRANT, basic(other.id, secret)),
      await post(node, "/oauth/token", { ...GRANT, client_id: other.id, client_secret: secret }),
    ];
    for (const { headers, json, status } of wrong) {
      expect([status, json["error"]]).toEqual([401, "invalid_client"]);
      expect(headers["www-authenticate"]).toMatch(/^Basic realm="cider-fleet"/);
      expect(JSON.stringify(json)).not.toContain(secret);
    }
  });

  it("takes forms by POST over TLS, and nothing else", async () => {
    const node = await nodeOfTest();
    const { id, secret } = await issue(node);
    const client = basic(id, secret);
    const json = await ask(node, "POST /oauth/token", { via: "tls", ...client, body: GRANT });
    expect([json.status, json.json["error"]]).toEqual([400, "invalid_request"]);
    const twice = { ...client.headers, "Content-Type": FORM };
    const body = "grant_type=client_credentials&grant_type=client_credentials";
    expect((await ask(node, "POST /oauth/token", { via: "tls", headers: twice, body })).json["error"]).toBe("invalid_request");
    const two = await post(node, "/oauth/token", { ...GRANT, client_id: id, client_secret: secret }, client);
    expect([two.status, two.json["error"]]).toEqual([400, "invalid_request"]);
    const got = await ask(node, "GET /oauth/token", { via: "tls", ...client });
    expect([got.status, got.headers.allow]).toEqual([405, "POST, OPTIONS"]);
    const query = await ask(node, `POST /oauth/token?grant_type=client_credentials&client_id=${id}&client_secret=${secret}`, {
      via: "tls",
    });
    expect(query.status).toBe(401);
    expect((await ask(node, "POST /oauth/other", { via: "tls" })).status).toBe(404);
  });

  it("exchanges a signed request and no bearer", async () => {
    const node = await nodeOfTest();
    const peer = await pair(node, "operator");
    const signed = await askSigned(node, peer, "POST /rpc/ExchangeToken", { via: "socket", body: GRANT });
    const token = textIn(signed.json, "access_token");
    expect((await ask(node, "GET /v1/self", { token })).json).toMatchObject({ actor: `peer:${peer.id}` });
    expect((await ask(node, "GET /v1/tokens", { token })).json).toMatchObject({ code: "INSUFFICIENT_SCOPE" });
    const again = await post(node, "/oauth/token", GRANT, { headers: { Authorization: `Bearer ${token}` } });
    expect([again.status, again.json["error"]]).toEqual([400, "unauthorized_client"]);
    expect((await post(node, "/oauth/token", GRANT, { via: "socket" })).json).toMatchObject({ error: "unauthorized_client" });
  });
});

describe("a bearer", () => {
  it("does what was asked for, of what its token may", async () => {
    const node = await nodeOfTest();
    const token = await exchange(node, await issue(node), { scope: "machines:read" });
    expect((await ask(node, "GET /v1/self", { token })).json).toMatchObject({ scopes: ["machines:read"] });
    expect((await ask(node, "GET /v1/node", { token })).status).toBe(200);
    const refused = await ask(node, "PATCH /v1/node", { token, body: { name: "x" } });
    expect(refused.json).toMatchObject({ code: "INSUFFICIENT_SCOPE", scope: "machines:write" });
    const wild = await issue(node, { permissions: "custom", scopes: ["read:*"] });
    const narrow = await exchange(node, wild, { scope: "machines:read" });
    expect((await ask(node, "GET /v1/self", { token: narrow })).json).toMatchObject({ scopes: ["machines:read"] });
    const write = await post(node, "/oauth/token", { ...GRANT, scope: "machines:write" }, basic(wild.id, wild.secret));
    expect(write.json).toMatchObject({ error: "invalid_scope" });
  });

  it("ends with its token in the same tick, its socket too", async () => {
    const node = await nodeOfTest();
    const parent = await issue(node);
    const token = await exchange(node, parent);
    const other = await exchange(node, await issue(node));
    const socket = await openSocket(node, { token });
    await socket.hello();
    const revoked = asLocal(node, "RevokeAPIToken", { id: parent.id });
    expect(await socket.closed).toMatchObject({ code: 4401 });
    expect(await revoked).toMatchObject({ connectionsClosed: 1 });
    expect((await ask(node, "GET /v1/self", { token })).json).toMatchObject({ code: "TOKEN_INVALID" });
    expect((await ask(node, "GET /v1/self", { token: other })).status).toBe(200);
  });

  it("ends with its peer, and a new trust in the same key does not bring it back", async () => {
    const node = await nodeOfTest();
    const peer = await pair(node, "admin");
    const token = textIn((await askSigned(node, peer, "POST /rpc/ExchangeToken", { body: GRANT })).json, "access_token");
    expect((await ask(node, "GET /v1/self", { token })).status).toBe(200);
    await pair(node, "admin", peer.key);
    expect((await ask(node, "GET /v1/self", { token })).status).toBe(401);
  });

  it("lives as long as configured, and never longer than its token", async () => {
    const clock = new SettableClock();
    const node = await nodeOfTest({ clock, env: { CIDER_TOKENS_BEARER_LIFE: "2m" } });
    const long = await exchange(node, await issue(node));
    const expiresAt = new Date(Date.now() + 30_000).toISOString();
    const short = await exchange(node, await issue(node, { expiresAt }));
    expect((await ask(node, "GET /v1/self", { token: short })).json).toMatchObject({ expiresAt });
    clock.ahead = 31_000;
    expect((await ask(node, "GET /v1/self", { token: short })).status).toBe(401);
    expect((await ask(node, "GET /v1/self", { token: long })).status).toBe(200);
    clock.ahead = 121_000;
    expect((await ask(node, "GET /v1/self", { token: long })).json).toMatchObject({ code: "TOKEN_EXPIRED" });
  });

  it("closes its socket when its own time is over, not its token's", async () => {
    const node = await nodeOfTest({ env: { CIDER_TOKENS_BEARER_LIFE: "1s" } });
    const parent = await issue(node);
    const socket = await openSocket(node, { token: await exchange(node, parent) });
    const other = await openSocket(node, { token: parent.secret });
    await socket.hello();
    expect(await socket.closed).toEqual({ code: 4401, reason: "expired" });
    expect(await other.call("GetSelf")).toMatchObject({ actor: `token:${parent.id}` });
  });

  it("feels what its token loses: a scope at its next call, a nearer end at that end", async () => {
    const node = await nodeOfTest();
    const parent = await issue(node);
    const socket = await openSocket(node, { token: await exchange(node, parent) });
    await socket.call("RenameNode", { name: "beta" });
    await asLocal(node, "UpdateAPIToken", { id: parent.id, permissions: "readOnly" });
    expect(await socket.refused("RenameNode", { name: "gamma" })).toMatchObject({ code: "INSUFFICIENT_SCOPE" });
    expect(await socket.call("GetNodeInfo")).toMatchObject({ name: "beta" });
    await asLocal(node, "UpdateAPIToken", { id: parent.id, expires: "1s" });
    expect(await socket.closed).toMatchObject({ code: 4401 });
  });

  it("is on no disk: after a restart nobody knows it", async () => {
    const node = await nodeOfTest();
    const parent = await issue(node);
    const token = await exchange(node, parent);
    const { tokens } = await asLocal(node, "ListAPITokens");
    expect(JSON.stringify(tokens)).not.toContain("cst_");
    await node.stop();
    const again = await nodeOfTest({ folder: node.dataDir });
    expect((await ask(again, "GET /v1/self", { token })).json).toMatchObject({ code: "TOKEN_INVALID" });
    expect((await ask(again, "GET /v1/self", { token: parent.secret })).status).toBe(200);
  });
});

describe("introspection", () => {
  it("tells who proved themselves about any text they hold, and nothing of a bad one", async () => {
    const node = await nodeOfTest();
    const asker = await issue(node, { permissions: "readOnly" });
    const asked = await issue(node, { permissions: "readOnly", expires: "1d", allowedIps: ["192.0.2.1"] });
    const about = await post(
      node,
      "/oauth/introspect",
      { token: asked.secret, token_type_hint: "x" },
      basic(asker.id, asker.secret),
    );
    expect(about).toMatchObject({
      status: 200,
      json: { active: true, client_id: asked.id, scope: "machines:read metrics:read" },
    });
    await asLocal(node, "RevokeAPIToken", { id: asked.id });
    for (const token of [asked.secret, "csk_", "cst_x", "x"]) {
      const answer = await post(node, "/oauth/introspect", { token }, { token: asker.secret });
      expect([answer.status, answer.text]).toEqual([200, '{"active":false}']);
    }
    expect((await post(node, "/oauth/introspect", { token: asker.secret })).status).toBe(401);
    const none = await post(node, "/oauth/introspect", {}, basic(asker.id, asker.secret));
    expect([none.status, none.json["error"]]).toEqual([400, "invalid_request"]);
  });
});

describe("revocation", () => {
  it("ends the very token presented, and answers 200 whatever it was", async () => {
    const node = await nodeOfTest();
    const { id, secret } = await issue(node);
    const bearer = await exchange(node, { id, secret });
    const burnt = await post(node, "/oauth/revoke", { token: bearer });
    expect([burnt.status, burnt.text]).toEqual([200, "{}"]);
    expect((await ask(node, "GET /v1/self", { token: bearer })).status).toBe(401);
    expect((await ask(node, "GET /v1/self", { token: secret })).status).toBe(200);
    for (const token of [secret, secret, bearer, "csk_nobody", "x"]) {
      expect((await post(node, "/oauth/revoke", { token, token_type_hint: "access_token" })).status).toBe(200);
    }
    expect((await ask(node, "GET /v1/self", { token: secret })).json).toMatchObject({ code: "TOKEN_REVOKED" });
    expect(await asLocal(node, "GetAPIToken", { id })).toMatchObject({ status: "revoked" });
    expect((await post(node, "/oauth/revoke", {})).json).toMatchObject({ error: "invalid_request" });
  });
});

describe("/login", () => {
  it("takes forms and JSON, names of logins and of OAuth", async () => {
    const node = await nodeOfTest();
    const { id, secret } = await issue(node);
    const answers = [
      await post(node, "/login", { username: id, password: secret }),
      await post(node, "/login", { password: secret }),
      await post(node, "/login", { client_id: id, client_secret: secret }),
      await post(node, "/login", {}, basic(id, secret)),
      await ask(node, "POST /login", { via: "tls", body: { username: id, password: secret } }),
      await ask(node, "POST /login", { via: "tls", body: { password: secret, scope: "machines:read" } }),
    ];
    for (const { json, status } of answers) {
      expect(status).toBe(200);
      expect(Object.keys(json)).toEqual(["access_token", "token_type", "expires_in", "expires", "scope"]);
    }
    expect(answers.at(-1)?.json).toMatchObject({ scope: "machines:read" });
    expect((await post(node, "/login", { username: id, password: "wrong" })).json).toMatchObject({ error: "invalid_client" });
    expect((await ask(node, "POST /login", { via: "tls", body: "{" })).json).toMatchObject({ error: "invalid_request" });
  });
});

describe("metadata", () => {
  it("are those of the name they were asked under (RFC 8414 §3)", async () => {
    const node = await nodeOfTest();
    const { headers, json, status } = await ask(node, "GET /.well-known/oauth-authorization-server", { via: "tls" });
    const issuer = `https://127.0.0.1:${node.port}`;
    expect([status, headers["content-type"]]).toEqual([200, "application/json"]);
    expect(json).toMatchObject({
      issuer,
      token_endpoint: `${issuer}/oauth/token`,
      introspection_endpoint: `${issuer}/oauth/introspect`,
      revocation_endpoint: `${issuer}/oauth/revoke`,
      grant_types_supported: ["client_credentials"],
      token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
    });
    expect((await ask(node, "POST /.well-known/oauth-authorization-server", { via: "tls" })).status).toBe(405);
    const stranger = { headers: { Host: "stranger.example" } };
    expect((await ask(node, "GET /.well-known/oauth-authorization-server", stranger)).status).toBe(421);
  });
});

describe("the same by RPC", () => {
  it("exchanges, asks about and burns", async () => {
    const node = await nodeOfTest();
    const { secret } = await issue(node);
    const { json } = await rpc(node, "ExchangeToken", { ...GRANT, apiToken: secret }, { via: "tls" });
    const token = textIn(json, "access_token");
    expect((await rpc(node, "IntrospectToken", { token, apiToken: secret })).json).toMatchObject({ active: true });
    expect((await rpc(node, "BurnToken", { token })).status).toBe(200);
    expect((await rpc(node, "IntrospectToken", { token, apiToken: secret })).json).toEqual({ active: false });
  });
});
