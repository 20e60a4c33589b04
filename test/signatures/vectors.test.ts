/** Known answers: RFC 9421's own ECDSA examples, this project's signed requests, Wycheproof. */

import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { verify } from "../../src/crypto/ecdsa.ts";
import { type PublicKey, parsePublicKey } from "../../src/crypto/p256.ts";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { verifyingKey, verifySignature } from "../../src/crypto/signing.node.ts";
import { fromHex, utf8 } from "../../src/foundation/bytes.ts";
import { RawFields } from "../../src/signatures/fields.ts";
import { signRequest } from "../../src/signatures/sign.ts";
import { parseSignature, signatureBase, splitTarget } from "../../src/wire/signature-fields.ts";
import { parseDictionary } from "../../src/wire/structured-fields.ts";
import { makeVerifier, NODE_ID, otherS, outcome, type Sent, SIGNER, SIGNER_ID } from "./requests.ts";

function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8")) as T;
}

/** Resolves to what node:crypto says, after requiring that noble says the same. */
async function bothVerify(key: PublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const valid = await verifySignature(verifyingKey(key), message, signature);
  expect(verify(key, message, signature)).toBe(valid);
  return valid;
}

interface Rfc {
  readonly keys: Readonly<Record<string, string>>;
  readonly vectors: readonly {
    readonly section: string;
    readonly label: string;
    readonly alg: string;
    readonly signatureParams: string;
    readonly signatureBase: string;
    readonly signatureBase64: string;
    readonly signedMessage: string;
  }[];
}

describe("RFC 9421's examples of ecdsa-p256-sha256", () => {
  const rfc = vectors<Rfc>("rfc9421-signatures");
  const examples = rfc.vectors.filter(({ alg }) => alg === "ecdsa-p256-sha256");
  const requests = examples.filter(({ signedMessage }) => signedMessage.startsWith("POST "));
  const jwk = createPublicKey(rfc.keys["test-key-ecc-p256"] ?? "").export({ format: "jwk" });
  const key = parsePublicKey(
    Uint8Array.from([4, ...Buffer.from(jwk.x ?? "", "base64url"), ...Buffer.from(jwk.y ?? "", "base64url")]),
  );

  it("are five, two of them with a high s", () => {
    const high = examples.filter(({ signatureBase64 }) => (Buffer.from(signatureBase64, "base64")[32] ?? 0) >= 0x80);
    expect([examples.length, high.length]).toEqual([5, 2]);
  });

  it.each(examples)("$section: verifies, and not with one bit changed", async ({ signatureBase, signatureBase64 }) => {
    const signature = Buffer.from(signatureBase64, "base64");
    expect(await bothVerify(key, utf8(signatureBase), signature)).toBe(true);
    expect(await bothVerify(key, utf8(`${signatureBase} `), signature)).toBe(false);
    expect(await bothVerify(key, utf8(signatureBase), signature.with(40, (signature[40] ?? 0) ^ 1))).toBe(false);
  });

  it.each(requests)("$section: the base is made from the message as it was sent", (example) => {
    const [head = ""] = example.signedMessage.split("\n\n");
    const [requestLine = "", ...lines] = head.split("\n");
    const [method = "", target = ""] = requestLine.split(" ");
    const fields = new RawFields(lines.flatMap((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
    const derived = { "@method": method, "@authority": fields.single("host"), "@path": splitTarget(target).path };
    const values: Readonly<Record<string, string>> = { ...derived, "@query": splitTarget(target).query };
    const [member] = parseDictionary(`a=${example.signatureParams}`);
    const items =
      member !== undefined && "items" in member
        ? member.items.flatMap(({ value }) => (typeof value === "string" ? [value] : []))
        : [];
    const base = signatureBase(items, (name) => values[name] ?? fields.single(name), example.signatureParams);
    expect(base).toBe(example.signatureBase);
    expect(parseSignature(fields.single("signature"), example.label)).toBe(example.signatureBase64);
  });

  it("found both request examples to rebuild", () => {
    expect(requests).toHaveLength(2);
  });
});

interface SignedRequests {
  readonly signerPrivateKey: string;
  readonly signerNodeId: string;
  readonly targetNodeId: string;
  readonly vectors: readonly {
    readonly method: string;
    readonly authority: string;
    readonly url: string;
    readonly body: string | null;
    readonly headers: Readonly<Record<string, string>>;
    readonly signatureInput: string;
    readonly signature: string;
    readonly highS: string;
  }[];
}

describe("this project's signed requests", () => {
  const known = vectors<SignedRequests>("signed-requests");
  const created = 1_795_300_000;

  function sent(vector: SignedRequests["vectors"][number], signature: string): Sent {
    const rawHeaders = ["Host", vector.authority, ...Object.entries(vector.headers).flat()];
    rawHeaders.push("Signature-Input", vector.signatureInput, "Signature", signature);
    return { method: vector.method, target: vector.url, rawHeaders, body: utf8(vector.body ?? "") };
  }

  it("are by the signer and for the node of these tests", () => {
    expect([known.signerNodeId, known.targetNodeId]).toEqual([SIGNER_ID, NODE_ID]);
  });

  it.each(known.vectors)("$method $url: verifies in both forms", async (vector) => {
    expect(vector.highS).not.toBe(vector.signature);
    expect(await outcome(makeVerifier(), sent(vector, vector.signature))).toBe(SIGNER_ID);
    expect(await outcome(makeVerifier(), sent(vector, vector.highS))).toBe(SIGNER_ID);
  });

  it.each(known.vectors)("$method $url: both forms are one signature to the replay memory", async (vector) => {
    const verifier = makeVerifier();
    expect(await outcome(verifier, sent(vector, vector.signature))).toBe(SIGNER_ID);
    expect(await outcome(verifier, sent(vector, vector.highS))).toBe("SIGNATURE_REPLAYED");
  });

  it.each(known.vectors)("$method $url: is what our client sends", async (vector) => {
    const fields = await signRequest(
      {
        method: vector.method,
        authority: vector.authority,
        target: vector.url,
        ...(vector.body === null ? {} : { body: utf8(vector.body), contentType: "application/json" }),
      },
      { signer: SecretKey.fromHex(known.signerPrivateKey), nodeId: NODE_ID, created, nonce: "AAECAwQFBgcICQoLDA0ODw" },
    );
    const { "content-type": _, ...headers } = vector.headers;
    const either = [vector.signature, vector.highS];
    expect(either).toContain(fields["signature"]);
    expect({ ...fields, signature: "" }).toEqual({ ...headers, "signature-input": vector.signatureInput, signature: "" });
  });

  it("are refused once one character of the authority differs", async () => {
    for (const vector of known.vectors) {
      const other = { ...vector, authority: vector.authority.replace(":9473", ":9474") };
      expect(await outcome(makeVerifier(), sent(other, vector.signature))).toBe("SIGNATURE_INVALID");
    }
  });
});

interface Wycheproof {
  readonly numberOfTests: number;
  readonly testGroups: readonly {
    readonly publicKey: { readonly uncompressed: string };
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly msg: string;
      readonly sig: string;
      readonly result: string;
    }[];
  }[];
}

describe("Wycheproof, ECDSA P-256 SHA-256 P1363", () => {
  const wycheproof = vectors<Wycheproof>("wycheproof-ecdsa_secp256r1_sha256_p1363_test");
  const tests = wycheproof.testGroups.flatMap((group) =>
    group.tests.map((test) => ({ ...test, key: group.publicKey.uncompressed })),
  );

  it("is whole: 262 tests, of which some are valid and some are not", () => {
    expect([tests.length, wycheproof.numberOfTests]).toEqual([262, 262]);
    expect(new Set(tests.map(({ result }) => result))).toEqual(new Set(["valid", "invalid"]));
  });

  it.each(tests)("$tcId $comment: $result", async ({ key, msg, sig, result }) => {
    expect(await bothVerify(parsePublicKey(fromHex(key)), fromHex(msg), fromHex(sig))).toBe(result === "valid");
  });
});

describe("high s", () => {
  it("is as valid as low s, whichever our key made", async () => {
    const message = utf8("either form");
    const signature = SIGNER.sign(message);
    expect(await bothVerify(SIGNER.publicKey, message, signature)).toBe(true);
    expect(await bothVerify(SIGNER.publicKey, message, otherS(signature))).toBe(true);
  });

  it("is no licence for a signature of another length", async () => {
    expect(await bothVerify(SIGNER.publicKey, utf8("x"), new Uint8Array(63))).toBe(false);
  });
});
