/** Every limit of a WebSocket, on real connections whose timers the test moves. */

import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../src/api/limits.ts";
import { asLocal, textIn } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { openSocket } from "../support/sockets.ts";

let node: TestNode;
let token: string;

beforeAll(async () => {
  node = await startTestNode();
  token = textIn(await asLocal(node, "GenerateAPIToken", { name: "socket" }), "token");
});
afterAll(() => node.end());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  return () => vi.useRealTimers();
});

/** Lets what is on its way arrive. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe("a socket without a credential", () => {
  it("is closed 4401 after ten seconds", async () => {
    const socket = await openSocket(node);
    await socket.hello();
    vi.advanceTimersByTime(LIMITS.socketAuthenticationTime - 1);
    expect((await socket.call("GetHealth"))["status"]).toBe("ok");
    vi.advanceTimersByTime(1);
    expect(await socket.closed).toEqual({ code: 4401, reason: "no credential in time" });
  });

  it("with one in time stays", async () => {
    const [early, upgraded] = [await openSocket(node), await openSocket(node, { token })];
    await early.call("authenticate", { apiToken: token });
    vi.advanceTimersByTime(2 * LIMITS.socketAuthenticationTime);
    for (const socket of [early, upgraded]) {
      expect((await socket.call("GetSelf"))["actor"]).toMatch(/^token:/);
      socket.raw.close();
    }
  });
});

describe("what is held of a message that is not whole", () => {
  const part = "x".repeat(LIMITS.unprovenSocketBytes / 2);

  it("is 64 KiB before a credential was accepted", async () => {
    const socket = await openSocket(node);
    await socket.hello();
    for (let sent = 0; sent < 3; sent++) socket.raw.send(part, { fin: false });
    expect(await socket.closed).toEqual({ code: 4429, reason: "too much before authenticate" });
  });

  it("is the whole message afterwards, whichever way the credential came", async () => {
    const [early, upgraded] = [await openSocket(node), await openSocket(node, { token })];
    await early.call("authenticate", { apiToken: token });
    for (const socket of [early, upgraded]) {
      for (let sent = 0; sent < 8; sent++) socket.raw.send(part, { fin: false });
      socket.raw.send("");
      expect(await socket.frame((frame) => "error" in frame)).toMatchObject({ error: { code: -32_700 } });
      socket.raw.close();
    }
  });

  it("is in a bounded number of pieces", async () => {
    const socket = await openSocket(node, { token });
    for (let sent = 0; sent <= LIMITS.socketFragments; sent++) socket.raw.send("", { fin: false });
    expect((await socket.closed).code).toBe(1008);
  });
});

describe("pings", () => {
  it("come every 30 s, and who answers stays", async () => {
    const socket = await openSocket(node, { token });
    await socket.hello();
    for (let i = 0; i < 3; i++) {
      const pinged = once(socket.raw, "ping");
      vi.advanceTimersByTime(LIMITS.socketPingTime);
      await pinged;
      await socket.call("GetHealth"); // the pong went first
    }
    expect(socket.raw.readyState).toBe(socket.raw.OPEN);
    socket.raw.close();
  });

  it("come with the position of who subscribed, and of nobody else", async () => {
    const [subscriber, caller] = [await openSocket(node, { token }), await openSocket(node, { token })];
    const { seq } = await subscriber.call("subscribe", { topics: ["node.stats"], interval: 3600 });
    await caller.call("GetHealth");
    await asLocal(node, "GenerateAPIToken", { name: "one line more" });
    vi.advanceTimersByTime(LIMITS.socketPingTime);
    const position = await subscriber.frame((frame) => frame["method"] === "position");
    expect(position["params"]).toEqual({ seq: Number(seq) + 1 });
    await caller.call("GetHealth");
    expect(caller.frames.filter((frame) => frame["method"] === "position")).toEqual([]);
    for (const socket of [subscriber, caller]) socket.raw.close();
  });

  it("end who does not answer", async () => {
    const socket = await openSocket(node, { token, autoPong: false });
    await socket.hello();
    const pinged = once(socket.raw, "ping");
    vi.advanceTimersByTime(LIMITS.socketPingTime);
    await pinged;
    vi.advanceTimersByTime(LIMITS.socketPingTime);
    expect((await socket.closed).code).toBe(1006);
  });
});

describe("who asks for too much", () => {
  it("at once is closed 4429", async () => {
    const socket = await openSocket(node, { token });
    await socket.hello();
    for (let i = 0; i < LIMITS.socketCalls + 50; i++) socket.send({ jsonrpc: "2.0", id: i, method: "GetNodeStats" });
    expect(await socket.closed).toEqual({ code: 4429, reason: "too many calls at once" });
  });

  it("but reads too slowly is closed 4408", async () => {
    for (let i = 0; i < 100; i++) await asLocal(node, "GenerateAPIToken", { name: "x".repeat(64) });
    const socket = await openSocket(node, { via: "socket" });
    await socket.hello();
    socket.raw.pause();
    for (let i = 0; i < 400; i++) {
      socket.send({ jsonrpc: "2.0", id: i, method: "ListAPITokens" });
      await turns(2);
    }
    socket.raw.resume();
    expect(await socket.closed).toEqual({ code: 4408, reason: "reads too slowly" });
    expect(socket.frames.length).toBeLessThan(400);
  });
});

describe("a socket that is being closed", () => {
  it("is not read any more, though its other side does not answer the close, and soon is gone", async () => {
    const { id, token: text } = await asLocal(node, "GenerateAPIToken", { name: "end", permissions: "fullAccess" });
    const socket = await openSocket(node, { token: String(text) });
    await socket.hello();
    socket.raw.pause(); // it hears nothing, so it goes on
    await asLocal(node, "RevokeAPIToken", { id });
    const before = node.log.length;
    for (let i = 0; i < 5; i++) socket.send({ jsonrpc: "2.0", id: i, method: "GetHealth" });
    await turns(50);
    vi.advanceTimersByTime(LIMITS.socketCloseTime);
    socket.raw.resume();
    expect((await socket.closed).code).toBe(4401);
    expect(socket.frames.map((frame) => frame["method"])).toEqual(["hello"]);
    expect(node.log.length).toBe(before);
  });
});
