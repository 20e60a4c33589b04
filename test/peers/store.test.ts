import { describe, expect, it } from "vitest";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { verifySignature } from "../../src/crypto/signing.node.ts";
import { utf8 } from "../../src/foundation/bytes.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import type { PeerRegistered } from "../../src/peers/changes.ts";
import { PeerStore } from "../../src/peers/store.ts";
import { refusal } from "../foundation/refusal.ts";
import { AT, folded, restarted } from "../support/lines.ts";

const LAPTOP = SecretKey.fromHex("01".repeat(32));
const PHONE = SecretKey.fromHex("02".repeat(32));

function registered(key: SecretKey, changed: Partial<PeerRegistered> = {}): PeerRegistered {
  const rest = { name: "laptop", kind: "sdk", role: "operator", way: "code", channel: "pinned", from: "192.168.1.7" } as const;
  return { type: "peer.registered", id: nodeIdOf(key.publicKey), key: publicKeyToHex(key.publicKey), ...rest, ...changed };
}

describe("the keys a node trusts", () => {
  const store = folded(new PeerStore(), registered(LAPTOP), registered(PHONE, { name: "phone", way: "key", channel: null }));
  const id = nodeIdOf(LAPTOP.publicKey);

  it("are found by id, with the key as node:crypto verifies with it", async () => {
    const peer = store.require(id);
    expect(peer).toMatchObject({ name: "laptop", role: "operator", pairedAt: AT, pairedFrom: "192.168.1.7" });
    const message = utf8("hello");
    expect(await verifySignature(peer.verifyingKey, message, LAPTOP.sign(message))).toBe(true);
    expect(await verifySignature(peer.verifyingKey, message, PHONE.sign(message))).toBe(false);
  });

  it("are listed in the order of their first registration, also when one pairs again with another role", () => {
    const again = folded(
      new PeerStore(),
      registered(LAPTOP),
      registered(PHONE),
      registered(LAPTOP, { role: "viewer", name: "new" }),
    );
    expect(again.list().map(({ name, role }) => [name, role])).toEqual([
      ["new", "viewer"],
      ["laptop", "operator"],
    ]);
    expect(again.size).toBe(2);
  });

  it("change name and role, keeping the rest", () => {
    const changed = folded(new PeerStore(), registered(LAPTOP), { type: "peer.changed", id, name: "mini", role: "viewer" });
    expect(changed.require(id)).toMatchObject({ name: "mini", role: "viewer", way: "code", pairedFrom: "192.168.1.7" });
  });

  it("are gone when removed; a stranger is nobody", () => {
    const emptied = folded(new PeerStore(), registered(LAPTOP), { type: "peer.removed", id });
    expect(emptied.get(id)).toBeUndefined();
    expect(refusal(() => emptied.require(id)).code).toBe("NOT_FOUND");
  });

  it("are the same after a restart", () => {
    const again = restarted(store, new PeerStore());
    expect(again.list().map(({ verifyingKey: _, ...peer }) => peer)).toEqual(
      store.list().map(({ verifyingKey: _, ...peer }) => peer),
    );
    again.restore(undefined);
    expect(again.size).toBe(0);
  });
});

describe("what is refused", () => {
  it("another key under a known id", () => {
    const id = nodeIdOf(LAPTOP.publicKey);
    const store = folded(new PeerStore(), registered(LAPTOP));
    expect(() => store.refuseOtherKey(id, LAPTOP.publicKey)).not.toThrow();
    expect(refusal(() => store.refuseOtherKey(id, PHONE.publicKey)).code).toBe("CONFLICT");
    expect(() => store.refuseOtherKey(nodeIdOf(PHONE.publicKey), PHONE.publicKey)).not.toThrow();
  });

  it("a change of a newer version, and a role nobody knows", () => {
    expect(refusal(() => folded(new PeerStore(), { type: "peer.promoted" })).code).toBe("FORMAT_NEWER");
    expect(refusal(() => folded(new PeerStore(), { ...registered(LAPTOP), role: "owner" })).code).toBe("INVALID_REQUEST");
  });
});
