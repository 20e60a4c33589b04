import { createHash, createHmac, hkdfSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hkdfSha256, hkdfSha512, hmacSha256, sha256 } from "../../src/crypto/hash.ts";
import { hkdfSha512Async } from "../../src/crypto/web-crypto.ts";
import { fromHex, toHex, utf8 } from "../../src/foundation/bytes.ts";

const bytes = fc.uint8Array({ maxLength: 300 });

describe("hashes", () => {
  it("gives FIPS 180-4's digests of abc", () => {
    expect(toHex(sha256(utf8("abc")))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(toHex(sha256(utf8("")))).toMatch(/^e3b0c44298fc1c149afbf4c8996fb924.*b855$/);
    expect(toHex(sha256(new Uint8Array(1_000_000).fill(0x61)))).toMatch(/^cdc76e5c9914fb9281a1c7e284d73e67.*2cd0$/);
  });

  it("gives RFC 5869's first HKDF-SHA-256 vector", () => {
    const okm = hkdfSha256(
      new Uint8Array(22).fill(0x0b),
      fromHex("000102030405060708090a0b0c"),
      fromHex("f0f1f2f3f4f5f6f7f8f9"),
      42,
    );
    expect(toHex(okm)).toBe("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  });

  it("agrees with node:crypto, empty salts and keys included", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, bytes, bytes, fc.integer({ min: 1, max: 100 }), async (a, b, c, length) => {
        expect(toHex(sha256(a))).toBe(createHash("sha256").update(a).digest("hex"));
        expect(toHex(hmacSha256(a, b))).toBe(createHmac("sha256", a).update(b).digest("hex"));
        expect(toHex(hkdfSha256(a, b, c, length))).toBe(Buffer.from(hkdfSync("sha256", a, b, c, length)).toString("hex"));
        const stretched = Buffer.from(hkdfSync("sha512", a, b, c, length)).toString("hex");
        expect(toHex(hkdfSha512(a, b, c, length))).toBe(stretched);
        expect(toHex(await hkdfSha512Async(a, b, c, length))).toBe(stretched);
      }),
    );
  });
});
