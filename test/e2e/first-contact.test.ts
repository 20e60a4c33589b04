/** First contact with nothing but a token: the node proves itself before the token is sent; whoever cannot never sees it. */

import { describe, expect, test } from "vitest";
import { storageHash } from "../../src/crypto/token-secret.ts";
import { toBase64url } from "../../src/foundation/bytes.ts";
import { FleetClient } from "../../src/sdk-node/index.ts";
import { parseString } from "../../src/wire/parse.ts";
import { codeOf, memoryStore } from "./support/clients.ts";
import { consumerOfTest } from "./support/consumer.ts";
import { type Daemon, daemonOfTest } from "./support/daemon.ts";
import { chainOf, type Middle, openProxy, openRelay, openRewriter, proxyChain, strangerChain } from "./support/middle.ts";

const PROVE = "/v1/tokens/prove";

async function tokenOf(daemon: Daemon): Promise<string> {
  return parseString(await daemon.cliJson("token", "generate", "--name", "script"), "token");
}

/** Calls with a token alone at this port and closes. */
async function call(
  port: number,
  apiToken: string,
  options: Partial<ConstructorParameters<typeof FleetClient>[0]> = {},
): Promise<unknown> {
  const client = new FleetClient({ host: "127.0.0.1", port, apiToken, store: memoryStore(), ...options });
  try {
    return await client.getNodeInfo();
  } finally {
    client.close();
  }
}

/** Expects that nothing came by from which the token could be used or guessed. */
function expectNoToken(middle: Middle, token: string): void {
  const hash = storageHash(token);
  for (const secret of [token, token.slice(4, 36), toBase64url(hash), Buffer.from(hash).toString("hex"), "Bearer"]) {
    expect(middle.received).not.toContain(secret);
  }
}

describe("a script that has a token and an address", () => {
  test("is served by the node of the token, now and after a restart", async () => {
    const daemon = await daemonOfTest();
    const token = await tokenOf(daemon);
    const store = memoryStore();
    expect(await call(daemon.port, token, { store })).toMatchObject({ nodeId: daemon.nodeId });
    await daemon.restart();
    expect(await call(daemon.port, token, { store })).toMatchObject({ nodeId: daemon.nodeId });
    const url = `cider-fleet://${token}@127.0.0.1:${daemon.port}?n=${daemon.nodeId}`;
    const client = FleetClient.fromUrl(url, { store: memoryStore() });
    expect(await client.getNodeInfo()).toMatchObject({ nodeId: daemon.nodeId });
    client.close();
  });

  test("tells another node at that address nothing", async () => {
    const [daemon, other] = [await daemonOfTest(), await daemonOfTest()];
    const token = await tokenOf(daemon);
    const store = memoryStore();
    await call(daemon.port, token, { store });
    const middle = await openRelay(chainOf(other), other);
    for (const known of [memoryStore(), store]) {
      expect(await codeOf(call(middle.port, token, { store: known }))).toBe("NODE_UNPROVEN");
    }
    expect(middle.received).toContain(PROVE);
    expectNoToken(middle, token);
    expect(await codeOf(call(other.port, token))).toBe("NODE_UNPROVEN");
  });

  test("tells a relay to its own node nothing, even one that says it is the node", async () => {
    const daemon = await daemonOfTest();
    const token = await tokenOf(daemon);
    const chain = await strangerChain();
    const relay = await openRelay(chain, daemon);
    const claim = { [PROVE]: (answer: object) => ({ ...answer, nodeKey: toBase64url(chain.nodeKey.publicKey) }) };
    const liar = await openRewriter(daemon, { answered: claim }, chain);
    for (const middle of [relay, liar]) {
      expect(await codeOf(call(middle.port, token))).toBe("NODE_UNPROVEN");
      expect(middle.received).toContain(PROVE);
      expectNoToken(middle, token);
    }
  });

  test("sends nothing at all to a proxy, or where the node was named and is another", async () => {
    const daemon = await daemonOfTest();
    const token = await tokenOf(daemon);
    const proxy = await openRelay(await proxyChain(), daemon);
    expect(await codeOf(call(proxy.port, token))).toBe("NODE_UNPROVEN");
    const relay = await openRelay(await strangerChain(), daemon);
    expect(await codeOf(call(relay.port, token, { responderNodeId: daemon.nodeId }))).toBe("NODE_MISMATCH");
    expect([proxy.received, relay.received]).toEqual(["", ""]);
  });

  test("holds to the node in an environment that lets other programs trust anybody", async () => {
    const daemon = await daemonOfTest();
    const token = await tokenOf(daemon);
    const stranger = await openRelay(await strangerChain(), daemon);
    const proxy = await openProxy();
    const script = consumerOfTest([], { ...proxy.env, NODE_TLS_REJECT_UNAUTHORIZED: "0" });
    const at = (port: number) => ({ host: "127.0.0.1", port, apiToken: token });
    const named = { ...at(stranger.port), responderNodeId: daemon.nodeId };
    expect(await script.run("reach.mjs", named)).toEqual({ call: "NODE_MISMATCH", socket: "NODE_MISMATCH" });
    expect(stranger.received).toBe("");
    expect(await script.run("reach.mjs", at(stranger.port))).toEqual({ call: "NODE_UNPROVEN", socket: "NODE_UNPROVEN" });
    expect(stranger.received).toContain(PROVE);
    expectNoToken(stranger, token);
    expect(await script.run("reach.mjs", at(daemon.port))).toEqual({ call: daemon.nodeId, socket: daemon.nodeId });
    expect(proxy.asked()).toBe(0);
  });

  test("is told of a token that ended, by the node that knew it", async () => {
    const daemon = await daemonOfTest();
    const issued = await daemon.cliJson("token", "generate", "--name", "short");
    const token = parseString(issued, "token");
    await daemon.cliJson("token", "revoke", parseString(issued, "id"));
    expect(await codeOf(call(daemon.port, token))).toBe("TOKEN_REVOKED");
  });
});
