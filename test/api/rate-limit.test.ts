import { expect, it } from "vitest";
import { SettableClock } from "../support/clock.ts";
import { ask, asLocal, rpc, textIn } from "../support/http.ts";
import { nodeOfTest } from "../support/node.ts";
import { openSocket } from "../support/sockets.ts";

it("a token with a limit is told what is left, then 429, over HTTP and WebSocket alike; others are not", async () => {
  const clock = new SettableClock();
  const node = await nodeOfTest({ clock });
  const issued = await asLocal(node, "GenerateAPIToken", { name: "ci", requestsPerMinute: 3 });
  expect(issued["requestsPerMinute"]).toBe(3);
  const token = textIn(issued, "token");
  const other = textIn(await asLocal(node, "GenerateAPIToken", { name: "cd" }), "token");

  const first = await ask(node, "GET /v1/node", { token });
  expect(first.headers).toMatchObject({
    "ratelimit-policy": '"token";q=3;w=60',
    ratelimit: expect.stringMatching(/^"token";r=2;t=(60|59)$/) as string,
  });
  const granted = await rpc(node, "ExchangeToken", { grant_type: "client_credentials", apiToken: token });
  const socket = await openSocket(node, { token: textIn(granted.json, "access_token") });
  await socket.call("GetSelf");
  expect(await socket.refused("GetSelf")).toMatchObject({ code: "RATE_LIMITED", status: 429 });

  const refused = await ask(node, "GET /v1/node", { token });
  expect([refused.status, refused.json["code"]]).toEqual([429, "RATE_LIMITED"]);
  expect(refused.headers).toMatchObject({ "retry-after": String(refused.json["retryAfter"]) });
  expect(refused.headers["ratelimit"]).toMatch(/^"token";r=0;t=\d+$/);
  const free = await ask(node, "GET /v1/node", { token: other });
  expect([free.status, free.headers["ratelimit"]]).toEqual([200, undefined]);

  clock.passed = 60_000;
  expect((await ask(node, "GET /v1/node", { token })).status).toBe(200);
});

it("a limit can be edited, taken away, and survives rotation and restart", async () => {
  const node = await nodeOfTest();
  const { id } = await asLocal(node, "GenerateAPIToken", { name: "ci" });
  expect(await asLocal(node, "UpdateAPIToken", { id, requestsPerMinute: 7 })).toMatchObject({ requestsPerMinute: 7 });
  const successor = await asLocal(node, "RotateAPIToken", { id });
  expect(successor["requestsPerMinute"]).toBe(7);
  await node.stop();
  const again = await nodeOfTest({ folder: node.dataDir });
  const kept = { id: successor["id"] };
  expect(await asLocal(again, "GetAPIToken", kept)).toMatchObject({ requestsPerMinute: 7 });
  expect(await asLocal(again, "UpdateAPIToken", { ...kept, requestsPerMinute: null })).toMatchObject({ requestsPerMinute: null });
  const bad = await rpc(again, "UpdateAPIToken", { ...kept, requestsPerMinute: 0 }, { via: "socket" });
  expect(bad.json).toMatchObject({ code: "INVALID_REQUEST", field: "requestsPerMinute" });
});
