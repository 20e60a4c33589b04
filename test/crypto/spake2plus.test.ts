import { p256 } from "@noble/curves/nist.js";
import { describe, expect, it } from "vitest";
import { randomScalar } from "../../src/crypto/p256-group.ts";
import {
  encodeTranscript,
  proverPoints,
  proverShare,
  reduceScalar,
  registrationRecord,
  sharedKeys,
  verifierPoints,
  verifierShare,
} from "../../src/crypto/spake2plus.ts";
import { concat, fromHex, toHex, utf8 } from "../../src/foundation/bytes.ts";
import { ScriptedRandom, SeededRandom } from "../foundation/doubles.ts";
import rfc9383 from "../vectors/rfc9383-spake2plus.json" with { type: "json" };

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const vector = rfc9383.vectors.find(({ context }) => context.startsWith("SPAKE2+-P256-SHA256-HKDF-SHA256-HMAC-SHA256"));
if (vector === undefined) throw new Error("the RFC's vector of our suite is missing");

const w0 = fromHex(vector.w0);
const w1 = fromHex(vector.w1);
const x = fromHex(vector.x);
const y = fromHex(vector.y);
const shareP = fromHex(vector.shareP);
const shareV = fromHex(vector.shareV);

describe("RFC 9383 Appendix C, P256-SHA256-HKDF-SHA256-HMAC-SHA256", () => {
  it("gives L and both shares", () => {
    expect(toHex(registrationRecord(w1))).toBe(vector.L);
    expect(toHex(proverShare(w0, x))).toBe(vector.shareP);
    expect(toHex(verifierShare(w0, y))).toBe(vector.shareV);
  });

  it("gives Z and V on both sides", () => {
    for (const { Z, V } of [proverPoints(w0, w1, x, shareV), verifierPoints(w0, fromHex(vector.L), y, shareP)]) {
      expect(toHex(Z)).toBe(vector.Z);
      expect(toHex(V)).toBe(vector.V);
    }
  });

  it("gives the transcript, both MACs and K_shared", () => {
    const { context, idProver, idVerifier } = vector;
    const points = proverPoints(w0, w1, x, shareV);
    const transcript = { context: utf8(context), idProver, idVerifier, shareP, shareV, ...points, w0 };
    expect(toHex(encodeTranscript(transcript))).toBe(vector.TT);
    const keys = sharedKeys(transcript);
    expect(toHex(keys.confirmP)).toBe(vector["HMAC(K_confirmP, shareV)"]);
    expect(toHex(keys.confirmV)).toBe(vector["HMAC(K_confirmV, shareP)"]);
    expect(toHex(keys.shared)).toBe(vector.K_shared);
  });
});

describe("SPAKE2+", () => {
  it("meets in Z and V when both mean the same secret, and not otherwise", () => {
    const random = new SeededRandom(7);
    for (let round = 0; round < 8; round++) {
      const [a0, a1, b0, ax, ay] = [1, 2, 3, 4, 5].map(() => randomScalar(random));
      if (!a0 || !a1 || !b0 || !ax || !ay) throw new Error("five scalars were drawn");
      const prover = proverPoints(a0, a1, ax, verifierShare(a0, ay));
      expect(verifierPoints(a0, registrationRecord(a1), ay, proverShare(a0, ax))).toEqual(prover);
      expect(verifierPoints(b0, registrationRecord(a1), ay, proverShare(a0, ax)).Z).not.toEqual(prover.Z);
    }
  });

  it("refuses a share that cancels out, after which everybody would know Z", () => {
    const M = p256.Point.fromHex("02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f");
    const share = M.multiply(BigInt(`0x${vector.w0}`)).toBytes(false);
    expect(() => verifierPoints(w0, fromHex(vector.L), y, share)).toThrow("share cancels out");
  });

  it.each([
    ["compressed", concat(Uint8Array.of(2), shareP.subarray(1, 33))],
    ["off the curve", shareP.with(64, (shareP[64] ?? 0) ^ 1)],
    ["the point at infinity", Uint8Array.of(0)],
    ["of another length", shareP.subarray(1)],
  ])("refuses a share that is %s", (_, share) => {
    expect(() => proverPoints(w0, w1, x, share)).toThrow(SyntaxError);
    expect(() => verifierPoints(w0, fromHex(vector.L), y, share)).toThrow(SyntaxError);
  });

  it.each([
    ["zero", new Uint8Array(32)],
    ["the order", fromHex(ORDER.toString(16))],
    ["a byte short", new Uint8Array(31).fill(1)],
    ["a byte long", new Uint8Array(33).fill(1)],
  ])("refuses a scalar that is %s", (_, scalar) => {
    expect(() => proverShare(scalar, x)).toThrow(SyntaxError);
    expect(() => verifierShare(w0, scalar)).toThrow(SyntaxError);
    expect(() => registrationRecord(scalar)).toThrow(SyntaxError);
  });
});

describe("scalars", () => {
  it("are reduced from 40 bytes big-endian", () => {
    const reduced = reduceScalar(new Uint8Array(40).fill(255));
    expect(BigInt(`0x${toHex(reduced)}`)).toBe((2n ** 320n - 1n) % ORDER);
    expect(toHex(reduceScalar(concat(new Uint8Array(39), Uint8Array.of(7))))).toBe("07".padStart(64, "0"));
  });

  it("are drawn again until they are in 1…n−1", () => {
    const zero = new Uint8Array(32);
    const random = new ScriptedRandom(
      zero,
      zero.map(() => 255),
      zero.map(() => 9),
    );
    expect(toHex(randomScalar(random))).toBe("09".repeat(32));
  });
});
