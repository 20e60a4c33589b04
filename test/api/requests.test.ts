/** What a request must be before anybody asks who sent it, and how each refusal is answered. */

import { Agent, request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, ask, begin, collect, exchange, raw, rpc } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { openSocket } from "../support/sockets.ts";

const KIB = 1024;
let node: TestNode;
let token: string;

beforeAll(async () => {
  node = await startTestNode({
    flags: { "host-name": "studio.example.org" },
    env: { CIDER_ORIGINS: "https://console.example.org" },
  });
  token = String(
    (await rpc(node, "GenerateAPIToken", { name: "ci", permissions: "fullAccess" }, { via: "socket" })).json["token"],
  );
});
afterAll(() => node.end());

/** Sends a request line and fields as they are, beside a Host. */
function get(target: string, ...fields: readonly string[]): Promise<Answer> {
  return raw(node, `GET ${target} HTTP/1.1`, "Host: localhost", ...fields);
}

/** What an answer comes to. */
function gist({ json, status }: Answer): string {
  return `${status} ${String(json["code"])}`;
}

describe("every answer", () => {
  it("is JSON that nobody stores, with a request id", async () => {
    const { headers, json } = await ask(node, "GET /api/health");
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    expect(headers["x-request-id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(json).toMatchObject({ status: "ok", nodeId: node.nodeId, fleetId: node.fleetId, pairing: "closed" });
  });

  it("names its error in the words of the surface, with the same request id", async () => {
    const rest = await ask(node, "GET /v1/nowhere");
    expect(rest.json).toEqual({
      error: "Not Found",
      message: "there is nothing at this path",
      code: "NOT_FOUND",
      requestId: rest.headers["x-request-id"],
    });
    const old = await rpc(node, "Nothing");
    expect(old.json).toEqual({
      success: false,
      error: "there is no such method",
      code: "NOT_FOUND",
      requestId: old.headers["x-request-id"],
    });
    expect([rest.status, old.status]).toEqual([404, 404]);
  });

  it("makes its own request id, whatever the caller sends", async () => {
    const { headers } = await ask(node, "GET /api/health", { headers: { "X-Request-Id": "mine" } });
    expect(headers["x-request-id"]).not.toBe("mine");
  });
});

describe("the request target", () => {
  it.each(["http://localhost/api/health", "//localhost/api/health", "/api/health#top", "/api/%zz", "/api/%2", "*"])(
    "%s is 400",
    async (target) => {
      const answer = await get(target);
      expect(gist(answer)).toBe("400 INVALID_REQUEST");
      expect(answer.json["requestId"]).toBe(answer.headers["x-request-id"]);
    },
  );

  it("is compared as it is: escapes are not decoded into another path", async () => {
    expect((await get("/api/health")).status).toBe(200);
    expect((await get("/api/health?")).status).toBe(200);
    for (const target of ["/api/health/", "/API/health", "/api//health", "/x/../api/health", "/rpc/"])
      expect(gist(await get(target))).toBe("404 NOT_FOUND");
  });

  it.each(["/v1/tokens/%FF", "/v1/tokens/%2F..", "/v1/tokens/..%2f", `/v1/tokens/${"x".repeat(200)}`])(
    "%s finds nothing",
    async (path) => {
      const { status } = await ask(node, `GET ${path}`, { via: "socket" });
      expect([400, 404]).toContain(status);
    },
  );
});

describe("Host", () => {
  it.each([
    "127.0.0.1",
    "127.0.0.1:9473",
    "192.168.1.7:1",
    "[::1]:9473",
    "[fe80::1%25eth0]",
    "localhost",
    "LOCALHOST:80",
    "studio.example.org",
    "Studio.Example.Org:443",
  ])("%s is ours", async (host) => {
    expect((await raw(node, "GET /api/health HTTP/1.1", `Host: ${host}`)).status).toBe(200);
  });

  it("is ours by the names of node and machine", async () => {
    const names = [
      `cider-${node.nodeId.replaceAll("-", "").slice(0, 12)}.local`,
      `${node.nodeId}.cider-fleet.internal`,
      "node.cider-fleet.internal",
    ];
    for (const name of names) expect((await raw(node, "GET /api/health HTTP/1.1", `Host: ${name}`)).status).toBe(200);
  });

  it.each([
    "evil.example.org",
    "localhost.evil.example.org",
    "studio.example.org.",
    "1.2.3",
    "0x7f000001",
    "[::1].example.org:1",
    "[::g]",
  ])("%s is not", async (host) => {
    const answer = await raw(node, "GET /api/health HTTP/1.1", `Host: ${host}`);
    expect(["421 WRONG_HOST", "400 INVALID_REQUEST"]).toContain(gist(answer));
  });

  it("is refused when it is a stranger's name with 421, when it is none or two with 400", async () => {
    expect(gist(await raw(node, "GET /api/health HTTP/1.1", "Host: evil.example.org"))).toBe("421 WRONG_HOST");
    expect(gist(await raw(node, "GET /api/health HTTP/1.1"))).toBe("400 INVALID_REQUEST");
    expect(gist(await raw(node, "GET /api/health HTTP/1.1", "Host: localhost", "Host: localhost"))).toBe("400 INVALID_REQUEST");
    expect(gist(await raw(node, "GET /api/health HTTP/1.1", "Host: user@localhost"))).toBe("400 INVALID_REQUEST");
    expect(gist(await raw(node, "GET /api/health HTTP/1.1", "Host:"))).toBe("400 INVALID_REQUEST");
  });

  it("is asked for on the WebSocket and for ca.pem too", async () => {
    expect(gist(await raw(node, "GET /v1/node/ca.pem HTTP/1.1", "Host: evil.example.org"))).toBe("421 WRONG_HOST");
  });
});

describe("Origin", () => {
  const change = (origin: string) => ask(node, "PATCH /v1/node", { token, body: { name: "mini" }, headers: { Origin: origin } });

  it("is refused on a change unless it is ours or configured", async () => {
    for (const origin of ["https://evil.example.org", "null", "http://localhost:1", "https://127.0.0.1", "http://127.0.0.1:1"])
      expect(gist(await change(origin))).toBe("403 ORIGIN_REFUSED");
    expect(gist(await rpc(node, "GetNodeInfo", { apiToken: token }, { headers: { Origin: "https://evil.example.org" } }))).toBe(
      "403 ORIGIN_REFUSED",
    );
    for (const origin of [`http://127.0.0.1:${node.port}`, `https://127.0.0.1:${node.port}`, "https://console.example.org"])
      expect((await change(origin)).status).toBe(200);
  });

  it("matters to no read, and no answer allows another origin to read it", async () => {
    const { headers, status } = await ask(node, "GET /api/health", { headers: { Origin: "https://evil.example.org" } });
    expect(status).toBe(200);
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

describe("fields that may stand once", () => {
  it.each([
    ["Authorization: Bearer a", "Authorization: Bearer b"],
    ["Content-Type: application/json", "content-type: application/json"],
    ["Content-Digest: sha-256=:a:", "Content-Digest: sha-256=:b:"],
    ["Cider-Node: a", "CIDER-NODE: a"],
    ["Origin: http://localhost", "Origin: http://localhost"],
  ])("%s", async (one, two) => {
    const answer = await get("/api/health", one, two);
    expect(gist(answer)).toBe("400 INVALID_REQUEST");
    expect(answer.json["field"]).toBe(one.split(":", 1)[0]?.toLowerCase());
    expect((await get("/api/health", one)).status).toBe(200);
  });
});

describe("methods", () => {
  it.each([
    ["DELETE /v1/node", "GET, HEAD, PATCH, OPTIONS"],
    ["PUT /v1/tokens", "GET, HEAD, POST, OPTIONS"],
    ["GET /v1/pairing/begin", "POST, OPTIONS"],
    ["HEAD /v1/pairing/begin", "POST, OPTIONS"],
    ["POST /v1/node/ca.pem", "GET, HEAD, OPTIONS"],
    ["GET /rpc/GetNodeInfo", "POST, OPTIONS"],
    ["HEAD /rpc/GetNodeInfo", "POST, OPTIONS"],
    ["GET /oauth/token", "POST, OPTIONS"],
  ])("%s is 405 and says what is allowed", async (what, allow) => {
    const answer = await ask(node, what);
    expect(answer.status).toBe(405);
    expect(gist(answer)).toBe(what.startsWith("HEAD") ? "405 undefined" : "405 METHOD_NOT_ALLOWED");
    expect(answer.headers["allow"]).toBe(allow);
  });

  it("on a path nobody knows is 404", async () => {
    expect(gist(await ask(node, "DELETE /v1/nowhere"))).toBe("404 NOT_FOUND");
    expect(gist(await ask(node, "POST /rpc/Subscribe", { body: {} }))).toBe("404 NOT_FOUND");
  });
});

describe("bodies", () => {
  const post = (body: string | Uint8Array, type = "application/json", headers = {}) =>
    ask(node, "POST /rpc/GetHealth", { body, headers: { "Content-Type": type, ...headers } });

  it("are JSON objects in UTF-8", async () => {
    expect((await post("{}")).status).toBe(200);
    expect((await post("{}", "application/json; charset=utf-8")).status).toBe(200);
    for (const body of ["[]", "null", '"x"', "{", "{} {}", Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)])
      expect(gist(await post(body))).toBe("400 INVALID_REQUEST");
  });

  it("of another type or coding are 415", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/json; charset=latin1",
      "application/jsonp",
      "",
    ])
      expect(gist(await post("{}", type))).toBe("415 UNSUPPORTED_MEDIA_TYPE");
    expect(gist(await post("{}", "application/json", { "Content-Encoding": "gzip" }))).toBe("415 UNSUPPORTED_MEDIA_TYPE");
  });

  it("may be left out, or empty, or chunked", async () => {
    expect((await ask(node, "POST /rpc/GetHealth")).status).toBe(200);
    expect((await post("{}", "application/json", { "Transfer-Encoding": "chunked" })).status).toBe(200);
  });

  /** A body of so many bytes that is a JSON object. */
  const sized = (bytes: number): string => `{"x":"${"y".repeat(bytes - 8)}"}`;

  it("are at most 64 KiB from a stranger", async () => {
    expect(gist(await post(sized(64 * KIB)))).toBe("400 INVALID_REQUEST"); // read, and then it is no input
    const answer = await post(sized(64 * KIB + 1));
    expect(gist(answer)).toBe("413 PAYLOAD_TOO_LARGE");
    expect(answer.json["limit"]).toBe(64 * KIB);
    expect(gist(await post(sized(64 * KIB + 1), "application/json", { "Transfer-Encoding": "chunked" }))).toBe(
      "413 PAYLOAD_TOO_LARGE",
    );
  });

  it("are at most 1 MiB with a credential in the header, and a token in the body is none", async () => {
    const rename = (bytes: number) =>
      ask(node, "PATCH /v1/node", { token, body: sized(bytes), headers: { "Content-Type": "application/json" } });
    expect(gist(await rename(1024 * KIB))).toBe("400 INVALID_REQUEST");
    expect(gist(await rename(1024 * KIB + 1))).toBe("413 PAYLOAD_TOO_LARGE");
    expect(gist(await rpc(node, "RenameNode", { apiToken: token, name: "y".repeat(64 * KIB) }))).toBe("413 PAYLOAD_TOO_LARGE");
  });

  it("that are too large are answered though they are still being sent, and the connection serves on", async () => {
    const answer = await post(sized(4 * 1024 * KIB));
    expect(gist(answer)).toBe("413 PAYLOAD_TOO_LARGE");
  });

  it("that never come to their end are nobody's failure", async () => {
    const before = node.log.length;
    const request = begin(node, "POST /rpc/GetHealth", {
      headers: { "Content-Type": "application/json", "Content-Length": "100" },
    });
    request.on("error", () => undefined);
    request.write("{");
    await new Promise((resolve) => setTimeout(resolve, 20));
    request.destroy();
    expect((await ask(node, "GET /api/health")).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(node.log.slice(before).filter((line) => line.includes('"level":50'))).toEqual([]);
  });
});

describe("what node:http cannot read", () => {
  it("is answered as JSON with a request id", async () => {
    const broken = await raw(node, "GET /api/health HTTP/1.1", "Host: localhost", "Broken field");
    expect(gist(broken)).toBe("400 INVALID_REQUEST");
    expect(broken.json["requestId"]).toBe(broken.headers["x-request-id"]);
    expect(broken.headers["content-type"]).toBe("application/json");
    expect(gist(await raw(node, "NONSENSE"))).toBe("400 INVALID_REQUEST");
    expect(gist(await get("/api/health", "Content-Length: 1", "Content-Length: 2"))).toBe("400 INVALID_REQUEST");
    expect(gist(await get("/api/health", "Content-Length: 1", "Transfer-Encoding: chunked"))).toBe("400 INVALID_REQUEST");
  });

  it("behind an answer that is on its way is not answered as well", async () => {
    const statuses = async (target: string) => {
      const bytes = `DELETE ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n{}`;
      return (await exchange(node, bytes.replace("DELETE /api", "GET /api"))).match(/HTTP\/1\.1 \d+/g);
    };
    expect(await statuses("/api/health")).toEqual(["HTTP/1.1 200"]);
    expect(await statuses("/v1/nowhere")).toHaveLength(1);
  });

  it("is 431 when the fields are too large", async () => {
    const answer = await get("/api/health", `X: ${"y".repeat(17 * KIB)}`);
    expect(gist(answer)).toBe("431 HEADERS_TOO_LARGE");
    expect(answer.json["requestId"]).toBe(answer.headers["x-request-id"]);
    expect((await get("/api/health", `X: ${"y".repeat(15 * KIB)}`)).status).toBe(200);
  });
});

describe("plain HTTP where only TLS is served", () => {
  it("is 426 in the words of the surface", async () => {
    const strict = await startTestNode({ flags: { plaintext: "never" } });
    try {
      const rest = await ask(strict, "GET /v1/node");
      expect(gist(rest)).toBe("426 TLS_REQUIRED");
      expect(rest.headers).toMatchObject({ upgrade: "TLS/1.2", connection: "Upgrade" });
      expect((await rpc(strict, "GetNodeInfo")).json).toMatchObject({ success: false, code: "TLS_REQUIRED" });
      expect((await ask(strict, "GET /api/health", { via: "tls" })).status).toBe(200);
      expect((await ask(strict, "GET /api/health", { via: "socket" })).status).toBe(200);
    } finally {
      await strict.end();
    }
  });
});

describe("ca.pem", () => {
  it("is public and what TLS clients trust", async () => {
    const { headers, status, text } = await ask(node, "GET /v1/node/ca.pem");
    expect(status).toBe(200);
    expect(text).toBe(node.ca);
    expect(headers["content-type"]).toBe("application/x-pem-file");
    expect((await ask(node, "GET /api/health", { via: "tls" })).status).toBe(200);
  });
});

describe("upgrades", () => {
  it("other than WebSocket are answered as the requests they also are", async () => {
    const answer = await get("/api/health", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQ");
    expect(answer.status).toBe(200);
  });

  it("to WebSocket need the subprotocol, the path, GET, a key and an origin of ours", async () => {
    const upgrade = (start: string, ...fields: readonly string[]) =>
      raw(node, `${start} HTTP/1.1`, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", ...fields);
    const whole = ["Host: localhost", "Sec-WebSocket-Protocol: cider-fleet.v1", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="];
    const [host = "", protocol = "", key = ""] = whole;
    expect(gist(await upgrade("GET /v1/ws", host, key))).toBe("400 INVALID_REQUEST");
    expect(gist(await upgrade("GET /v1/ws", host, key, "Sec-WebSocket-Protocol: cider-fleet.v2"))).toBe("400 INVALID_REQUEST");
    expect(gist(await upgrade("GET /v1/ws", host, protocol))).toBe("400 INVALID_REQUEST");
    expect(gist(await upgrade("GET /v1/ws", host, protocol, "Sec-WebSocket-Key: short"))).toBe("400 INVALID_REQUEST");
    expect(gist(await upgrade("GET /v1/socket", ...whole))).toBe("404 NOT_FOUND");
    expect(gist(await upgrade("POST /v1/ws", ...whole))).toBe("405 METHOD_NOT_ALLOWED");
    expect(gist(await upgrade("GET /v1/ws", protocol, key))).toBe("400 INVALID_REQUEST");
    expect(gist(await upgrade("GET /v1/ws", protocol, key, "Host: evil.example.org"))).toBe("421 WRONG_HOST");
    const foreign = await upgrade("GET /v1/ws", ...whole, "Origin: https://evil.example.org");
    expect(gist(foreign)).toBe("403 ORIGIN_REFUSED");
    expect(foreign.json["requestId"]).toBe(foreign.headers["x-request-id"]);
  });

  it("are taken with all of that", async () => {
    const socket = await openSocket(node, {
      headers: { Origin: "https://console.example.org" },
      protocols: ["other", "cider-fleet.v1"],
    });
    expect(socket.raw.protocol).toBe("cider-fleet.v1");
    socket.raw.close();
    await socket.closed;
  });

  it("without asking for one, the path is no resource", async () => {
    expect(gist(await ask(node, "GET /v1/ws"))).toBe("404 NOT_FOUND");
  });
});

it("says how long a connection may stand idle, unless it is to be closed", async () => {
  const kept = await ask(node, "GET /api/health", { headers: { connection: "keep-alive" } });
  expect([kept.headers["connection"], kept.headers["keep-alive"]]).toEqual(["keep-alive", "timeout=60"]);
  const closed = await ask(node, "GET /api/health", { headers: { connection: "close" } });
  expect([closed.headers["connection"], closed.headers["keep-alive"]]).toEqual(["close", undefined]);
});

it("one connection serves one request after another, refusals included", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  for (const [method, path] of [
    ["GET", "/api/health"],
    ["GET", "/v1/node"],
    ["POST", "/v1/nowhere"],
    ["GET", "/api/health"],
  ]) {
    const answer = await new Promise<Answer>((resolve, reject) => {
      const sent = request({ agent, host: "127.0.0.1", port: node.port, method, path }, (response) => {
        ports.add(response.socket.localPort);
        collect(response).then(resolve, reject);
      });
      sent.on("error", reject).end();
    });
    expect([200, 401, 404]).toContain(answer.status);
  }
  expect(ports.size).toBe(1);
  agent.destroy();
});
