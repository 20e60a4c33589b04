import { describe, expect, it } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { Records } from "../../src/sdk/records.ts";
import { rejection } from "../foundation/refusal.ts";
import { MemoryStore, PlainStore } from "./memory-store.ts";

const OWN = nodeIdOf(SecretKey.fromHex("01".repeat(32)).publicKey);
const NODE = SecretKey.fromHex("02".repeat(32)).publicKey;
const OTHER = SecretKey.fromHex("03".repeat(32)).publicKey;
const registration = { nodeId: OWN, role: "admin" } as const;

describe.each([
  ["a store that lists its names", () => new MemoryStore()],
  ["a store with get and set alone", () => new PlainStore()],
])("nodes in %s", (_, makeStore) => {
  it("are found by the caller's id", async () => {
    const store = makeStore();
    const records = new Records(store);
    await records.learn(NODE, { name: "studio", registration, address: "10.0.0.1:9473" });
    await records.learn(OTHER, { token: "lookup" });
    const found = await new Records(store).pairedWith(OWN);
    expect(found).toEqual([
      {
        nodeId: nodeIdOf(NODE),
        publicKey: NODE,
        name: "studio",
        registrations: [registration],
        tokens: [],
        addresses: ["10.0.0.1:9473"],
      },
    ]);
    expect(await records.pairedWith(nodeIdOf(OTHER))).toEqual([]);
  });

  it("keep what was known when more is learnt, newest first and without repetition", async () => {
    const records = new Records(makeStore());
    await records.learn(NODE, { name: "studio", registration, address: "a:1" });
    await records.learn(NODE, { token: "t1", address: "b:1" });
    await records.learn(NODE, { registration: { ...registration, role: "viewer" }, token: "t2", address: "a:1" });
    expect(await records.node(nodeIdOf(NODE))).toMatchObject({
      name: "studio",
      registrations: [{ nodeId: OWN, role: "viewer" }],
      tokens: ["t2", "t1"],
      addresses: ["a:1", "b:1"],
    });
  });

  it("forget the oldest addresses", async () => {
    const records = new Records(makeStore());
    for (let i = 0; i < 12; i++) await records.learn(NODE, { address: `10.0.0.${i}:9473` });
    const record = await records.node(nodeIdOf(NODE));
    expect(record?.addresses).toHaveLength(8);
    expect(record?.addresses[0]).toBe("10.0.0.11:9473");
  });
});

describe("a node's record", () => {
  it("is not written again when nothing is new", async () => {
    const store = new MemoryStore();
    const records = new Records(store);
    await records.learn(NODE, { address: "a:1" });
    store.set = () => {
      throw new Error("written again");
    };
    await records.learn(NODE, { address: "a:1" });
  });

  it("is refused when its key is not the node's", async () => {
    const store = new MemoryStore();
    const records = new Records(store);
    await records.learn(NODE, { registration });
    const name = `nodes/${nodeIdOf(NODE)}`;
    store.texts.set(
      name,
      (store.texts.get(name) ?? "").replace(/"publicKey": "[0-9a-f]+"/, `"publicKey": "${Buffer.from(OTHER).toString("hex")}"`),
    );
    expect((await rejection(records.node(nodeIdOf(NODE)))).code).toBe("STORE_UNUSABLE");
  });
});
