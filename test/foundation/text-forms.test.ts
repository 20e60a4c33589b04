import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBase32 } from "../../src/foundation/base32.ts";
import { base62Character, fromBase62, isBase62, toBase62 } from "../../src/foundation/base62.ts";
import { utf8 } from "../../src/foundation/bytes.ts";
import { crc32 } from "../../src/foundation/crc32.ts";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

describe("toBase32", () => {
  it.each([
    ["", ""],
    ["f", "CR"],
    ["fo", "CSQG"],
    ["foo", "CSQPY"],
    ["foobar", "CSQPYRK1E8"],
  ])("writes %j as %s", (text, expected) => {
    expect(toBase32(utf8(text))).toBe(expected);
  });

  it("is the number in base 32 when no bits are left over", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        let number = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
        let expected = "";
        for (let i = 0; i < 32; i++, number >>= 5n) expected = `${CROCKFORD[Number(number & 31n)]}${expected}`;
        expect(toBase32(bytes)).toBe(expected);
      }),
    );
  });
});

describe("base62", () => {
  it("pads to the width and orders digits, capitals, small letters", () => {
    expect([0, 9, 10, 35, 36, 61, 62].map((value) => toBase62(value, 2))).toEqual(["00", "09", "0A", "0Z", "0a", "0z", "10"]);
    expect(toBase62(0xffff_ffff, 6)).toBe("4gfFC3");
  });

  it("is read back from where it begins", () => {
    fc.assert(fc.property(fc.nat(0xffff_ffff), (value) => fromBase62(`id_${toBase62(value, 6)}`, 3) === value));
  });

  it("is letters and digits of ASCII, and nothing else", () => {
    expect(isBase62("-09AZaz", 1)).toBe(true);
    for (const other of ["-", "_", "/", ":", "@", "[", "`", "{", " ", "é", "０", "\u{1f511}"])
      expect(isBase62(`0${other}0`, 0)).toBe(false);
  });

  it("gives every character to the same number of bytes, and none to those that would bias", () => {
    const bytesOf = new Map<string | undefined, number>();
    for (let byte = 0; byte < 256; byte++) {
      const character = base62Character(byte);
      bytesOf.set(character, (bytesOf.get(character) ?? 0) + 1);
    }
    expect(bytesOf.get(undefined)).toBe(8);
    bytesOf.delete(undefined);
    expect(bytesOf.size).toBe(62);
    expect(new Set(bytesOf.values())).toEqual(new Set([4]));
  });
});

describe("crc32", () => {
  it("gives the check value of its definition", () => {
    expect(crc32("123456789")).toBe(0xcbf43926);
  });

  it("agrees with zlib", () => {
    fc.assert(fc.property(fc.string({ unit: "binary-ascii" }), (text) => crc32(text) === zlibCrc32(text)));
    expect(crc32("csk_123456789…", 4, 13)).toBe(0xcbf43926);
  });
});
