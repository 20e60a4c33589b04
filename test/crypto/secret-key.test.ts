import { format, inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { toHex } from "../../src/foundation/bytes.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { ScriptedRandom } from "../foundation/doubles.ts";
import nodeIds from "../vectors/node-id.json" with { type: "json" };

const ORDER = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

describe("SecretKey", () => {
  it.each(nodeIds.vectors)("derives $nodeId's public key and gives the scalar back", ({ privateKey, publicKey }) => {
    const key = SecretKey.fromHex(privateKey);
    expect(publicKeyToHex(key.publicKey)).toBe(publicKey);
    expect(key.revealHex()).toBe(privateKey);
    expect(toHex(key.reveal())).toBe(privateKey);
    expect(SecretKey.fromBytes(key.reveal()).publicKey).toEqual(key.publicKey);
  });

  it.each(["00".repeat(32), ORDER, "ff".repeat(32), "01".repeat(31), "01".repeat(33), "", "AB".repeat(32), "zz".repeat(32)])(
    "refuses the scalar %s without repeating it",
    (text) => {
      const refused = expect(() => SecretKey.fromHex(text));
      refused.toThrow(SyntaxError);
      refused.toThrow(/^(?!.*(0101|abab|zzzz|ffff))/i);
    },
  );

  it("draws again when a draw is not below the order", () => {
    const zero = new Uint8Array(32);
    const random = new ScriptedRandom(
      zero,
      zero.map(() => 255),
      zero.map(() => 3),
    );
    expect(SecretKey.generate(random).revealHex()).toBe("03".repeat(32));
  });

  it("does not follow what its caller does to the bytes", () => {
    const bytes = new Uint8Array(32).fill(3);
    const key = SecretKey.fromBytes(bytes);
    bytes.fill(0);
    key.reveal().fill(0);
    expect(key.revealHex()).toBe("03".repeat(32));
  });

  it("is not shown by any usual way of printing", () => {
    const key = SecretKey.generate(systemRandom);
    const shown = [
      String(key),
      key.toString(),
      JSON.stringify({ key }),
      inspect({ key }, { depth: 9, showHidden: true }),
      format("%o %s %j", key, key, key),
    ];
    for (const text of shown) {
      expect(text).toContain("[secret key]");
      expect(text).not.toContain(key.revealHex());
      expect(text).not.toContain(key.revealHex().slice(0, 8));
    }
    expect(Object.values(key)).toEqual([key.publicKey]);
  });
});
