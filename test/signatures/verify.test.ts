import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, toBase64, utf8 } from "../../src/foundation/bytes.ts";
import { FleetError, isFleetError } from "../../src/foundation/errors.ts";
import { hasOurSignature } from "../../src/signatures/verify.node.ts";
import {
  COVER,
  handMade,
  makeVerifier,
  NOW,
  nextNonce,
  OTHER_NODE_ID,
  outcome,
  parametersOf,
  type Sent,
  SetClock,
  SIGNER_ID,
  STRANGER,
  send,
  toDer,
  withField,
} from "./requests.ts";

const BODY = utf8('{"name":"ci-pipeline"}');
const POST = { method: "POST", target: "/v1/tokens?dry=1", body: BODY, contentType: "application/json" };

describe("a signed request", () => {
  it("is its signer's, with a body and without", async () => {
    expect(await outcome(makeVerifier(), await send())).toBe(SIGNER_ID);
    expect(await outcome(makeVerifier(), await send(POST))).toBe(SIGNER_ID);
  });

  it("may carry a body of any bytes, and a Content-Type or none", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (body, typed) => {
        const sent = await send({ method: "PUT", body, ...(typed ? { contentType: "application/json" } : {}) });
        expect(await outcome(makeVerifier(), sent)).toBe(SIGNER_ID);
      }),
      { numRuns: 20 },
    );
  });

  it("may be a WebSocket upgrade, signed like a GET without body", async () => {
    const sent = await send({ target: "/v1/ws" });
    const rawHeaders = [...sent.rawHeaders, "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13"];
    expect(await outcome(makeVerifier(), { ...sent, rawHeaders })).toBe(SIGNER_ID);
  });

  it("counts as nothing without a signature that carries our tag", async () => {
    const verifier = makeVerifier();
    const foreign = parametersOf({ tag: '"web-bot-auth"' });
    expect(await outcome(verifier, { method: "GET", target: "/", rawHeaders: ["Host", "a"], body: BODY })).toBe("nothing");
    expect(await outcome(verifier, handMade({ parameters: foreign }))).toBe("nothing");
    expect(
      await outcome(
        verifier,
        withField(await send(), "signature-input", () => undefined),
      ),
    ).toBe("nothing");
    expect(
      await outcome(
        verifier,
        withField(await send(), "signature-input", () => "not a field, !"),
      ),
    ).toBe("nothing");
    expect(
      await outcome(
        verifier,
        withField(await send(), "signature-input", () => 'a=();nonce="tag=cider-fleet-v1"'),
      ),
    ).toBe("nothing");
  });

  it("is looked for before anything is parsed", async () => {
    expect(hasOurSignature((await send()).rawHeaders)).toBe(true);
    expect(hasOurSignature(["SIGNATURE-INPUT", 'a=();tag="cider-fleet-v1"'])).toBe(true);
    expect(hasOurSignature(["Signature-Input", 'a=();tag="other"', "X-Signature-Inp", 'tag="cider-fleet-v1"'])).toBe(false);
    expect(hasOurSignature([])).toBe(false);
  });

  it("stands beside other signatures, on the same line or another", async () => {
    const sent = await send();
    const beside = withField(sent, "signature-input", (value) => `other=("@status";req "date");created=1, ${value}`);
    expect(await outcome(makeVerifier(), beside)).toBe(SIGNER_ID);
    const rawHeaders = ["signature-input", 'other=("date");keyid="x"', ...sent.rawHeaders, "Signature", "other=:AAAA:"];
    expect(await outcome(makeVerifier(), { ...sent, rawHeaders })).toBe(SIGNER_ID);
  });

  it("may cover more than it must: every line of a field counts", async () => {
    const sent = handMade({ components: [...COVER, "accept"], fields: { accept: "a, b" } });
    const twoLines = withField(sent, "accept", () => undefined).rawHeaders;
    expect(await outcome(makeVerifier(), { ...sent, rawHeaders: [...twoLines, "Accept", "a", "ACCEPT", " b\t"] })).toBe(
      SIGNER_ID,
    );
    expect(await outcome(makeVerifier(), { ...sent, rawHeaders: [...twoLines, "Accept", "b", "Accept", "a"] })).toBe(
      "SIGNATURE_INVALID",
    );
  });

  it("covers bytes beyond ASCII as they were sent", async () => {
    const sent = handMade({ components: [...COVER, "x-name"], fields: { "x-name": "caf\u00e9" } });
    expect(await outcome(makeVerifier(), sent)).toBe(SIGNER_ID);
    expect(
      await outcome(
        makeVerifier(),
        withField(sent, "x-name", () => "caf\u00e8"),
      ),
    ).toBe("SIGNATURE_INVALID");
  });
});

describe("an edited request is refused: each covered part has its code", () => {
  const edit: readonly (readonly [string, (sent: Sent) => Sent, string])[] = [
    ["method", (sent) => ({ ...sent, method: "PUT" }), "SIGNATURE_INVALID"],
    ["authority", (sent) => withField(sent, "host", () => "192.168.1.101:9473"), "SIGNATURE_INVALID"],
    ["path", (sent) => ({ ...sent, target: "/v1/Tokens?dry=1" }), "SIGNATURE_INVALID"],
    ["path, decoded", (sent) => ({ ...sent, target: "/v1/%74okens?dry=1" }), "SIGNATURE_INVALID"],
    ["query", (sent) => ({ ...sent, target: "/v1/tokens?dry=0" }), "SIGNATURE_INVALID"],
    ["query, left out", (sent) => ({ ...sent, target: "/v1/tokens" }), "SIGNATURE_INVALID"],
    ["audience", (sent) => withField(sent, "cider-node", () => OTHER_NODE_ID), "WRONG_NODE"],
    ["content type", (sent) => withField(sent, "content-type", () => "text/plain"), "SIGNATURE_INVALID"],
    ["content type, left out", (sent) => withField(sent, "content-type", () => undefined), "SIGNATURE_MALFORMED"],
    [
      "digest",
      (sent) => withField(sent, "content-digest", () => `sha-256=:${toBase64(new Uint8Array(32))}:`),
      "SIGNATURE_INVALID",
    ],
    ["digest, left out", (sent) => withField(sent, "content-digest", () => undefined), "SIGNATURE_MALFORMED"],
    ["body", (sent) => ({ ...sent, body: utf8('{"name":"ci-pipelinE"}') }), "DIGEST_MISMATCH"],
    ["body, left out", (sent) => ({ ...sent, body: new Uint8Array() }), "DIGEST_MISMATCH"],
    [
      "created",
      (sent) => withField(sent, "signature-input", (v) => v.replace(`created=${NOW}`, `created=${NOW + 1}`)),
      "SIGNATURE_INVALID",
    ],
    [
      "expires",
      (sent) => withField(sent, "signature-input", (v) => v.replace(`=${NOW + 60}`, `=${NOW + 59}`)),
      "SIGNATURE_INVALID",
    ],
    [
      "nonce",
      (sent) => withField(sent, "signature-input", (v) => v.replace(/nonce="[^"]+"/, `nonce="${nextNonce()}"`)),
      "SIGNATURE_INVALID",
    ],
    ["keyid", (sent) => withField(sent, "signature-input", (v) => v.replace(SIGNER_ID, OTHER_NODE_ID)), "PEER_UNKNOWN"],
    ["alg, left out", (sent) => withField(sent, "signature-input", (v) => v.replace(/;alg="[^"]+"/, "")), "SIGNATURE_INVALID"],
    [
      "order of components",
      (sent) => withField(sent, "signature-input", (v) => v.replace('"@method" "@authority"', '"@authority" "@method"')),
      "SIGNATURE_INVALID",
    ],
    [
      "signature",
      (sent) => withField(sent, "signature", (v) => v.replace(/:(.)/, (_, c: string) => (c === "A" ? ":B" : ":A"))),
      "SIGNATURE_INVALID",
    ],
    ["signature, left out", (sent) => withField(sent, "signature", () => undefined), "SIGNATURE_MALFORMED"],
    ["signature's label", (sent) => withField(sent, "signature", (v) => v.replace("sig1", "sig2")), "SIGNATURE_MALFORMED"],
  ];

  it.each(edit)("%s", async (_, change, code) => {
    const sent = await send(POST);
    expect(await outcome(makeVerifier(), change(sent))).toBe(code);
    expect(await outcome(makeVerifier(), sent)).toBe(SIGNER_ID);
  });

  it("by another key under the same id, too", async () => {
    const sent = handMade({ signer: STRANGER });
    expect(await outcome(makeVerifier(), sent)).toBe("SIGNATURE_INVALID");
  });

  it("from a key this node does not know", async () => {
    expect(await outcome(makeVerifier(), await send({ signer: STRANGER }))).toBe("PEER_UNKNOWN");
  });

  it("meant for another node, although the signature is right", async () => {
    expect(await outcome(makeVerifier(), await send({ nodeId: OTHER_NODE_ID }))).toBe("WRONG_NODE");
  });

  it("wherever one bit of the signature is turned", async () => {
    const sent = await send();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 511 }), async (bit) => {
        const turned = withField(sent, "signature", (value) => {
          const bytes = fromBase64(value.slice("sig1=:".length, -1));
          bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          return `sig1=:${toBase64(bytes)}:`;
        });
        expect(await outcome(makeVerifier(), turned)).toBe("SIGNATURE_INVALID");
      }),
      { numRuns: 40 },
    );
  });
});

describe("the profile refuses before any key is asked for", () => {
  it.each(COVER)("a signature that does not cover %s", async (missing) => {
    expect(await outcome(makeVerifier(), handMade({ components: COVER.filter((name) => name !== missing) }))).toBe(
      "SIGNATURE_MALFORMED",
    );
  });

  it.each(["content-digest", "content-type"])("a body whose %s is not covered", async (missing) => {
    const fields = { "content-digest": "sha-256=:AAAA:", "content-type": "application/json" };
    const components = [...COVER, ...Object.keys(fields).filter((name) => name !== missing)];
    expect(await outcome(makeVerifier(), handMade({ components, fields, body: BODY }))).toBe("SIGNATURE_MALFORMED");
  });

  it("not a Content-Type that goes uncovered without a body", async () => {
    expect(await outcome(makeVerifier(), handMade({ fields: { "content-type": "application/json" } }))).toBe(SIGNER_ID);
  });

  it.each([
    ["an unknown parameter", { parameters: `${parametersOf()};context="x"` }],
    ["a parameter twice", { parameters: `${parametersOf()};created=${NOW}` }],
    ["a component twice", { components: [...COVER, "@method"] }],
    ["a derived component outside the profile", { components: [...COVER, "@request-target"] }],
    ["a covered field that was not sent", { components: [...COVER, "date"] }],
    ["another algorithm", { parameters: parametersOf({ alg: '"ecdsa-p384-sha384"' }) }],
    ["no nonce", { parameters: parametersOf({ nonce: undefined }) }],
    ["no expiry", { parameters: parametersOf({ expires: undefined }) }],
  ])("%s", async (_, made) => {
    expect(await outcome(makeVerifier(), handMade(made))).toBe("SIGNATURE_MALFORMED");
  });

  it.each(["host", "cider-node", "content-digest"])("a second line of %s", async (name) => {
    const sent = await send(POST);
    const value = sent.rawHeaders[sent.rawHeaders.findIndex((text) => text.toLowerCase() === name) + 1] ?? "";
    expect(await outcome(makeVerifier(), { ...sent, rawHeaders: [...sent.rawHeaders, name, value] })).toBe("SIGNATURE_MALFORMED");
  });

  it("two signatures with our tag", async () => {
    const sent = await send();
    const twice = withField(sent, "signature-input", (value) => `${value}, ${value.replace("sig1", "sig2")}`);
    expect(await outcome(makeVerifier(), twice)).toBe("SIGNATURE_MALFORMED");
  });

  it("a DER signature, with words that name r||s", async () => {
    const sent = await send();
    const der = withField(sent, "signature", (value) => `sig1=:${toBase64(toDer(fromBase64(value.slice(6, -1))))}:`);
    expect(() => makeVerifier().claim(der)).toThrow(/r\|\|s/);
    expect(await outcome(makeVerifier(), der)).toBe("SIGNATURE_MALFORMED");
  });

  it.each([0, 63, 65])("a signature of %i bytes", async (length) => {
    const sent = withField(await send(), "signature", () => `sig1=:${toBase64(new Uint8Array(length))}:`);
    expect(await outcome(makeVerifier(), sent)).toBe("SIGNATURE_MALFORMED");
  });

  it("all of it without a look-up or a verification", async () => {
    const verifier = makeVerifier({ signers: [] });
    expect(await outcome(verifier, handMade({ components: COVER.slice(1) }))).toBe("SIGNATURE_MALFORMED");
    expect(await outcome(verifier, handMade())).toBe("PEER_UNKNOWN");
  });
});

describe("the digest of the body", () => {
  const hashes = {
    right: "sha-256=:NXvePBfKcvYVIaYkQ0Q1OXTvo0CVtVW9j4Mc75Osyvk=:",
    wrong512: `sha-512=:${toBase64(new Uint8Array(64))}:`,
  };
  const body = utf8('{"name":"ci-pipeline","permissions":"fullAccess"}');

  function digested(field: string): Sent {
    return handMade({ method: "POST", components: [...COVER, "content-digest"], fields: { "content-digest": field }, body });
  }

  it("may be sha-256 or sha-512, beside algorithms nobody knows", async () => {
    const sha512 = Buffer.from(await crypto.subtle.digest("SHA-512", body)).toString("base64");
    for (const field of [
      hashes.right,
      `md5=:AAAA:, ${hashes.right}`,
      `sha-512=:${sha512}:`,
      `${hashes.right}, sha-512=:${sha512}:`,
    ]) {
      expect(await outcome(makeVerifier(), digested(field))).toBe(SIGNER_ID);
    }
  });

  it.each([
    ["one of two that is wrong", `${hashes.right}, ${hashes.wrong512}`, "DIGEST_MISMATCH"],
    ["a wrong one", hashes.wrong512, "DIGEST_MISMATCH"],
    ["one that is cut short", "sha-256=:NXvePBfKcvYVIaYkQ0Q1:", "DIGEST_MISMATCH"],
    ["an empty one", "sha-256=::", "DIGEST_MISMATCH"],
    ["an unknown algorithm alone", "md5=:AAAA:", "DIGEST_UNSUPPORTED"],
    ["one that is no structured field", "sha-256=NXvePBfKcv", "SIGNATURE_MALFORMED"],
  ])("refuses %s", async (_, field, code) => {
    expect(await outcome(makeVerifier(), digested(field))).toBe(code);
  });

  it("is checked when covered, even without a body", async () => {
    const fields = { "content-digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:" };
    const components = [...COVER, "content-digest"];
    expect(await outcome(makeVerifier(), handMade({ components, fields }))).toBe(SIGNER_ID);
    expect(await outcome(makeVerifier(), handMade({ components, fields: { "content-digest": hashes.right } }))).toBe(
      "DIGEST_MISMATCH",
    );
  });
});

describe("what refuses tells no secret and helps", () => {
  it("says the server's time with clock errors", () => {
    const clock = new SetClock(NOW + 0.75);
    const claim = (): unknown =>
      makeVerifier({ clock }).claim(
        handMade({ parameters: parametersOf({ created: String(NOW + 600), expires: String(NOW + 660) }) }),
      );
    expect(claim).toThrow(FleetError);
    try {
      claim();
    } catch (error) {
      expect(isFleetError(error, "CLOCK_SKEW") && error.details).toEqual({ serverTime: NOW, earliest: NOW - 3600 + 16 });
    }
  });

  it("never fails with anything but a coded error, whatever the fields say", async () => {
    const sent = await send(POST);
    const names = ["signature-input", "signature", "content-digest", "cider-node", "host"];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.string({ maxLength: 6 }), async (name, at, put) => {
        const damaged = withField(
          sent,
          name,
          (value) => value.slice(0, at % value.length) + put + value.slice((at % value.length) + 3),
        );
        expect(await outcome(makeVerifier(), damaged)).toMatch(/^([A-Z_]+|nothing)$/);
      }),
      { numRuns: 300 },
    );
  });
});
