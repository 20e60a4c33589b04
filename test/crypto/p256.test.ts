import { createPublicKey, generateKeyPairSync, sign as nodeSign, verify as nodeVerify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verify } from "../../src/crypto/ecdsa.ts";
import { PUBLIC_KEY_LENGTH, parsePublicKey, publicKeyFromHex, publicKeyToHex } from "../../src/crypto/p256.ts";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { verifyingKey, verifySignature } from "../../src/crypto/signing.node.ts";
import { fromSpki, toSpki } from "../../src/crypto/spki.ts";
import { verifyAsync } from "../../src/crypto/web-crypto.ts";
import { concat, fromHex, toHex, utf8 } from "../../src/foundation/bytes.ts";
import nodeIds from "../vectors/node-id.json" with { type: "json" };
import wycheproof from "../vectors/wycheproof-ecdsa_secp256r1_sha256_p1363_test.json" with { type: "json" };

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const key = SecretKey.fromHex("01".repeat(32));
const message = utf8("to be signed");

function highS(signature: Uint8Array): Uint8Array {
  const s = ORDER - BigInt(`0x${toHex(signature.subarray(32))}`);
  return concat(signature.subarray(0, 32), fromHex(s.toString(16).padStart(64, "0")));
}

describe("parsePublicKey", () => {
  it.each(nodeIds.vectors)("takes $nodeId's key and writes it back", ({ publicKey, spki }) => {
    expect(publicKeyToHex(publicKeyFromHex(publicKey))).toBe(publicKey);
    expect(toHex(toSpki(publicKeyFromHex(publicKey)))).toBe(spki);
    expect(publicKeyToHex(fromSpki(fromHex(spki)))).toBe(publicKey);
  });

  const point = key.publicKey;
  const changed = (at: number, byte: number): Uint8Array => point.with(at, byte);
  it.each([
    ["nothing", new Uint8Array()],
    ["the point at infinity", Uint8Array.of(0)],
    ["a compressed point", concat(Uint8Array.of(2), point.subarray(1, 33))],
    ["a hybrid point", changed(0, 6)],
    ["a point off the curve", changed(64, (point[64] ?? 0) ^ 1)],
    ["all zeros after 04", concat(Uint8Array.of(4), new Uint8Array(64))],
    ["coordinates of the field's size", concat(Uint8Array.of(4), new Uint8Array(64).fill(255))],
    ["a byte too few", point.subarray(0, 64)],
    ["a byte too many", concat(point, Uint8Array.of(0))],
  ])("refuses %s", (_, bytes) => {
    expect(() => parsePublicKey(bytes)).toThrow(SyntaxError);
  });

  it("refuses hex of another length or case", () => {
    for (const text of ["", publicKeyToHex(point).toUpperCase(), publicKeyToHex(point).slice(2)]) {
      expect(() => publicKeyFromHex(text)).toThrow(SyntaxError);
    }
  });
});

describe("SPKI", () => {
  it("is what node:crypto exports", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const der = publicKey.export({ type: "spki", format: "der" });
    expect(der).toHaveLength(91);
    expect(Buffer.from(toSpki(fromSpki(der))).equals(der)).toBe(true);
    expect(fromSpki(der)).toHaveLength(PUBLIC_KEY_LENGTH);
  });

  it("refuses other curves, other lengths and other headers", () => {
    const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ type: "spki", format: "der" });
    const spki = toSpki(key.publicKey);
    for (const bytes of [p384, spki.subarray(1), concat(spki, Uint8Array.of(0)), spki.with(20, 0x08), new Uint8Array(91)]) {
      expect(() => fromSpki(bytes)).toThrow(SyntaxError);
    }
  });
});

describe("signing", () => {
  it("is verified by noble, WebCrypto and node:crypto, low S and high S", async () => {
    const low = key.sign(message);
    for (const signature of [low, highS(low)]) {
      expect(verify(key.publicKey, message, signature)).toBe(true);
      expect(await verifyAsync(key.publicKey, message, signature)).toBe(true);
      expect(await verifySignature(verifyingKey(key.publicKey), message, signature)).toBe(true);
    }
  });

  it("verifies what node:crypto signs", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const signature = nodeSign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" });
    expect(verify(fromSpki(publicKey.export({ type: "spki", format: "der" })), message, signature)).toBe(true);
  });

  it("gives node:crypto a signature it takes", () => {
    const publicKey = createPublicKey({ key: Buffer.from(toSpki(key.publicKey)), format: "der", type: "spki" });
    expect(nodeVerify("sha256", message, { key: publicKey, dsaEncoding: "ieee-p1363" }, key.sign(message))).toBe(true);
  });

  it("is deterministic (RFC 6979), with low S", () => {
    for (let round = 0; round < 16; round++) {
      const signature = key.sign(Uint8Array.of(round));
      expect(key.sign(Uint8Array.of(round))).toEqual(signature);
      expect(BigInt(`0x${toHex(signature.subarray(32))}`) <= ORDER / 2n).toBe(true);
    }
  });

  const signature = key.sign(message);
  it.each([
    ["another message", utf8("to be signeD"), signature],
    ["a changed signature", message, signature.with(5, (signature[5] ?? 0) ^ 1)],
    ["zeros", message, new Uint8Array(64)],
    ["r = n", message, concat(fromHex(ORDER.toString(16)), signature.subarray(32))],
    ["a byte too few", message, signature.subarray(0, 63)],
    ["a byte too many", message, concat(signature, Uint8Array.of(0))],
    ["DER", message, fromHex(`30440220${toHex(signature.subarray(0, 32))}0220${toHex(signature.subarray(32))}`)],
    ["nothing", message, new Uint8Array()],
  ])("refuses %s", async (_, text, bytes) => {
    expect(verify(key.publicKey, text, bytes)).toBe(false);
    expect(await verifyAsync(key.publicKey, text, bytes)).toBe(false);
    expect(await verifySignature(verifyingKey(key.publicKey), text, bytes)).toBe(false);
  });

  it("refuses another key", async () => {
    const other = SecretKey.fromHex("02".repeat(32)).publicKey;
    expect(verify(other, message, signature)).toBe(false);
    expect(await verifyAsync(other, message, signature)).toBe(false);
    expect(await verifySignature(verifyingKey(other), message, signature)).toBe(false);
  });
});

describe("Wycheproof, ECDSA P-256 SHA-256 P1363", () => {
  const cases = wycheproof.testGroups.flatMap(({ publicKey, tests }) => tests.map((test) => ({ publicKey, ...test })));

  it("has all 262 cases", () => {
    expect(cases).toHaveLength(262);
    expect(cases).toHaveLength(wycheproof.numberOfTests);
  });

  it.each(cases)("$tcId $comment: $result", async ({ publicKey, msg, sig, result }) => {
    const point = publicKeyFromHex(publicKey.uncompressed);
    expect(verify(point, fromHex(msg), fromHex(sig))).toBe(result === "valid");
    expect(await verifyAsync(point, fromHex(msg), fromHex(sig))).toBe(result === "valid");
    expect(await verifySignature(verifyingKey(point), fromHex(msg), fromHex(sig))).toBe(result === "valid");
  });
});
