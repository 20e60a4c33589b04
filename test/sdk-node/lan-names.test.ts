/** Which hosts are looked for on the LAN, and what happens where nothing may be looked for. */

import { describe, expect, it, vi } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { discover, FleetClient, watchNodes } from "../../src/sdk-node/index.ts";
import { isKnownHost, mayBeNode } from "../../src/sdk-node/lan-names.ts";
import { rejection } from "../foundation/refusal.ts";

const ID = "3f2a9b1c-1111-8222-9333-444455556666";
const KEY = SecretKey.fromHex("1".repeat(64));
const store = { get: () => undefined, set: () => undefined };
const options = { nodeId: nodeIdOf(KEY.publicKey), signer: KEY, responderNodeId: ID, store };

describe("a host", () => {
  it.each(["studio", "Anna's Mac", "日本", ID, "studio.local", "STUDIO.LOCAL", "cider-3f2a9b1c1111.local", "my.node name"])(
    "may be a node: %s",
    (host) => expect(mayBeNode(host)).toBe(true),
  );

  it.each([
    "192.168.1.20",
    "fe80::1%en0",
    "[fe80::1%en0]",
    "::1",
    "localhost",
    "LOCALHOST",
    "studio.example.org",
    "https://studio",
    "studio:9473",
    "studio/path",
    "user@studio",
    "",
    "two\nlines",
    "x".repeat(65),
  ])("is no node's name: %s", (host) => expect(mayBeNode(host)).toBe(false));

  it("is the system's before it is the LAN's", async () => {
    vi.stubEnv("CIDER_DISCOVERY", "off");
    expect(await isKnownHost("localhost")).toBe(true);
    expect(await isKnownHost(ID)).toBe(false);
    expect(await isKnownHost("Anna's Mac")).toBe(false);
  });
});

describe("where discovery is off", () => {
  it.each([
    ["discover", () => discover({ timeout: 1 })],
    ["watch", () => watchNodes().next()],
    ["pair", () => FleetClient.pair(ID, "123456")],
  ])("nothing is asked on any network: %s", async (_, act) => {
    vi.stubEnv("CIDER_DISCOVERY", "off");
    const error = await rejection(act());
    expect(error).toMatchObject({ code: "DISCOVERY_FAILED" });
    expect(String(error)).toContain("CIDER_DISCOVERY is off");
  });

  it("a client of a node's id says so with its first call, and takes no wrong port", async () => {
    vi.stubEnv("CIDER_DISCOVERY", "off");
    const client = new FleetClient({ host: ID, ...options });
    expect(await rejection(client.getNodeInfo())).toMatchObject({ code: "DISCOVERY_FAILED" });
    expect(() => new FleetClient({ host: ID, port: 0, ...options })).toThrow("port must be");
  });
});
