import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { toBase64url, toHex } from "../../src/foundation/bytes.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { contradictionOf, RememberedHeads, requireSignedHead } from "../../src/sdk/audit-heads.ts";
import type { AuditHead } from "../../src/sdk/shapes.ts";
import { headMessage } from "../../src/wire/audit-head.ts";
import { refusal, rejection } from "../foundation/refusal.ts";
import { MemoryStore } from "./memory-store.ts";

interface Vector {
  readonly privateKey: string;
  readonly message: string;
  readonly head: AuditHead;
}

const vector = JSON.parse(readFileSync(new URL("../vectors/audit-head.json", import.meta.url), "utf8")) as Vector;
const key = SecretKey.fromHex(vector.privateKey);

/** A head of the vector's node. */
function signed(seq: number, hash: string = vector.head.hash): AuditHead {
  const signature = toBase64url(key.sign(headMessage(key.publicKey, seq, hash)));
  return { ...vector.head, seq, hash, signature };
}

describe("the vector", () => {
  it("is what this code signs and takes", () => {
    expect(toHex(headMessage(key.publicKey, vector.head.seq, vector.head.hash))).toBe(vector.message);
    expect(signed(vector.head.seq)).toEqual(vector.head);
    expect(requireSignedHead(vector.head)).toEqual(vector.head);
    expect(nodeIdOf(key.publicKey)).toBe(vector.head.nodeId);
  });

  it.each([
    ["another number", { seq: vector.head.seq + 1 }],
    ["another hash", { hash: "0".repeat(64) }],
    ["another node", { nodeId: "5a07a723-c795-8830-ae2e-6be0ef71b399" }],
    ["no key", { nodeKey: "" }],
    ["a short signature", { signature: vector.head.signature.slice(4) }],
    ["a hash that is none", { hash: "x" }],
  ])("is refused with %s", (_, change) => {
    expect(refusal(() => requireSignedHead({ ...vector.head, ...change })).code).toBe("INVALID_ANSWER");
  });
});

it("two heads prove a cut and a rewrite by themselves", () => {
  expect(contradictionOf(signed(9), signed(8))).toBe("cut");
  expect(contradictionOf(signed(9), signed(9, "0".repeat(64)))).toBe("rewritten");
  expect(contradictionOf(signed(9), signed(9))).toBeUndefined();
  expect(contradictionOf(signed(9), signed(10, "0".repeat(64)))).toBeUndefined();
});

describe("heads in a store", () => {
  it("are kept by node, the last one", async () => {
    const heads = new RememberedHeads(new MemoryStore());
    expect(await heads.of(vector.head.nodeId)).toBeUndefined();
    await heads.keep(signed(1));
    await heads.keep(signed(2));
    expect(await heads.of(vector.head.nodeId)).toEqual(signed(2));
  });

  it("are never believed when somebody edited them", async () => {
    const store = new MemoryStore();
    await new RememberedHeads(store).keep(signed(3));
    store.set(`heads/${vector.head.nodeId}`, JSON.stringify({ version: 1, ...signed(3), seq: 2 }));
    expect((await rejection(new RememberedHeads(store).of(vector.head.nodeId))).code).toBe("STORE_UNUSABLE");
  });
});
