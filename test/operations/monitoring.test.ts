/** What monitors read of a running node. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, asLocal, rpc, textIn } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { pair } from "../support/peers.ts";
import { openSocket } from "../support/sockets.ts";

let node: TestNode;
let token: string;

beforeAll(async () => {
  node = await startTestNode();
  token = textIn(await asLocal(node, "GenerateAPIToken", { name: "prometheus" }), "token");
});
afterAll(() => node.end());

/** Resolves to the value of a series; undefined when there is none. */
async function series(name: string): Promise<number | undefined> {
  const { text } = await ask(node, "GET /metrics", { token });
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

describe("GET /metrics", () => {
  it("is text of Prometheus, for whoever holds metrics:read and for the local socket", async () => {
    const answer = await ask(node, "GET /metrics", { token });
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
    expect(answer.headers["x-request-id"]).toBeDefined();
    expect((await ask(node, "GET /metrics", { via: "socket" })).status).toBe(200);
    expect((await rpc(node, "GetMetrics", {}, { token })).json["text"]).toContain("# HELP cider_fleet_requests_total");
  });

  it("is refused to others", async () => {
    expect((await ask(node, "GET /metrics")).status).toBe(401);
    const other = await asLocal(node, "GenerateAPIToken", { name: "x", permissions: "custom", scopes: ["machines:read"] });
    const { json, status } = await ask(node, "GET /metrics", { token: textIn(other, "token") });
    expect([status, json["scope"]]).toEqual([403, "metrics:read"]);
  });

  it("counts calls by outcome, sockets, tokens, attempts to pair and syncs", async () => {
    const calls = 'cider_fleet_requests_total{operation="GetNodeInfo",outcome="ok"}';
    const before = (await series(calls)) ?? 0;
    await ask(node, "GET /v1/node", { token });
    expect(await series(calls)).toBe(before + 1);
    await ask(node, "PATCH /v1/node", { token, body: { name: "x" } });
    expect(await series('cider_fleet_requests_total{operation="RenameNode",outcome="INSUFFICIENT_SCOPE"}')).toBe(1);
    await ask(node, "GET /v1/node", { token: `csk_${"0".repeat(38)}` });
    expect(await series('cider_fleet_refused_credentials_total{code="TOKEN_INVALID"}')).toBe(1);
    const socket = await openSocket(node, { via: "socket" });
    expect(await series("cider_fleet_sockets")).toBe(1);
    socket.raw.terminate();
    await pair(node, "viewer");
    expect(await series('cider_fleet_pairing_attempts_total{way="code"}')).toBe(1);
    expect(await series('cider_fleet_tokens{status="active"}')).toBeGreaterThanOrEqual(1);
    expect(await series("cider_fleet_ledger_sync_duration_seconds_count")).toBeGreaterThan(0);
  });
});

describe("GET /api/ready", () => {
  it("is answered to anybody, and reads no credential", async () => {
    expect((await ask(node, "GET /api/ready", { token: "nonsense" })).json).toEqual({ ready: true });
    expect((await ask(node, "POST /api/ready", { body: {} })).status).toBe(405);
  });
});
