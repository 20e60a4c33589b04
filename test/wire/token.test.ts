import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemRandom } from "../../src/foundation/random.ts";
import { BEARER_PREFIX, holdsTokenText, isTokenText, makeTokenText } from "../../src/wire/token.ts";
import { ScriptedRandom } from "../foundation/doubles.ts";
import tokenFormat from "../vectors/token-format.json" with { type: "json" };

const sample = "csk_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL2CB5HI";

describe("token text", () => {
  it.each(tokenFormat.valid)("takes $token", ({ token }) => {
    expect(isTokenText(token)).toBe(true);
  });

  it.each(tokenFormat.invalid)("refuses %j", (text) => {
    expect(isTokenText(text)).toBe(false);
  });

  it("refuses what is no text", () => {
    expect([undefined, null, 7, [sample], { toString: () => sample }].some((value) => isTokenText(value))).toBe(false);
  });

  it("makes 42 characters that it takes itself, another each time", () => {
    const made = Array.from({ length: 50 }, () => makeTokenText(systemRandom));
    for (const text of made) expect(text).toMatch(/^csk_[0-9A-Za-z]{38}$/);
    expect(made.every((text) => isTokenText(text))).toBe(true);
    expect(new Set(made).size).toBe(50);
  });

  it("is made of the draw and its checksum", () => {
    expect(makeTokenText(new ScriptedRandom(new Uint8Array(32)))).toBe(tokenFormat.valid[0]?.token);
  });

  it("belongs to its prefix", () => {
    const text = makeTokenText(systemRandom, "csx_");
    expect(text.startsWith("csx_")).toBe(true);
    expect(isTokenText(text, "csx_")).toBe(true);
    expect(isTokenText(text)).toBe(false);
    expect(isTokenText(sample, "csx_")).toBe(false);
  });

  it("is found within other text, behind what only begins like one", () => {
    const bearer = makeTokenText(systemRandom, BEARER_PREFIX);
    for (const text of [sample, bearer, `CIDER=${sample}0`, `csk_ cst_${sample}`, `csk_csk_${bearer.slice(4)} ${sample}`])
      expect(holdsTokenText(text)).toBe(true);
    for (const text of ["", "csk_", "cst_ci", sample.slice(0, -1), sample.slice(1), `x${sample.slice(1)}`, sample.toUpperCase()])
      expect(holdsTokenText(text)).toBe(false);
  });

  it("finds every mistyped, swapped, missing or doubled character", () => {
    const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 41 }), fc.integer({ min: 0, max: 61 }), (at, which) => {
        const other = sample.slice(0, at) + base62.charAt(which) + sample.slice(at + 1);
        const wrong = [sample.slice(0, at) + sample.slice(at + 1), sample.slice(0, at + 1) + sample.slice(at)];
        if (other !== sample) wrong.push(other);
        expect(wrong.some((text) => isTokenText(text))).toBe(false);
      }),
    );
    for (let at = 4; at < 41; at++) {
      const swapped = `${sample.slice(0, at)}${sample[at + 1]}${sample[at]}${sample.slice(at + 2)}`;
      if (swapped !== sample) expect(isTokenText(swapped)).toBe(false);
    }
  });
});
