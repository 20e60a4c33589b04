/** CORS (Fetch standard): the origins that the owner configured may read answers and send what a page must be let to send. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { signRequest } from "../../src/signatures/sign.ts";
import { type Answer, ask, rpc } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";

const OURS = "https://console.example.org";
const EVIL = "https://evil.example.org";
let node: TestNode;

beforeAll(async () => {
  node = await startTestNode({ env: { CIDER_ORIGINS: `${OURS},http://localhost:5173` } });
});
afterAll(() => node.end());

/** The fields of CORS in an answer. */
function sharing({ headers }: Answer): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("access-control-") || name === "vary"));
}

/** The words of a list in a field, in lower case. */
function listed(field: unknown): readonly string[] {
  return String(field).toLowerCase().split(", ");
}

describe("an answer", () => {
  it.each([
    ["a read", "GET /api/health", 200],
    ["a document", "GET /v1/node/ca.pem", 200],
    ["HEAD", "HEAD /api/health", 200],
    ["a missing credential", "GET /v1/node", 401],
    ["a path that is not there", "GET /v1/nowhere", 404],
    ["a method that is not taken", "PUT /v1/node", 405],
    ["the old interface", "POST /rpc/GetHealth", 200],
    ["OAuth", "POST /oauth/token", 401],
    ["a refusal before anything is looked at", "POST /v1/pairing/begin", 400],
  ])("to %s is shown to pages of a configured origin", async (_, what, status) => {
    const answer = await ask(node, what, { headers: { Origin: OURS } });
    expect(answer.status).toBe(status);
    expect(sharing(answer)).toMatchObject({ "access-control-allow-origin": OURS, vary: "Origin" });
    expect(answer.headers).not.toHaveProperty("access-control-allow-credentials");
  });

  it("names the origin that asked, where several are configured", async () => {
    const answer = await ask(node, "GET /api/health", { headers: { Origin: "http://localhost:5173" } });
    expect(sharing(answer)["access-control-allow-origin"]).toBe("http://localhost:5173");
  });

  it("shows every field that says something to a client", async () => {
    const always = ["cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"];
    const limited = await rpc(node, "GenerateAPIToken", { name: "l", requestsPerMinute: 1, expires: "1d" }, { via: "socket" });
    const answers = [
      await ask(node, "GET /v1/node", { token: String(limited.json["token"]), headers: { Origin: OURS } }),
      await ask(node, "GET /v1/node", { token: String(limited.json["token"]), headers: { Origin: OURS } }),
      await ask(node, "GET /v1/node", { headers: { Origin: OURS } }),
      await ask(node, "PUT /v1/node", { headers: { Origin: OURS } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 429, 401, 405]);
    const shown = listed(answers[0]?.headers["access-control-expose-headers"]);
    const ofConnection = ["connection", "date", "keep-alive", "vary", "x-content-type-options"];
    const sent = answers.flatMap(({ headers }) => Object.keys(headers)).filter((name) => !name.startsWith("access-control-"));
    const hidden = sent.filter((name) => ![...always, ...ofConnection, ...shown].includes(name));
    expect(hidden).toEqual([]);
    expect(sent).toEqual(
      expect.arrayContaining(["retry-after", "ratelimit", "cider-token-expires", "www-authenticate", "allow"]),
    );
  });

  it.each([EVIL, "null", "https://console.example.org.evil.org", "http://console.example.org", "https://CONSOLE.example.org"])(
    "is not shown to pages of %s",
    async (origin) => {
      for (const what of ["GET /api/health", "HEAD /api/health", "GET /v1/nowhere"])
        expect(sharing(await ask(node, what, { headers: { Origin: origin } }))).toEqual({});
      const change = await ask(node, "POST /rpc/GetHealth", { headers: { Origin: origin } });
      expect(change).toMatchObject({ status: 403, json: { code: "ORIGIN_REFUSED" } });
      expect(sharing(change)).toEqual({});
    },
  );

  it("says nothing of origins to whoever names none, or this node's own", async () => {
    expect(sharing(await ask(node, "GET /api/health"))).toEqual({});
    const own = { Origin: `http://127.0.0.1:${node.port}` };
    expect(sharing(await ask(node, "POST /rpc/GetHealth", { headers: own }))).toEqual({});
  });

  it("is nobody's under another name", async () => {
    const answer = await ask(node, "GET /api/health", { headers: { Origin: OURS, Host: "evil.example.org" } });
    expect(answer.status).toBe(421);
    expect(sharing(answer)).toEqual({});
  });
});

describe("a preflight", () => {
  const preflight = (path: string, method: string, origin = OURS) =>
    ask(node, `OPTIONS ${path}`, {
      headers: { Origin: origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization" },
    });

  it.each([
    ["/v1/node", "GET, HEAD, PATCH"],
    ["/v1/tokens/x", "GET, HEAD, PATCH, DELETE"],
    ["/rpc/GetNodeInfo", "POST"],
    ["/oauth/token", "POST"],
    ["/openapi.json", "GET, HEAD"],
  ])("for %s is told exactly what the path takes", async (path, methods) => {
    const answer = await preflight(path, "PATCH");
    expect(answer).toMatchObject({ status: 204, text: "" });
    expect(sharing(answer)).toMatchObject({
      "access-control-allow-origin": OURS,
      "access-control-allow-methods": methods,
      "access-control-max-age": "600",
      vary: "Origin",
    });
    expect(answer.headers).not.toHaveProperty("access-control-allow-credentials");
  });

  it("lets pages send every field that a signed change has, and no other", async () => {
    const body = new TextEncoder().encode('{"name":"mini"}');
    const request = { method: "PATCH", scheme: "https", authority: "127.0.0.1:9473", target: "/v1/node", body } as const;
    const signer = SecretKey.generate(systemRandom);
    const signed = await signRequest(request, { signer, nodeId: node.nodeId, created: 1, nonce: "n".repeat(22) });
    const allowed = listed((await preflight("/v1/node", "PATCH")).headers["access-control-allow-headers"]);
    const ours = [...Object.keys(signed), "authorization", "content-type", "idempotency-key"];
    expect([...allowed].sort()).toEqual(ours.sort());
  });

  it("is refused for what is not there, and to strangers, who learn nothing by it", async () => {
    expect(await preflight("/v1/nowhere", "GET")).toMatchObject({ status: 404 });
    expect(await preflight("/rpc/Nothing", "POST")).toMatchObject({ status: 404 });
    const refused = await preflight("/v1/node", "PATCH", EVIL);
    expect(refused).toMatchObject({ status: 403, json: { code: "ORIGIN_REFUSED" } });
    expect(sharing(refused)).toEqual({});
  });

  it("is plain OPTIONS without the method it asks for", async () => {
    const answer = await ask(node, "OPTIONS /v1/node", { headers: { Origin: OURS } });
    expect(answer.headers).not.toHaveProperty("access-control-allow-methods");
    expect(answer.headers["allow"]).toBe("GET, HEAD, PATCH, OPTIONS");
  });
});

it("allows nobody where nothing is configured", async () => {
  const plain = await startTestNode();
  try {
    const headers = { Origin: OURS, "Access-Control-Request-Method": "PATCH" };
    for (const what of ["GET /api/health", "OPTIONS /v1/node"]) expect(sharing(await ask(plain, what, { headers }))).toEqual({});
  } finally {
    await plain.end();
  }
});
