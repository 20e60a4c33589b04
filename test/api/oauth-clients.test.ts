/** Two OAuth clients that know nothing of this node, unmodified, over TLS with the node's certificate. */

import { webcrypto } from "node:crypto";
import { request } from "node:https";
import * as partner from "oauth4webapi";
import * as openid from "openid-client";
import { describe, expect, it } from "vitest";
import type { SecretKey } from "../../src/crypto/secret-key.ts";
import { toKeyObject } from "../../src/identity/pkcs8.node.ts";
import { SettableClock } from "../support/clock.ts";
import { ask, asLocal, collect, textIn } from "../support/http.ts";
import { nodeOfTest, type TestNode } from "../support/node.ts";
import { newKey, pair } from "../support/peers.ts";

/** `fetch` that trusts this node's certificate and nothing else, as NODE_EXTRA_CA_CERTS makes the global one. */
function fetchOf({ ca }: TestNode) {
  return async (url: string, { body, headers, method }: openid.CustomFetchOptions): Promise<Response> => {
    const answer = await new Promise<Awaited<ReturnType<typeof collect>>>((resolve, reject) => {
      const sent = request(url, {
        ca,
        agent: false,
        method,
        headers: Object.fromEntries(new Headers(headers)),
      });
      sent.once("response", (response) => void collect(response).then(resolve, reject)).once("error", reject);
      sent.end(body instanceof URLSearchParams ? body.toString() : undefined);
    });
    const fields = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string]);
    return new Response(answer.text, { status: answer.status, headers: fields });
  };
}

/** A node that has run for a minute: an assertion from before a start is refused, and clients sign with the present. */
async function seasonedNode(): Promise<TestNode> {
  const clock = new SettableClock();
  clock.ahead = -60_000;
  const node = await nodeOfTest({ clock });
  clock.ahead = 0;
  return node;
}

function privateKey(key: SecretKey): Promise<webcrypto.CryptoKey> {
  const pkcs8 = toKeyObject(key).export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", pkcs8, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
}

async function issue(node: TestNode) {
  const issued = await asLocal(node, "GenerateAPIToken", { name: "ci", permissions: "fullAccess" });
  return { id: textIn(issued, "id"), secret: textIn(issued, "token") };
}

describe("openid-client", () => {
  async function discover(node: TestNode, id: string, method: openid.ClientAuth): Promise<openid.Configuration> {
    return openid.discovery(new URL(`https://127.0.0.1:${node.port}`), id, undefined, method, {
      algorithm: "oauth2",
      [openid.customFetch]: fetchOf(node),
    });
  }

  it("discovers, exchanges a token, asks about the bearer and revokes it", async () => {
    const node = await nodeOfTest();
    const { id, secret } = await issue(node);
    for (const method of [openid.ClientSecretBasic(secret), openid.ClientSecretPost(secret)]) {
      const configuration = await discover(node, id, method);
      const granted = await openid.clientCredentialsGrant(configuration, { scope: "machines:read" });
      expect(granted).toMatchObject({ token_type: "bearer", expires_in: 600, scope: "machines:read" });
      expect((await ask(node, "GET /v1/node", { token: granted.access_token, via: "tls" })).status).toBe(200);
      const described = await openid.tokenIntrospection(configuration, granted.access_token);
      expect(described).toMatchObject({ active: true, client_id: id, scope: "machines:read", token_type: "bearer" });
      await openid.tokenRevocation(configuration, granted.access_token);
      expect(await openid.tokenIntrospection(configuration, granted.access_token)).toEqual({ active: false });
      expect((await ask(node, "GET /v1/node", { token: granted.access_token, via: "tls" })).status).toBe(401);
    }
  });

  it("proves a paired key by an assertion and acts as that peer; a stranger's key does not", async () => {
    const node = await seasonedNode();
    const { id, key } = await pair(node, "admin");
    const configuration = await discover(node, id, openid.PrivateKeyJwt(await privateKey(key)));
    const granted = await openid.clientCredentialsGrant(configuration);
    const self = await ask(node, "GET /v1/self", { token: granted.access_token, via: "tls" });
    expect(self.json).toMatchObject({ actor: `peer:${id}` });
    expect((await ask(node, "GET /v1/peers", { token: granted.access_token, via: "tls" })).status).toBe(200);
    const stranger = await discover(node, id, openid.PrivateKeyJwt(await privateKey(newKey())));
    await expect(openid.clientCredentialsGrant(stranger)).rejects.toMatchObject({ status: 401, cause: [{ scheme: "basic" }] });
  });

  it("is told what it did wrong in words it knows", async () => {
    const node = await nodeOfTest();
    const { id, secret } = await issue(node);
    const wrong = await discover(node, id, openid.ClientSecretBasic(`${secret}x`));
    await expect(openid.clientCredentialsGrant(wrong)).rejects.toMatchObject({ status: 401, cause: [{ scheme: "basic" }] });
    const right = await discover(node, id, openid.ClientSecretBasic(secret));
    const beyond = openid.clientCredentialsGrant(right, { scope: "tokens:manage" });
    await expect(beyond).rejects.toMatchObject({ error: "invalid_scope", status: 400 });
    const grant = openid.genericGrantRequest(right, "password", { username: "x", password: "y" });
    await expect(grant).rejects.toMatchObject({ error: "unsupported_grant_type", status: 400 });
  });
});

describe("oauth4webapi", () => {
  async function discover(node: TestNode) {
    const options = { [partner.customFetch]: fetchOf(node) };
    const issuer = new URL(`https://127.0.0.1:${node.port}`);
    const answer = await partner.discoveryRequest(issuer, { algorithm: "oauth2", ...options });
    return { options, server: await partner.processDiscoveryResponse(issuer, answer) };
  }

  it("runs discovery, the grant by secret, introspection and revocation", async () => {
    const node = await nodeOfTest();
    const { id, secret } = await issue(node);
    const { options, server } = await discover(node);
    const client = { client_id: id };
    const method = partner.ClientSecretBasic(secret);
    const asked = await partner.clientCredentialsGrantRequest(server, client, method, new URLSearchParams(), options);
    const { access_token: bearer } = await partner.processClientCredentialsResponse(server, client, asked);
    const about = await partner.introspectionRequest(server, client, method, bearer, options);
    expect(await partner.processIntrospectionResponse(server, client, about)).toMatchObject({ active: true, sub: `token:${id}` });
    const ended = await partner.revocationRequest(server, client, method, bearer, options);
    await partner.processRevocationResponse(ended);
    expect((await ask(node, "GET /v1/self", { token: bearer, via: "tls" })).json).toMatchObject({ code: "TOKEN_INVALID" });
  });

  it("runs the grant by a paired key; an assertion is good once", async () => {
    const node = await seasonedNode();
    const { id, key } = await pair(node, "viewer");
    const { options, server } = await discover(node);
    const client = { client_id: id };
    const method = partner.PrivateKeyJwt(await privateKey(key));
    const granted = await partner.clientCredentialsGrantRequest(server, client, method, new URLSearchParams(), options);
    expect(await partner.processClientCredentialsResponse(server, client, granted)).toMatchObject({ token_type: "bearer" });

    const once: partner.ClientAuth = (as, who, body, headers) => method(as, who, body, headers);
    const kept = new URLSearchParams();
    await once(server, client, kept, new Headers());
    const repeat: partner.ClientAuth = (_as, _who, body) => {
      for (const [name, value] of kept) body.set(name, value);
    };
    const use = () => partner.clientCredentialsGrantRequest(server, client, repeat, new URLSearchParams(), options);
    expect([(await use()).status, (await use()).status]).toEqual([200, 401]);
  });
});
