import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/foundation/clock.ts";
import { DAY } from "../../src/foundation/durations.ts";
import type { NodeId } from "../../src/foundation/ids.ts";
import { TlsTransport } from "../../src/sdk-node/tls-transport.ts";
import { ManualClock } from "../foundation/doubles.ts";
import { rejection } from "../foundation/refusal.ts";
import { testNode } from "../identity/certificates.ts";
import { answering, plainListener, stranger } from "./listeners.ts";

const OK = { status: 200, body: "{}" };
const { signal } = new AbortController();

function transportTo(port: number, host = "127.0.0.1", clock = systemClock): TlsTransport {
  return new TlsTransport({ host, port }, clock);
}

const get = (path: string, node: NodeId | undefined, abort = signal) =>
  ({ method: "GET", path, headers: {}, node, signal: abort }) as const;

describe("TlsTransport", () => {
  it("asks the pinned node and names it in the handshake", async () => {
    const { port, node, seen, names } = await answering(() => OK);
    const answer = await transportTo(port).request(get("/v1/node", node.nodeId));
    expect([answer.status, answer.headers["content-type"], Buffer.from(answer.body).toString()]).toEqual([
      200,
      "application/json",
      "{}",
    ]);
    expect(seen).toMatchObject([{ line: "GET /v1/node", headers: { host: `127.0.0.1:${port}` } }]);
    expect(names).toEqual([`${node.nodeId}.cider-fleet.internal`]);
  });

  it.each(["localhost", "::1"])("reaches it at %s as well, whatever names the certificate has", async (host) => {
    const { port, node } = await answering(() => OK);
    expect((await transportTo(port, host).request(get("/", node.nodeId))).status).toBe(200);
  });

  it("writes no byte to another node at the address", async () => {
    const { port, read, names } = await stranger();
    const { nodeId } = await testNode();
    const error = await rejection(transportTo(port).request(get("/v1/node", nodeId)));
    expect([error.code, error.message.includes(nodeId)]).toEqual(["NODE_MISMATCH", true]);
    await new Promise((resolve) => setImmediate(resolve));
    expect([read(), names.length]).toEqual(["", 1]);
  });

  it("writes no byte while nobody is named", async () => {
    const { port, node, seen, names } = await answering(() => OK);
    const transport = transportTo(port);
    expect((await rejection(transport.request(get("/", undefined)))).code).toBe("NODE_UNPROVEN");
    expect([seen, names]).toEqual([[], []]);
    expect(await transport.identify(signal)).toEqual(node.key.publicKey);
    expect(seen).toEqual([]);
    expect(names).toEqual(["node.cider-fleet.internal"]);
  });

  it("uses the connection on which it identified the node, and keeps it alive", async () => {
    const { port, node, seen, names } = await answering(() => OK);
    const transport = transportTo(port);
    await transport.identify(signal);
    for (let i = 0; i < 3; i++) await transport.request(get(`/${i}`, node.nodeId));
    expect(new Set(seen.map(({ from }) => from)).size).toBe(1);
    expect(names).toHaveLength(1);
  });

  it("never lends a connection to another node's request", async () => {
    const { port, node, seen } = await answering(() => OK);
    const transport = transportTo(port);
    await transport.request(get("/", node.nodeId));
    const { nodeId } = await testNode();
    expect((await rejection(transport.request(get("/", nodeId)))).code).toBe("NODE_MISMATCH");
    expect(seen).toHaveLength(1);
  });

  it("checks every new connection: a node that is replaced gets nothing", async () => {
    const { port, node, seen, cut, become } = await answering(() => OK);
    const transport = transportTo(port);
    await transport.request(get("/", node.nodeId));
    become(await testNode());
    await transport.request(get("/", node.nodeId)); // the old connection is still the node's
    cut();
    const errors = [await rejection(transport.request(get("/", node.nodeId)))];
    if (errors[0]?.code === "CONNECTION_FAILED") errors.push(await rejection(transport.request(get("/", node.nodeId)))); // it met the cut
    expect(errors.at(-1)?.code).toBe("NODE_MISMATCH");
    expect(seen).toHaveLength(2);
  });

  it("accepts the node after its certificate was issued anew, for other names", async () => {
    const node = await testNode();
    node.current = { names: ["studio.local"], addresses: ["10.1.2.3"], configured: [] };
    expect(await node.certificates.renew()).toBe(true);
    const { port } = await answering(() => OK, node);
    expect((await transportTo(port).request(get("/", node.nodeId))).status).toBe(200);
  });

  it("refuses a certificate outside its dates", async () => {
    const { port, node, seen } = await answering(() => OK);
    const late = new ManualClock();
    late.wall = Date.now() + 365 * DAY;
    expect((await rejection(transportTo(port, "127.0.0.1", late).request(get("/", node.nodeId)))).code).toBe("NODE_MISMATCH");
    expect(seen).toEqual([]);
  });

  it.each([
    ["nobody listens", () => 1],
    ["what listens speaks plain HTTP", () => plainListener((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))],
    ["it hangs up", () => plainListener((socket) => socket.destroy())],
  ])("says CONNECTION_FAILED when %s", async (_, open) => {
    const { nodeId } = await testNode();
    const error = await rejection(transportTo(await open()).request(get("/", nodeId)));
    expect(error.code).toBe("CONNECTION_FAILED");
    expect(error.message).toMatch(/^cannot reach 127\.0\.0\.1:\d+: /);
  });

  it("says CONNECTION_FAILED when the answer is cut", async () => {
    const { port, node, cut } = await answering(() => {
      cut();
      return undefined;
    });
    expect((await rejection(transportTo(port).request(get("/", node.nodeId)))).code).toBe("CONNECTION_FAILED");
  });

  it("lets go during the handshake when aborted", async () => {
    const hungUp: Promise<void>[] = [];
    const port = await plainListener((socket) =>
      hungUp.push(new Promise((resolve) => void socket.resume().once("close", resolve))),
    );
    const { nodeId } = await testNode();
    const controller = new AbortController();
    const failed = transportTo(port).request(get("/", nodeId, controller.signal));
    failed.catch(() => undefined);
    while (hungUp.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await expect(failed).rejects.toThrow();
    await Promise.all(hungUp);
  });

  it("refuses an answer that never ends", async () => {
    const { port, node } = await answering(() => ({ status: 200, body: " ".repeat(16 * 1024 * 1024 + 1) }));
    expect((await rejection(transportTo(port).request(get("/", node.nodeId)))).code).toBe("INVALID_ANSWER");
  });
});
