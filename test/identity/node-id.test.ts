import { describe, expect, it } from "vitest";
import { publicKeyFromHex } from "../../src/crypto/p256.ts";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { isNodeId } from "../../src/foundation/ids.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { fingerprintOf, nodeIdOf } from "../../src/identity/node-id.ts";
import nodeIds from "../vectors/node-id.json" with { type: "json" };

describe("the id of a key", () => {
  it.each(nodeIds.vectors)("is $nodeId, with the fingerprint $fingerprint", ({ publicKey, nodeId, fingerprint }) => {
    const key = publicKeyFromHex(publicKey);
    expect(nodeIdOf(key)).toBe(nodeId);
    expect(fingerprintOf(key)).toBe(fingerprint);
  });

  it("has the form of an id and is another for another key", () => {
    const keys = Array.from({ length: 20 }, () => SecretKey.generate(systemRandom).publicKey);
    const ids = keys.map(nodeIdOf);
    expect(ids.every(isNodeId)).toBe(true);
    expect(new Set(ids).size).toBe(20);
    for (const key of keys) expect(fingerprintOf(key)).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
  });
});
