/** Pairing against the running daemon: guesses, a link beside spent digits, and whoever sits in between and changes messages. */

import { beforeAll, describe, expect, test } from "vitest";
import { fromBase64url, toBase64url } from "../../src/foundation/bytes.ts";
import { FleetClient, FleetError } from "../../src/sdk-node/index.ts";
import type { JsonObject } from "../../src/wire/parse.ts";
import { codeOf, memoryStore, newKey, pairPlainly } from "./support/clients.ts";
import { Daemon, daemonOfTest } from "./support/daemon.ts";
import { type Changes, openRelay, openRewriter, proxyChain, strangerChain } from "./support/middle.ts";
import { openWindow } from "./support/pairing.ts";

const BEGIN = "/v1/pairing/begin";
const FINISH = "/v1/pairing/finish";

const strangerKey = toBase64url(newKey().publicKey);

type Change = (message: JsonObject) => JsonObject;

/** Returns a change that gives a member this value. */
function replace(name: string, value: string): Change {
  return (message) => ({ ...message, [name]: value });
}

/** Returns a change of one bit. */
function flip(name: string): Change {
  return (message) => {
    const bytes = fromBase64url(String(message[name]));
    return { ...message, [name]: toBase64url(bytes.with(0, (bytes[0] ?? 0) ^ 1)) };
  };
}

/** Returns six digits that are not these. */
function otherThan(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, "0");
}

function pairOver(port: number, codeOrLink: string, store = memoryStore()): Promise<unknown> {
  return FleetClient.pair("127.0.0.1", codeOrLink, "test client", port, { store });
}

describe("digits", () => {
  test("die of five wrong codes, which one address alone cannot give; the link still pairs", async () => {
    const daemon = await daemonOfTest();
    const { code, link, command } = await openWindow(daemon);
    const guess = (from: string) => codeOf(pairPlainly(daemon.port, otherThan(code), {}, from));
    const sources = ["127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.3", "127.0.0.4"];
    const codes: string[] = [];
    for (const source of sources) codes.push(await guess(source));
    const wrong = "PAIRING_WRONG_CODE";
    expect(codes).toEqual([wrong, wrong, "PAIRING_BUSY", wrong, wrong, wrong]);

    expect(await command.line("locked")).toMatchObject({
      addresses: [
        { address: "127.0.0.2", attempts: 2 },
        { address: "127.0.0.3", attempts: 2 },
        { address: "127.0.0.4", attempts: 1 },
      ],
    });
    expect(await codeOf(pairPlainly(daemon.port, code, {}, "127.0.0.5"))).toBe("PAIRING_CLOSED");
    expect(await codeOf(pairOver(daemon.port, code))).toBe("PAIRING_CLOSED");
    expect(await FleetClient.pair(link, undefined, "by link", undefined, { store: memoryStore() })).toMatchObject({
      responderNodeId: daemon.nodeId,
    });
    expect(await command.line("paired")).toMatchObject({ name: "by link", role: "admin" });
    expect(command.events).toEqual(["open", ...Array.from({ length: 5 }, () => "attempt"), "locked", "attempt", "paired"]);
  });

  test("that were right work once, and nobody pairs without a window", async () => {
    const daemon = await daemonOfTest();
    expect(await codeOf(pairOver(daemon.port, "123456"))).toBe("PAIRING_CLOSED");
    const { code } = await openWindow(daemon);
    await pairOver(daemon.port, `${code.slice(0, 3)} ${code.slice(3)}`);
    expect(await codeOf(pairOver(daemon.port, code))).toBe("PAIRING_CLOSED");
  });

  test("of a window that was interrupted or killed with the node are worth nothing", async () => {
    const daemon = await daemonOfTest();
    const first = await openWindow(daemon);
    await first.command.process.end("SIGINT");
    expect(await codeOf(pairOver(daemon.port, first.code))).toBe("PAIRING_CLOSED");
    const second = await openWindow(daemon);
    await daemon.restart();
    expect(await codeOf(pairOver(daemon.port, second.code))).toBe("PAIRING_CLOSED");
    expect(await codeOf(pairOver(daemon.port, second.link))).toBe("PAIRING_CLOSED");
  });
});

describe("somebody in between who changes", () => {
  let daemon: Daemon;

  beforeAll(async () => {
    daemon = await new Daemon().start();
    return () => daemon.end();
  });

  /** Pairs through a relay that makes these changes, on a connection without TLS, and returns how that failed. */
  async function tamper(changes: Changes): Promise<string> {
    const client = daemon.local();
    const { code = "" } = await client.call("OpenPairing", { ways: ["code"] });
    const { port } = await openRewriter(daemon, changes);
    try {
      return await codeOf(pairPlainly(port, code));
    } finally {
      expect((await client.call("ListPeers", {})).peers).toEqual([]);
      await client.call("ClosePairing", {});
      client.close();
    }
  }

  test.each<[string, Changes, string]>([
    ["the client's key", { asked: { [BEGIN]: replace("clientKey", strangerKey) } }, "PAIRING_WRONG_CODE"],
    ["the client's name", { asked: { [BEGIN]: replace("name", "admin's laptop") } }, "PAIRING_WRONG_CODE"],
    ["the client's kind", { asked: { [BEGIN]: replace("kind", "node") } }, "PAIRING_WRONG_CODE"],
    ["the client's share", { asked: { [BEGIN]: replace("share", strangerKey) } }, "PAIRING_WRONG_CODE"],
    ["the channel to one that is not allowed", { asked: { [BEGIN]: replace("channel", "plain") } }, "PAIRING_CHANNEL"],
    ["the channel to one that it is not", { asked: { [BEGIN]: replace("channel", "pinned") } }, "PAIRING_CHANNEL"],
    [
      "the role asked for, and back",
      { asked: { [BEGIN]: replace("role", "viewer") }, answered: { [BEGIN]: replace("role", "admin") } },
      "PAIRING_WRONG_CODE",
    ],
    ["the role granted", { answered: { [BEGIN]: replace("role", "viewer") } }, "PAIRING_WRONG_CODE"],
    ["the node's key", { answered: { [BEGIN]: replace("nodeKey", strangerKey) } }, "PAIRING_WRONG_CODE"],
    ["the node's name", { answered: { [BEGIN]: replace("nodeName", "another node") } }, "PAIRING_WRONG_CODE"],
    ["the node's share", { answered: { [BEGIN]: replace("share", strangerKey) } }, "PAIRING_WRONG_CODE"],
    ["the node's confirmation", { answered: { [BEGIN]: flip("confirm") } }, "PAIRING_WRONG_CODE"],
    ["the versions", { answered: { [BEGIN]: (message) => ({ ...message, version: 2, maxVersion: 2 }) } }, "PAIRING_VERSION"],
    ["the exchange", { asked: { [FINISH]: flip("sid") } }, "PAIRING_UNKNOWN_EXCHANGE"],
    ["the client's confirmation", { asked: { [FINISH]: flip("confirm") } }, "PAIRING_WRONG_CODE"],
    ["the client's proof", { asked: { [FINISH]: flip("proof") } }, "PAIRING_BAD_PROOF"],
  ])("%s registers nobody", async (_, changes, code) => {
    expect(await tamper(changes)).toBe(code);
  });

  test("nothing lets a pairing through", async () => {
    const client = daemon.local();
    const { code = "" } = await client.call("OpenPairing", {});
    const { port, received } = await openRewriter(daemon, {});
    const paired = await pairPlainly(port, code);
    await client.removePeer(paired.nodeId);
    expect(received).not.toContain(code);
    client.close();
  });
});

describe("somebody in between with a certificate of its own", () => {
  test("a proxy is met with silence: nothing is sent, by code or by link", async () => {
    const daemon = await daemonOfTest();
    const { code, link } = await openWindow(daemon);
    const proxy = await openRelay(await proxyChain(), daemon);
    expect(await codeOf(pairOver(proxy.port, code))).toBe("NODE_MISMATCH");
    expect(await codeOf(pairOver(proxy.port, link))).toBe("NODE_MISMATCH");
    expect(proxy.received).toBe("");
  });

  test("another node is sent nothing by a link, and by a code nothing that helps it", async () => {
    const daemon = await daemonOfTest();
    const { code, link } = await openWindow(daemon);
    const chain = await strangerChain();
    const relay = await openRelay(chain, daemon);
    expect(await codeOf(pairOver(relay.port, link))).toBe("NODE_MISMATCH");
    expect(relay.received).toBe("");
    expect(await codeOf(pairOver(relay.port, code))).toBe("NODE_MISMATCH");
    expect(relay.received).toContain(BEGIN);
    expect(relay.received).not.toContain(FINISH);
    expect(relay.received).not.toContain(code);
  });

  test("another node that says it is the node fails by the confirmation", async () => {
    const daemon = await daemonOfTest();
    const { code } = await openWindow(daemon);
    const chain = await strangerChain();
    const claim = replace("nodeKey", toBase64url(chain.nodeKey.publicKey));
    const relay = await openRewriter(daemon, { answered: { [BEGIN]: claim } }, chain);
    expect(await codeOf(pairOver(relay.port, code))).toBe("PAIRING_WRONG_CODE");
    expect(relay.received).not.toContain(FINISH);
  });

  test("a paired client sends it neither request nor signature", async () => {
    const daemon = await daemonOfTest();
    const { code } = await openWindow(daemon);
    const store = memoryStore();
    const { nodeId } = await FleetClient.pair("127.0.0.1", code, "test client", daemon.port, { store });
    const client = new FleetClient({ host: "127.0.0.1", port: daemon.port, nodeId, store });
    expect(await client.getNodeInfo()).toMatchObject({ nodeId: daemon.nodeId });
    client.close();
    for (const chain of [await proxyChain(), await strangerChain()]) {
      const relay = await openRelay(chain, daemon);
      const misled = new FleetClient({ host: "127.0.0.1", port: relay.port, nodeId, store });
      await expect(misled.getNodeInfo()).rejects.toBeInstanceOf(FleetError);
      expect(relay.received).toBe("");
      misled.close();
    }
  });
});
