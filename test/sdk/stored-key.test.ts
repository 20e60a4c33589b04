import { describe, expect, it } from "vitest";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import type { Store } from "../../src/sdk/records.ts";
import { StoredKey } from "../../src/sdk/stored-key.ts";
import { SeededRandom } from "../foundation/doubles.ts";
import { rejection } from "../foundation/refusal.ts";
import { MemoryStore } from "./memory-store.ts";

const keyIn = (store: Store, seed = 1): StoredKey => new StoredKey(store, new SeededRandom(seed));

describe("the key of this user and machine", () => {
  it("is made once and then reused", async () => {
    const store = new MemoryStore();
    const keys = keyIn(store);
    expect([await keys.signer(), await keys.ownId()]).toEqual([undefined, undefined]);
    const made = await keys.signerOrNew();
    const again = await keyIn(store, 2).signerOrNew();
    expect(again.revealHex()).toBe(made.revealHex());
    expect(await keys.ownId()).toBe(nodeIdOf(made.publicKey));
  });

  it("is the same for two programs that make one at once", async () => {
    const store = new MemoryStore();
    const [a, b] = await Promise.all([1, 2].map((seed) => keyIn(store, seed).signerOrNew()));
    expect(a?.revealHex()).toBe(b?.revealHex());
  });

  it.each([
    "",
    "{",
    "[]",
    '{"version":1}',
    '{"version":0}',
    '{"privateKey":"00"}',
    '{"version":1,"privateKey":"00"}',
    '{"version":1,"privateKey":7}',
  ])("is never replaced when damaged: %j", async (text) => {
    const store = new MemoryStore();
    store.texts.set("key", text);
    const error = await rejection(keyIn(store).signerOrNew());
    expect(error.code).toBe("STORE_UNUSABLE");
    expect(store.texts.get("key")).toBe(text);
  });

  it("is refused when a newer version wrote it", async () => {
    const store = new MemoryStore();
    store.texts.set("key", '{"version":2}');
    expect((await rejection(keyIn(store).signer())).code).toBe("FORMAT_NEWER");
  });

  it("is missed when the store forgets it", async () => {
    const forgetful = { get: () => undefined, set: () => undefined };
    expect((await rejection(keyIn(forgetful).signerOrNew())).code).toBe("STORE_UNUSABLE");
  });
});
