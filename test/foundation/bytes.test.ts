import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  append,
  concat,
  constantTimeEqual,
  fromBase64,
  fromBase64url,
  fromHex,
  fromUtf8,
  lp,
  toBase64,
  toBase64url,
  toHex,
  utf8,
} from "../../src/foundation/bytes.ts";

const bytes = fc.uint8Array({ maxLength: 200 });

describe("hex", () => {
  it("agrees with Buffer and reads back what it wrote", () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(toHex(value)).toBe(Buffer.from(value).toString("hex"));
        expect(fromHex(toHex(value))).toEqual(value);
      }),
    );
  });

  it.each(["0", "0A", "zz", " 00", "00 ", "0x00", "é0"])("refuses %j", (text) => {
    expect(() => fromHex(text)).toThrow(SyntaxError);
  });
});

describe("base64", () => {
  it("agrees with Buffer in both alphabets and reads back what it wrote", () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(toBase64url(value)).toBe(Buffer.from(value).toString("base64url"));
        expect(fromBase64url(toBase64url(value))).toEqual(value);
        expect(toBase64(value)).toBe(Buffer.from(value).toString("base64"));
        expect(fromBase64(toBase64(value))).toEqual(value);
      }),
    );
  });

  it("accepts exactly one spelling of every value", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        for (const [decode, encode] of [
          [fromBase64, toBase64],
          [fromBase64url, toBase64url],
        ] as const) {
          let decoded: Uint8Array | undefined;
          try {
            decoded = decode(text);
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxError);
          }
          if (decoded !== undefined) expect(encode(decoded)).toBe(text);
        }
      }),
    );
  });

  it.each(["A", "AB==", "A-", "AA=", "AAA=", "AA\n", " AA", "AB", "AAB", "AAAAA", "A💥A"])("base64url refuses %j", (text) => {
    expect(() => fromBase64url(text)).toThrow(SyntaxError);
  });

  it.each(["AA", "AAA", "AB==", "AAB=", "A===", "====", "AAAA====", "AA==AA==", "A_A=", "AAAA=", "AA== "])(
    "base64 refuses %j",
    (text) => {
      expect(() => fromBase64(text)).toThrow(SyntaxError);
    },
  );
});

describe("utf-8", () => {
  it("reads back what it wrote and keeps a byte order mark", () => {
    expect(fromUtf8(utf8("\ufeffBüro ☕ 💥"))).toBe("\ufeffBüro ☕ 💥");
  });

  it.each([
    ["a lone continuation byte", [0x80]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a cut sequence", [0xe2, 0x98]],
  ])("refuses %s", (_, value) => {
    expect(() => fromUtf8(Uint8Array.from(value))).toThrow(SyntaxError);
  });
});

describe("lp", () => {
  it("puts the length before each part, text as UTF-8", () => {
    expect(toHex(lp("☕", Uint8Array.of(9), ""))).toBe("0003e298950001090000");
  });

  it("is the concatenation of its parts", () => {
    fc.assert(fc.property(bytes, bytes, (a, b) => toHex(lp(a, b)) === toHex(concat(lp(a), lp(b)))));
  });

  it("takes 65535 bytes and not one more", () => {
    expect(lp(new Uint8Array(65_535))).toHaveLength(65_537);
    expect(() => lp(new Uint8Array(65_536))).toThrow(RangeError);
  });
});

describe("constantTimeEqual", () => {
  it("says what a plain comparison says", () => {
    fc.assert(fc.property(bytes, bytes, (a, b) => constantTimeEqual(a, b) === (toHex(a) === toHex(b))));
    fc.assert(fc.property(bytes, (a) => constantTimeEqual(a, Uint8Array.from(a))));
  });

  it("finds one different bit at any place", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), fc.nat(7), (a, place, bit) => {
        const b = Uint8Array.from(a);
        const at = place % b.length;
        b[at] = (b[at] ?? 0) ^ (1 << bit);
        expect(constantTimeEqual(a, b)).toBe(false);
      }),
    );
  });
});

describe("append", () => {
  it("gathers pieces as concat joins them, and writes into none of them", () => {
    fc.assert(
      fc.property(fc.array(bytes), (pieces) => {
        const before = pieces.map(toHex);
        let [gathered, length] = [new Uint8Array() as Uint8Array, 0];
        for (const piece of pieces) {
          gathered = append(gathered, length, piece);
          length += piece.length;
        }
        expect(toHex(gathered.subarray(0, length))).toBe(toHex(concat(...pieces)));
        expect(pieces.map(toHex)).toEqual(before);
      }),
    );
  });
});
