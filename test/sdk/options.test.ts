import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { systemClock } from "../../src/foundation/clock.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { type ClientOptions, DEFAULT_TIMEOUT, readOptions } from "../../src/sdk/options.ts";
import type { Platform } from "../../src/sdk/platform.ts";
import { StoredKey, signerFromHex } from "../../src/sdk/stored-key.ts";
import { SeededRandom } from "../foundation/doubles.ts";
import { refusal } from "../foundation/refusal.ts";
import { PlainStore } from "./memory-store.ts";

const KEY = SecretKey.fromHex("01".repeat(32));
const NODE_ID = nodeIdOf(KEY.publicKey);
const TOKEN = "csk_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL2CB5HI";
const random = new SeededRandom();
const bare: Platform = {
  clock: systemClock,
  random,
  store: () => new PlainStore(),
  warn: () => undefined,
  keys: (store) => new StoredKey(store, random),
};
const platform: Platform = { ...bare, signerFromHex };

describe("readOptions", () => {
  it("fills in port and time-out", () => {
    const settings = readOptions({ host: "studio.local", nodeId: NODE_ID }, platform);
    expect([settings.address?.port, settings.timeout]).toEqual([9473, DEFAULT_TIMEOUT]);
    expect(DEFAULT_TIMEOUT).toBe(30_000);
  });

  it.each<[string, Partial<ClientOptions>]>([
    ["nodeId with its privateKey", { nodeId: NODE_ID, privateKey: KEY.revealHex() }],
    ["nodeId with its signer", { nodeId: NODE_ID, signer: KEY }],
    ["apiToken with the node's id", { apiToken: TOKEN, responderNodeId: NODE_ID }],
  ])("takes %s", (_, options) => {
    expect(() => readOptions({ host: "studio.local", ...options }, platform)).not.toThrow();
  });

  it.each<[string, Partial<ClientOptions>]>([
    ["neither nodeId nor apiToken", {}],
    ["both of them", { nodeId: NODE_ID, apiToken: TOKEN }],
    ["a nodeId that is none", { nodeId: "studio" }],
    ["a responderNodeId that is none", { apiToken: TOKEN, responderNodeId: "studio" }],
    ["another key's privateKey", { nodeId: NODE_ID, privateKey: "02".repeat(32) }],
    ["a privateKey that is none", { nodeId: NODE_ID, privateKey: "01" }],
    ["a privateKey out of range", { nodeId: NODE_ID, privateKey: "00".repeat(32) }],
    ["privateKey and signer", { nodeId: NODE_ID, privateKey: KEY.revealHex(), signer: KEY }],
    ["another key's signer", { nodeId: NODE_ID, signer: SecretKey.fromHex("02".repeat(32)) }],
    ["a token with a privateKey", { apiToken: TOKEN, privateKey: KEY.revealHex() }],
    ["a time-out of nothing", { nodeId: NODE_ID, timeout: 0 }],
    ["a time-out no timer can hold", { nodeId: NODE_ID, timeout: 2 ** 31 }],
    ["a port of nothing", { nodeId: NODE_ID, port: 0 }],
    ["a URL as host", { nodeId: NODE_ID, host: "https://studio.local" }],
  ])("refuses %s", (_, options) => {
    const error = refusal(() => readOptions({ host: "studio.local", ...options }, platform));
    expect(error.code).toBe("INVALID_OPTIONS");
    expect(inspect(error)).not.toContain("02020202");
  });

  it("takes no key that can be read where the platform keeps none", () => {
    const options = { host: "studio.local", nodeId: NODE_ID, privateKey: KEY.revealHex() };
    expect(refusal(() => readOptions(options, bare)).message).toContain("pass a signer");
    expect(() => readOptions({ host: "studio.local", nodeId: NODE_ID, signer: KEY }, bare)).not.toThrow();
  });

  it("finds a cut token before anything is sent, and does not repeat it", () => {
    const error = refusal(() => readOptions({ host: "studio.local", apiToken: TOKEN.slice(0, -1) }, platform));
    expect(error.code).toBe("TOKEN_INVALID");
    expect(inspect(error)).not.toContain("aB3dE6gH9");
  });
});
