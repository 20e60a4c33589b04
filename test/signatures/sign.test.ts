import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Signer } from "../../src/identity/signer.ts";
import { type Signable, type SigningOptions, signRequest } from "../../src/signatures/sign.ts";
import { NODE_ID, NOW, nextNonce, SIGNER, SIGNER_ID } from "./requests.ts";

const REQUEST: Signable = { method: "GET", authority: "h:9473", target: "/v1/node" };

function options(changes: Partial<SigningOptions> = {}): SigningOptions {
  return { signer: SIGNER, nodeId: NODE_ID, created: NOW, nonce: nextNonce(), ...changes };
}

describe("signing", () => {
  it("returns lower-case fields, a digest only with a body", async () => {
    const bare = await signRequest(REQUEST, options());
    expect(Object.keys(bare)).toEqual(["cider-node", "signature-input", "signature"]);
    const empty = await signRequest({ ...REQUEST, body: new Uint8Array(), contentType: "application/json" }, options());
    expect(Object.keys(empty)).toEqual(Object.keys(bare));
    const full = await signRequest({ ...REQUEST, body: Uint8Array.of(1), contentType: "application/json" }, options());
    expect(Object.keys(full)).toEqual(["cider-node", "content-digest", "signature-input", "signature"]);
    expect(full["signature-input"]).toContain('"cider-node" "content-digest" "content-type")');
  });

  it("names the signer by the key that signs, and lives 60 seconds unless told otherwise", async () => {
    expect((await signRequest(REQUEST, options()))["signature-input"]).toContain(`;expires=${NOW + 60};`);
    const short = await signRequest(REQUEST, options({ lifetime: 5 }));
    expect(short["signature-input"]).toContain(`;expires=${NOW + 5};`);
    expect(short["signature-input"]).toContain(`;keyid="${SIGNER_ID}";alg="ecdsa-p256-sha256";tag="cider-fleet-v1"`);
  });

  it("signs the authority in lower case (RFC 9421 §2.2.3)", async () => {
    const same = options();
    const upper = await signRequest({ ...REQUEST, authority: "Studio.LOCAL:9473" }, same);
    expect(upper).toEqual(await signRequest({ ...REQUEST, authority: "studio.local:9473" }, same));
  });

  it("waits for a signer that cannot answer at once", async () => {
    const slow: Signer = { publicKey: SIGNER.publicKey, sign: (message) => Promise.resolve(SIGNER.sign(message)) };
    const same = options();
    expect(await signRequest(REQUEST, { ...same, signer: slow })).toEqual(await signRequest(REQUEST, same));
  });

  it.each<[string, Partial<Signable>]>([
    ["a line break in the target", { target: "/a\n" }],
    ["a space in the target", { target: "/a b" }],
    ["a target in absolute form", { target: "https://h/a" }],
    ["characters outside ASCII", { target: "/\u00fc" }],
    ["a line break in the method", { method: "GET\nX" }],
    ["no method", { method: "" }],
    ["a space in the authority", { authority: "h :1" }],
    ["no authority", { authority: "" }],
    ["a line break in the content type", { body: Uint8Array.of(1), contentType: "a\r\nb" }],
  ])("refuses %s", async (_, changes) => {
    await expect(signRequest({ ...REQUEST, ...changes }, options())).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });

  it.each<[string, Partial<SigningOptions>]>([
    ["a fraction of a second", { created: 1.5 }],
    ["no time at all", { created: Number.NaN }],
    ["a short nonce", { nonce: "n".repeat(21) }],
    ["a nonce with quotes", { nonce: `${"n".repeat(22)}";x="` }],
    ["no lifetime", { lifetime: 0 }],
    ["too long a lifetime", { lifetime: 61 }],
    ["a signer that returns DER", { signer: { publicKey: SIGNER.publicKey, sign: () => new Uint8Array(70) } }],
  ])("refuses %s", async (_, changes) => {
    await expect(signRequest(REQUEST, options(changes))).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });

  it("lets no text forge a line of the base", async () => {
    const seen: string[] = [];
    const signer: Signer = {
      publicKey: SIGNER.publicKey,
      sign: (message) => {
        seen.push(Buffer.from(message).toString());
        return new Uint8Array(64);
      },
    };
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), fc.string(), async (target, authority, contentType) => {
        seen.length = 0;
        const request = { method: "POST", authority, target: `/${target}`, body: Uint8Array.of(1), contentType };
        await signRequest(request, options({ signer })).catch(() => undefined);
        for (const base of seen) expect(base.split("\n")).toHaveLength(8);
      }),
    );
  });
});
