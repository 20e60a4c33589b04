import { inspect } from "node:util";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { systemClock } from "../../src/foundation/clock.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { FleetClient, localClient, storedClient } from "../../src/sdk-node/index.ts";
import { rejection } from "../foundation/refusal.ts";
import { temporaryFolder } from "../identity/certificates.ts";
import { MemoryStore } from "../sdk/memory-store.ts";
import { nodeOfTest, type TestNode } from "../support/node.ts";
import { relayTo, stranger } from "./listeners.ts";

const HOST = "127.0.0.1";

beforeEach(() => {
  vi.stubEnv("CIDER_CONFIG_DIR", temporaryFolder());
});

/** Opens a window on the node and pairs with it as the first script of the README does. */
async function paired(node: TestNode): Promise<Awaited<ReturnType<typeof FleetClient.pair>>> {
  const window = await localClient(node.socket).openPairing();
  return FleetClient.pair(HOST, window.code, "my-ci-script", node.port);
}

async function tokenOf(node: TestNode): Promise<string> {
  return (await localClient(node.socket).generateAPIToken("ci", "fullAccess")).token;
}

describe("the first script of the README", () => {
  it("runs", async () => {
    const node = await nodeOfTest();
    const creds = await paired(node);
    expect(creds).toMatchObject({ responderNodeId: node.nodeId, responderName: node.name, role: "admin" });
    const client = new FleetClient({ host: HOST, port: node.port, nodeId: creds.nodeId });
    expect(await client.getNodeInfo()).toMatchObject({ nodeId: node.nodeId });
    expect((await client.getNodeStats()).memoryTotalGB).toBeGreaterThan(0);
    const token = await client.generateAPIToken("ci-pipeline", "fullAccess");
    const tokens = await client.listAPITokens();
    expect(tokens).toMatchObject([{ name: "ci-pipeline", tokenPrefix: token.token.slice(0, 12), permissions: "fullAccess" }]);
    expect(JSON.stringify(tokens)).not.toContain(token.token);

    const script = new FleetClient({ host: HOST, port: node.port, apiToken: token.token });
    expect((await script.getNodeInfo()).nodeId).toBe(node.nodeId);
    const minting = await rejection(script.generateAPIToken("x", "readOnly"));
    expect([minting.code, minting.details["scope"]]).toEqual(["INSUFFICIENT_SCOPE", "tokens:manage"]);
    const socket = await script.connect();
    expect((await socket.call("GetSelf", {})).actor).toBe(`token:${token.id}`);

    expect(await client.revokeAPIToken(token.id)).toMatchObject({ id: token.id, status: "revoked", connectionsClosed: 1 });
    expect(await socket.closed).toMatchObject({ code: "CREDENTIAL_ENDED", details: { closeCode: 4401 } });
    expect((await rejection(script.getNodeInfo())).code).toBe("TOKEN_REVOKED");
    expect((await rejection(script.connect())).code).toBe("TOKEN_REVOKED");
  });

  it("runs again after both sides restarted, with what is stored", async () => {
    const folder = temporaryFolder();
    const first = await nodeOfTest({ folder });
    const creds = await paired(first);
    const { port } = first;
    const before = new FleetClient({ host: HOST, port, nodeId: creds.nodeId });
    await before.getNodeInfo();
    await first.stop();
    expect((await rejection(before.getNodeInfo())).code).toBe("CONNECTION_FAILED");
    const node = await nodeOfTest({ folder, flags: { port } });
    expect(node.nodeId).toBe(creds.responderNodeId);
    // Within 16 s of the node's start its own time is too early: the one re-sign carries the earliest that it accepts.
    const client = new FleetClient({ host: HOST, port, nodeId: creds.nodeId });
    expect((await client.getSelf()).actor).toBe(`peer:${creds.nodeId}`);
    expect((await before.getSelf()).actor).toBe(`peer:${creds.nodeId}`);
    expect((await (await storedClient({ host: "localhost", port })).getSelf()).actor).toBe(`peer:${creds.nodeId}`);
  });
});

describe("pairing", () => {
  it("works by link alone, and uses the one key for every node", async () => {
    const [one, two] = [await nodeOfTest(), await nodeOfTest()];
    const first = await paired(one);
    const { link = "" } = await localClient(two.socket).openPairing({ ways: ["link"], role: "operator" });
    const second = await FleetClient.pair(HOST, link, undefined, two.port);
    expect([second.nodeId, second.responderNodeId, second.role]).toEqual([first.nodeId, two.nodeId, "operator"]);
    for (const [node, port] of [
      [one.nodeId, one.port],
      [two.nodeId, two.port],
    ] as const) {
      expect((await new FleetClient({ host: HOST, port, nodeId: first.nodeId }).getNodeInfo()).nodeId).toBe(node);
    }
  });

  it("works with a key that cannot be shown, which is then used without being stored", async () => {
    const node = await nodeOfTest();
    const { code } = await localClient(node.socket).openPairing();
    const enclave = SecretKey.generate(systemRandom);
    const signer = { publicKey: enclave.publicKey, sign: (message: Uint8Array) => Promise.resolve(enclave.sign(message)) };
    const store = new MemoryStore();
    const creds = await FleetClient.pair(HOST, code, "app", node.port, { signer, store, kind: "app", role: "viewer" });
    expect("privateKeyHex" in creds).toBe(false);
    expect([...store.texts.keys()]).toEqual([`nodes/${node.nodeId}`]);
    const client = new FleetClient({ host: HOST, port: node.port, nodeId: creds.nodeId, signer, store });
    expect((await client.getSelf()).actor).toBe(`peer:${creds.nodeId}`);
    expect((await rejection(client.listAPITokens())).code).toBe("INSUFFICIENT_SCOPE");
  });

  it("is refused with a wrong code, a closed window and behind a relay", async () => {
    const node = await nodeOfTest();
    const pairAt = (port: number, code: string) => rejection(FleetClient.pair(HOST, code, "x", port));
    expect((await pairAt(node.port, "123456")).code).toBe("PAIRING_CLOSED");
    const { code = "" } = await localClient(node.socket).openPairing();
    const wrong = code === "000000" ? "000001" : "000000";
    expect(await pairAt(node.port, wrong)).toMatchObject({ code: "PAIRING_WRONG_CODE", details: { attemptsLeft: 4 } });
    const relay = await relayTo(node.port);
    expect((await pairAt(relay.port, code)).code).toBe("NODE_MISMATCH");
    expect(relay.read()).not.toContain(code);
    expect(await localClient(node.socket).listPeers()).toEqual({ peers: [], cursor: null });
  });
});

describe("a client with a token alone", () => {
  it("sends it to the node that proved it, and asks no second time", async () => {
    const node = await nodeOfTest();
    const apiToken = await tokenOf(node);
    const store = new MemoryStore();
    const client = () => new FleetClient({ host: HOST, port: node.port, apiToken, store });
    await client().getNodeInfo();
    expect([...store.texts.keys()]).toEqual([`nodes/${node.nodeId}`]);
    expect([...store.texts.values()].join()).not.toContain("csk_");
    await client().getNodeInfo();
  });

  it("sends it neither to a stranger at the address nor through a relay", async () => {
    const node = await nodeOfTest();
    const apiToken = await tokenOf(node);
    const [other, relay] = [await stranger(), await relayTo(node.port)];
    const failure = (port: number, timeout = 30_000) =>
      rejection(new FleetClient({ host: HOST, port, apiToken, timeout }).getNodeInfo());
    expect((await failure(relay.port)).code).toBe("NODE_UNPROVEN");
    expect(relay.read()).toContain("POST /v1/tokens/prove");
    const elsewhere = await nodeOfTest();
    expect((await failure(elsewhere.port)).code).toBe("NODE_UNPROVEN");
    expect((await failure(other.port, 200)).code).toBe("TIMEOUT");
    for (const end of [relay, other]) expect(end.read()).not.toMatch(/csk_|authorization/i);
  });

  it("sends it to no other node than the URL names, not even a question", async () => {
    const node = await nodeOfTest();
    const apiToken = await tokenOf(node);
    const url = (port: number) => `cider-fleet://${apiToken}@${HOST}:${port}?n=${node.nodeId}`;
    expect((await FleetClient.fromUrl(url(node.port)).getNodeInfo()).nodeId).toBe(node.nodeId);
    vi.stubEnv("CIDER_FLEET_URL", url(node.port));
    expect((await FleetClient.fromUrl().getNodeInfo()).nodeId).toBe(node.nodeId);
    const relay = await relayTo(node.port);
    expect((await rejection(FleetClient.fromUrl(url(relay.port)).getNodeInfo())).code).toBe("NODE_MISMATCH");
    expect(relay.read()).toBe("");
  });
});

describe("a client with a key", () => {
  it.each([600_000, -600_000])("is answered although its clock is off by %i ms", async (off) => {
    const node = await nodeOfTest();
    const creds = await paired(node);
    const clock = { now: () => Date.now() + off, elapsed: systemClock.elapsed };
    const client = new FleetClient({ host: HOST, port: node.port, nodeId: creds.nodeId, clock });
    expect((await client.getSelf()).actor).toBe(`peer:${creds.nodeId}`);
    const socket = await client.connect();
    expect((await socket.call("GetNodeInfo", {})).nodeId).toBe(node.nodeId);
    socket.close();
  });

  it("needs no store when it is given everything, and refuses another key's", async () => {
    const node = await nodeOfTest();
    const { nodeId, privateKeyHex: privateKey, responderNodeId } = await paired(node);
    const bare = { host: HOST, port: node.port, nodeId, store: new MemoryStore() };
    expect((await new FleetClient({ ...bare, privateKey, responderNodeId }).getSelf()).actor).toBe(`peer:${nodeId}`);
    const without = await rejection(new FleetClient(bare).getSelf());
    expect(without.code).toBe("NO_KEY_FOR_NODE_ID");
    expect(() => new FleetClient({ ...bare, privateKey: "02".repeat(32), responderNodeId })).toThrow(/belongs to another nodeId/);
    expect(inspect(new FleetClient({ ...bare, privateKey, responderNodeId }), { depth: 9, showHidden: true })).not.toContain(
      privateKey,
    );
  });

  it("sends nothing to another node at the known address, and nothing through a relay", async () => {
    const node = await nodeOfTest();
    const { nodeId } = await paired(node);
    const [other, relay] = [await stranger(), await relayTo(node.port)];
    for (const { port, read } of [other, relay]) {
      const client = new FleetClient({ host: HOST, port, nodeId });
      expect((await rejection(client.getNodeInfo())).code).toBe("NODE_MISMATCH");
      expect((await rejection(client.connect())).code).toBe("NODE_MISMATCH");
      expect(read()).toBe("");
    }
  });

  it("is told when it was removed, and its socket ends", async () => {
    const node = await nodeOfTest();
    const { nodeId } = await paired(node);
    const client = new FleetClient({ host: HOST, port: node.port, nodeId });
    const socket = await client.connect();
    await localClient(node.socket).removePeer(nodeId);
    expect((await socket.closed).code).toBe("CREDENTIAL_ENDED");
    expect((await rejection(client.getNodeInfo())).code).toBe("PEER_UNKNOWN");
  });

  it("asks to pair first where nothing is stored", async () => {
    expect((await rejection(storedClient({ host: HOST }))).code).toBe("NO_KEY_FOR_NODE_ID");
  });
});

describe("every client", () => {
  it("ignores proxies of the environment", async () => {
    for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"])
      vi.stubEnv(name, "http://127.0.0.1:1");
    vi.stubEnv("NODE_USE_ENV_PROXY", "1");
    const node = await nodeOfTest();
    const { nodeId } = await paired(node);
    expect((await new FleetClient({ host: HOST, port: node.port, nodeId }).getNodeInfo()).nodeId).toBe(node.nodeId);
  });

  it("stops waiting for a node that says nothing", async () => {
    const { port } = await stranger();
    const node = await nodeOfTest();
    const apiToken = await tokenOf(node);
    const client = new FleetClient({ host: HOST, port, apiToken });
    expect((await rejection(client.getNodeInfo({ timeout: 100 }))).code).toBe("TIMEOUT");
    const controller = new AbortController();
    const call = rejection(client.connect({ signal: controller.signal }));
    controller.abort();
    expect((await call).code).toBe("ABORTED");
  });

  it("receives the events it subscribed to, until the node stops", async () => {
    const node = await nodeOfTest();
    const local = localClient(node.socket);
    const socket = await local.connect();
    const events = socket.events();
    await socket.subscribe(["tokens"]);
    const { id } = await local.generateAPIToken("ci");
    expect((await events.next()).value).toMatchObject({ topic: "tokens", data: { type: "token.issued", id, name: "ci" } });
    const end = rejection(events.next());
    await node.stop();
    expect((await end).code).toBe("SHUTTING_DOWN");
    expect((await rejection(local.getNodeInfo())).code).toBe("NOT_RUNNING");
  });
});
