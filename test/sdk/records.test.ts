import { describe, expect, it } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { Records } from "../../src/sdk/records.ts";
import { SeededRandom } from "../foundation/doubles.ts";
import { rejection } from "../foundation/refusal.ts";
import { MemoryStore, PlainStore } from "./memory-store.ts";

const OWN = nodeIdOf(SecretKey.fromHex("01".repeat(32)).publicKey);
const NODE = SecretKey.fromHex("02".repeat(32)).publicKey;
const OTHER = SecretKey.fromHex("03".repeat(32)).publicKey;
const registration = { nodeId: OWN, role: "admin" } as const;

describe("the key of this user and machine", () => {
  it("is made once and then reused", async () => {
    const store = new MemoryStore();
    const records = new Records(store);
    expect([await records.key(), await records.ownId()]).toEqual([undefined, undefined]);
    const made = await records.keyOrNew(new SeededRandom(1));
    const again = await new Records(store).keyOrNew(new SeededRandom(2));
    expect(again.revealHex()).toBe(made.revealHex());
    expect(await records.ownId()).toBe(nodeIdOf(made.publicKey));
  });

  it("is the same for two programs that make one at once", async () => {
    const store = new MemoryStore();
    const [a, b] = await Promise.all([1, 2].map((seed) => new Records(store).keyOrNew(new SeededRandom(seed))));
    expect(a?.revealHex()).toBe(b?.revealHex());
  });

  it.each(["", "{", "[]", '{"version":1}', '{"version":1,"privateKey":"00"}', '{"version":1,"privateKey":7}'])(
    "is never replaced when damaged: %j",
    async (text) => {
      const store = new MemoryStore();
      store.texts.set("key", text);
      const error = await rejection(new Records(store).keyOrNew(new SeededRandom()));
      expect(error.code).toBe("STORE_UNUSABLE");
      expect(store.texts.get("key")).toBe(text);
    },
  );

  it("is refused when a newer version wrote it", async () => {
    const store = new MemoryStore();
    store.texts.set("key", '{"version":2}');
    expect((await rejection(new Records(store).key())).code).toBe("FORMAT_NEWER");
  });

  it("is missed when the store forgets it", async () => {
    const forgetful = { get: () => undefined, set: () => undefined };
    expect((await rejection(new Records(forgetful).keyOrNew(new SeededRandom()))).code).toBe("STORE_UNUSABLE");
  });
});

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
