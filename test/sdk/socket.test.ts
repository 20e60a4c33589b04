import { describe, expect, it } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { closeError } from "../../src/sdk/close-codes.ts";
import type { Contact } from "../../src/sdk/contact.ts";
import { bearerCredential, signatureCredential } from "../../src/sdk/credential.ts";
import { MAX_UNREAD, MAX_UNREAD_LENGTH, type Notice, NoticeQueue } from "../../src/sdk/events.ts";
import type { FleetEvent } from "../../src/sdk/shapes.ts";
import { FleetSocket } from "../../src/sdk/socket.ts";
import { ManualClock, SeededRandom } from "../foundation/doubles.ts";
import { rejection } from "../foundation/refusal.ts";
import vectors from "../vectors/websocket-auth.json" with { type: "json" };
import { type FakeSocket, FakeTransport } from "./fake-transport.ts";

const NODE = nodeIdOf(SecretKey.fromHex("02".repeat(32)).publicKey);
const NONCE = "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo";
const hello = {
  method: "hello",
  params: { protocol: { min: 1, max: 1 }, nodeId: NODE, serverTime: "2026-11-21T20:00:00.000Z", nonce: NONCE },
};
const bearer: Contact = { node: NODE, credential: bearerCredential("csk_x") };

function opening(transport: FakeTransport, contact = bearer, timeout = 1000): Promise<FleetSocket> {
  const { signal } = new AbortController();
  const upgrade = { path: "/v1/ws", headers: { authorization: "Bearer csk_x" }, node: contact.node, signal };
  return FleetSocket.open({ transport, contact, upgrade, timeout });
}

/** An open socket and the node's end of it. */
async function open(): Promise<{ socket: FleetSocket; node: FakeSocket }> {
  const transport = new FakeTransport(undefined);
  transport.onSocket = (socket) => socket.say(hello);
  const socket = await opening(transport);
  const [node] = transport.sockets;
  if (node === undefined) throw new Error("no socket was opened");
  return { socket, node };
}

const event = (seq: number): object => ({
  method: "event",
  params: { topic: "tokens", seq, at: "2026-11-21T20:00:00.000Z", data: { n: seq } },
});

describe("opening a socket", () => {
  it("sends the credential with the upgrade and waits for the greeting", async () => {
    const transport = new FakeTransport(undefined);
    transport.onSocket = (socket) => socket.say(hello);
    await opening(transport);
    expect(transport.upgrades).toMatchObject([{ path: "/v1/ws", node: NODE, headers: { authorization: "Bearer csk_x" } }]);
    expect(transport.sockets[0]?.sent).toEqual([]);
  });

  it.each([
    ["of another node", { ...hello.params, nodeId: nodeIdOf(SecretKey.fromHex("03".repeat(32)).publicKey) }, "NODE_MISMATCH"],
    ["in versions not spoken here", { ...hello.params, protocol: { min: 2, max: 3 } }, "INVALID_ANSWER"],
    ["without versions", {}, "INVALID_ANSWER"],
  ])("refuses a greeting %s", async (_, params, code) => {
    const transport = new FakeTransport(undefined);
    transport.onSocket = (socket) => socket.say({ method: "hello", params });
    expect((await rejection(opening(transport))).code).toBe(code);
    expect(transport.sockets[0]?.closes).toEqual([{ code: 1002, reason: "" }]);
  });

  it("rejects with the reason when the node closes instead", async () => {
    const transport = new FakeTransport(undefined);
    transport.onSocket = (socket) => socket.listener.closed(4429, "too many");
    expect((await rejection(opening(transport))).code).toBe("RATE_LIMITED");
  });

  it.each(vectors.vectors)("authenticates on the open socket where the upgrade carries no header", async (vector) => {
    const transport = new FakeTransport(undefined);
    transport.upgradesWithHeaders = false;
    transport.onSocket = (socket) => {
      socket.onSend = ({ id }) => socket.say({ id, result: { actor: "peer:x", scopes: [] } });
      socket.say({ ...hello, params: { ...hello.params, nodeId: vector.nodeId, nonce: vector.nonce } });
    };
    const credential = signatureCredential(SecretKey.fromHex(vector.signerPrivateKey), new ManualClock(), new SeededRandom());
    await opening(transport, { node: vector.nodeId as typeof NODE, credential });
    expect(transport.upgrades[0]?.headers).toEqual({});
    expect(transport.sockets[0]?.sent).toMatchObject([{ method: "authenticate", params: { nodeId: vector.signerNodeId } }]);
  });

  it("rejects when that is refused", async () => {
    const transport = new FakeTransport(undefined);
    transport.upgradesWithHeaders = false;
    transport.onSocket = (socket) => {
      socket.onSend = ({ id }) =>
        socket.say({ id, error: { code: -32000, message: "revoked", data: { code: "TOKEN_REVOKED", status: 401 } } });
      socket.say(hello);
    };
    expect((await rejection(opening(transport))).code).toBe("TOKEN_REVOKED");
  });

  it("rejects a greeting without a nonce when it needs one", async () => {
    const transport = new FakeTransport(undefined);
    transport.upgradesWithHeaders = false;
    transport.onSocket = (socket) => socket.say({ ...hello, params: { ...hello.params, nonce: "short" } });
    expect((await rejection(opening(transport))).code).toBe("INVALID_ANSWER");
  });
});

describe("calls on a socket", () => {
  it("are answered by their id, in any order", async () => {
    const { socket, node } = await open();
    const calls = [socket.call("GetNodeInfo", {}), socket.call("RenameNode", { name: "b" })];
    expect(node.sent).toMatchObject([
      { jsonrpc: "2.0", id: 1, method: "GetNodeInfo", params: {} },
      { jsonrpc: "2.0", id: 2, method: "RenameNode", params: { name: "b" } },
    ]);
    node.say({ id: 2, result: { name: "b" } });
    node.say({ id: 1, result: { name: "a" } });
    expect(await Promise.all(calls)).toEqual([{ name: "a" }, { name: "b" }]);
  });

  it("reject with the node's code and details", async () => {
    const { socket, node } = await open();
    const call = rejection(socket.call("GetPairing", {}));
    node.say({
      id: 1,
      error: { code: -32000, message: "not you", data: { code: "INSUFFICIENT_SCOPE", status: 403, requestId: "r", scope: "s" } },
    });
    expect(await call).toMatchObject({ code: "INSUFFICIENT_SCOPE", message: "not you", details: { requestId: "r", scope: "s" } });
  });

  it.each([
    ["an error without a code of ours", { error: { code: -32601, message: "no such method" } }],
    ["a result that is no object", { result: 7 }],
  ])("reject %s as INVALID_ANSWER", async (_, answer) => {
    const { socket, node } = await open();
    const call = rejection(socket.call("GetNodeInfo", {}));
    node.say({ id: 1, ...answer });
    expect((await call).code).toBe("INVALID_ANSWER");
  });

  it("stop for signal and time-out, and a late answer is dropped", async () => {
    const { socket, node } = await open();
    const controller = new AbortController();
    const call = rejection(socket.call("GetNodeInfo", {}, { signal: controller.signal }));
    controller.abort();
    expect((await call).code).toBe("ABORTED");
    node.say({ id: 1, result: {} });
    expect((await rejection(socket.call("GetNodeInfo", {}, { timeout: 1 }))).code).toBe("TIMEOUT");
  });

  it("end with the socket, and none begin after it", async () => {
    const { socket, node } = await open();
    const call = rejection(socket.call("GetNodeInfo", {}));
    node.listener.closed(4401, "revoked");
    expect((await call).code).toBe("CREDENTIAL_ENDED");
    expect((await rejection(socket.call("GetNodeInfo", {}))).code).toBe("CREDENTIAL_ENDED");
    expect((await socket.closed).details).toEqual({ closeCode: 4401, reason: "revoked" });
    expect(node.sent).toHaveLength(1);
  });

  it("close a socket on which the node does not speak JSON-RPC", async () => {
    const { node } = await open();
    node.listener.text("<html>");
    expect(node.closes).toEqual([{ code: 1002, reason: "" }]);
  });
});

describe("events", () => {
  it("are subscribed to by topic", async () => {
    const { socket, node } = await open();
    const answer = socket.subscribe(["tokens", "node.stats"], { interval: 2 });
    expect(node.sent).toMatchObject([{ method: "subscribe", params: { topics: ["tokens", "node.stats"], interval: 2 } }]);
    node.say({ id: 1, result: { topics: ["tokens", "node.stats"], seq: 7 } });
    expect(await answer).toEqual({ topics: ["tokens", "node.stats"], seq: 7 });
  });

  it("reach every reader from the moment it asked, in order", async () => {
    const { socket, node } = await open();
    const early = socket.events();
    node.say(event(1));
    const late = socket.events();
    node.say(event(2));
    node.say({ method: "event", params: { topic: "tokens" } });
    node.say({ method: "weather", params: {} });
    const read = async (events: ReturnType<FleetSocket["events"]>) => (await events.next()).value?.seq;
    expect([await read(early), await read(early), await read(late)]).toEqual([1, 2, 2]);
  });

  it("end quietly when we close, and with the error when the node does", async () => {
    const ours = await open();
    const reading = ours.socket.events().next();
    ours.socket.close();
    expect((await reading).done).toBe(true);
    expect(ours.node.closes).toEqual([{ code: 1000, reason: "" }]);
    expect((await ours.socket.events().next()).done).toBe(true);

    const theirs = await open();
    const events = theirs.socket.events();
    theirs.node.say(event(1));
    theirs.node.listener.closed(1001, "stopping");
    expect((await events.next()).value?.seq).toBe(1);
    expect((await rejection(events.next())).code).toBe("SHUTTING_DOWN");
    expect((await rejection(theirs.socket.events().next())).code).toBe("SHUTTING_DOWN");
  });

  it("are not hoarded for a reader that left", async () => {
    const { socket, node } = await open();
    for await (const { seq } of say(node, socket.events())) {
      expect(seq).toBe(1);
      break;
    }
    node.say(event(2));
  });

  it.each([
    ["many", 20, MAX_UNREAD],
    ["much", MAX_UNREAD_LENGTH / 4, 4],
    ["much at once", MAX_UNREAD_LENGTH * 2, 1],
  ])("end for a reader that leaves too %s unread, behind what is", async (_, length, most) => {
    const queue = new NoticeQueue();
    const one: Notice = { kind: "position", seq: 1 };
    for (let i = 0; i <= most; i++) queue.push(one, length);
    let count = 0;
    const reading = async (): Promise<void> => {
      for await (const taken of queue.read(() => undefined)) count += taken === one ? 1 : 0;
    };
    expect((await rejection(reading())).code).toBe("CONNECTION_CLOSED");
    expect(count).toBe(most);
  });

  it("go on for a reader that keeps up, however much passes", async () => {
    const queue = new NoticeQueue();
    const reader = queue.read(() => undefined);
    for (let seq = 1; seq <= 20; seq++) {
      queue.push({ kind: "position", seq }, MAX_UNREAD_LENGTH / 2);
      expect((await reader.next()).value).toEqual({ kind: "position", seq });
    }
    queue.end(undefined);
    expect((await reader.next()).done).toBe(true);
  });
});

function say(node: FakeSocket, events: AsyncGenerator<FleetEvent>): AsyncGenerator<FleetEvent> {
  node.say(event(1));
  return events;
}

describe("closeError", () => {
  it.each([
    [1000, "", "CONNECTION_CLOSED"],
    [1001, "stopping", "SHUTTING_DOWN"],
    [1006, "", "CONNECTION_CLOSED"],
    [4401, "expired", "CREDENTIAL_ENDED"],
    [4401, "TOKEN_REVOKED", "TOKEN_REVOKED"],
    [4403, "no", "CONNECTION_CLOSED"],
    [4408, "reads too slowly", "CONNECTION_CLOSED"],
    [4429, "too many calls at once", "RATE_LIMITED"],
  ])("reads %i %j as %s", (closeCode, reason, code) => {
    expect(closeError(closeCode, reason)).toMatchObject({ code, details: { closeCode, reason } });
  });
});
