import { describe, expect, it } from "vitest";
import { publicKeyFromHex } from "../../src/crypto/p256.ts";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { hashOfToken, lookupOfHash } from "../../src/crypto/token-hash.node.ts";
import { storageHash, tokenLookup, tokenProof } from "../../src/crypto/token-secret.ts";
import { fromBase64url, toBase64url, toHex } from "../../src/foundation/bytes.ts";
import tokenFormat from "../vectors/token-format.json" with { type: "json" };
import tokenProve from "../vectors/token-prove.json" with { type: "json" };

describe("token secrets", () => {
  it.each(tokenFormat.valid)("hashes $token", ({ token, storageHash: expected }) => {
    expect(toHex(storageHash(token))).toBe(expected);
    expect(hashOfToken(token)).toBe(expected);
  });

  it.each(tokenProve.vectors)("proves $token", ({ token, nodeKey, request, answer }) => {
    const hash = storageHash(token);
    expect(toBase64url(tokenLookup(hash))).toBe(request.lookup);
    expect(toBase64url(tokenProof(hash, fromBase64url(request.nonce), publicKeyFromHex(nodeKey)))).toBe(answer.proof);
  });

  it("is looked up the same way by node:crypto", () => {
    for (const { token } of tokenProve.vectors) {
      const hash = storageHash(token);
      expect([hashOfToken(token), lookupOfHash(toHex(hash))]).toEqual([toHex(hash), toHex(tokenLookup(hash))]);
    }
  });

  it("gives another proof for another token, nonce or node", () => {
    const [first, second] = tokenProve.vectors;
    expect(first).toBeDefined();
    const hash = storageHash(first?.token ?? "");
    const nonce = fromBase64url(first?.request.nonce ?? "");
    const nodeKey = publicKeyFromHex(first?.nodeKey ?? "");
    const proofs = [
      tokenProof(hash, nonce, nodeKey),
      tokenProof(storageHash(second?.token ?? ""), nonce, nodeKey),
      tokenProof(hash, nonce.with(0, 0), nodeKey),
      tokenProof(hash, nonce, SecretKey.fromHex("01".repeat(32)).publicKey),
    ];
    expect(new Set(proofs.map(toHex)).size).toBe(4);
  });
});
