/** HEAD for whatever answers GET, and OPTIONS everywhere (RFC 9110 §9.3.2, §9.3.7). */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPERATION_NAMES, operationOf } from "../../src/catalogue/operations.ts";
import { ask, exchange, rpc } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";

let node: TestNode;
let token: string;

beforeAll(async () => {
  node = await startTestNode();
  token = String((await rpc(node, "GenerateAPIToken", { name: "ci" }, { via: "socket" })).json["token"]);
  // Its first use is written down, for which a connection that is half closed does not wait.
  await ask(node, "GET /v1/self", { token });
});
afterAll(() => node.end());

/** Every byte of the answers to one request, the connection closed behind it. */
function bytesOf(line: string, ...fields: readonly string[]): Promise<string> {
  return exchange(
    node,
    [`${line} HTTP/1.1`, `Host: 127.0.0.1:${node.port}`, ...fields, "Connection: close", "", ""].join("\r\n"),
  );
}

/** Reads without members in their path, by REST. */
const READS = OPERATION_NAMES.map((name) => operationOf(name).rest)
  .filter((rest) => rest !== null)
  .filter(({ method, path }) => method === "GET" && !path.includes(":"))
  .map(({ path }) => path);

/** What a node answers to reads and is no operation. */
const DOCUMENTS = ["/v1/node/ca.pem", "/.well-known/oauth-authorization-server", "/openapi.json"];

describe("HEAD", () => {
  it.each([...READS, ...DOCUMENTS])("%s is answered as GET is", async (path) => {
    const [head, get] = [await ask(node, `HEAD ${path}`, { via: "socket" }), await ask(node, `GET ${path}`, { via: "socket" })];
    expect(head.status).toBe(get.status);
    expect(head.headers["content-type"]).toBe(get.headers["content-type"]);
    expect(Object.keys(head.headers)).toEqual(Object.keys(get.headers));
  });

  it.each(["/v1/self", ...DOCUMENTS])("%s says the length and sends nothing", async (path) => {
    const authorization = `Authorization: Bearer ${token}`;
    const [head = "", body] = (await bytesOf(`HEAD ${path}`, authorization)).split("\r\n\r\n");
    const { headers, text } = await ask(node, `GET ${path}`, { token });
    expect(head).toContain(`Content-Length: ${headers["content-length"] ?? ""}\r\n`);
    expect(Buffer.byteLength(text)).toBe(Number(headers["content-length"]));
    expect(body).toBe("");
  });

  it("is refused as GET is, without a body, and the connection serves on", async () => {
    const requests = ["HEAD /v1/peers", "HEAD /v1/nowhere", "HEAD /rpc/GetHealth", "GET /api/health"];
    const text = await exchange(
      node,
      requests.map((line, i) => `${line} HTTP/1.1\r\nHost: localhost\r\n${i === 3 ? "Connection: close\r\n" : ""}\r\n`).join(""),
    );
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 401", "HTTP/1.1 404", "HTTP/1.1 405", "HTTP/1.1 200"]);
    expect(text.match(/\{/g)?.length).toBeGreaterThan(0);
    expect(text.split("HTTP/1.1 200")[0]).not.toContain("{");
  });

  it("needs what GET needs", async () => {
    expect((await ask(node, "HEAD /v1/node", { token })).status).toBe(200);
    expect((await ask(node, "HEAD /v1/peers", { token })).status).toBe(403);
    expect((await ask(node, "HEAD /v1/node", { headers: { Host: "evil.example.org" } })).status).toBe(421);
    expect((await ask(node, "HEAD /v1/node", { token, headers: { Origin: "https://evil.example.org" } })).status).toBe(200);
  });

  it("asks for no WebSocket", async () => {
    const upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: x"];
    const text = await bytesOf("HEAD /v1/ws", ...upgrade);
    expect(text).toMatch(/^HTTP\/1\.1 404 /);
    expect(text.split("\r\n\r\n")[1]).toBe("");
  });
});

describe("OPTIONS", () => {
  it.each([
    ["/v1/node", "GET, HEAD, PATCH, OPTIONS"],
    ["/v1/tokens/x", "GET, HEAD, PATCH, DELETE, OPTIONS"],
    ["/v1/pairing/begin", "POST, OPTIONS"],
    ["/rpc/GetNodeInfo", "POST, OPTIONS"],
    ["/oauth/token", "POST, OPTIONS"],
    ["/login", "POST, OPTIONS"],
    ["/v1/node/ca.pem", "GET, HEAD, OPTIONS"],
    ["/openapi.json", "GET, HEAD, OPTIONS"],
    ["/docs", "GET, HEAD, OPTIONS"],
    ["/docs/start.js", "GET, HEAD, OPTIONS"],
    ["/sdk/index.js", "GET, HEAD, OPTIONS"],
  ])("%s says what it takes, to anybody, without a body", async (path, allow) => {
    const { headers, status, text } = await ask(node, `OPTIONS ${path}`);
    expect({ status, text, allow: headers["allow"] }).toEqual({ status: 204, text: "", allow });
    expect(headers["content-length"]).toBeUndefined();
    expect(headers["x-request-id"]).toMatch(/^[0-9a-f]{8}-/);
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it.each(["/v1/nowhere", "/rpc/Nothing", "/rpc/Subscribe", "/oauth/nothing", "/pages/", "/docsx"])("%s is 404", async (path) => {
    expect(await ask(node, `OPTIONS ${path}`)).toMatchObject({ status: 404, json: { code: "NOT_FOUND" } });
  });

  it("performs nothing and reads no credential", async () => {
    const { status } = await ask(node, "OPTIONS /v1/node", { token: "csk_wrong", body: { name: "renamed" } });
    expect(status).toBe(204);
    expect((await ask(node, "GET /v1/node", { token })).json["name"]).not.toBe("renamed");
  });
});
