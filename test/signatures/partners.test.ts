/** Two implementations from npm, both ways: what they sign our node takes, what our client signs they take. */

import fc from "fast-check";
import { createSignature, type RequestDescriptor, verifySignature as verifyBySig } from "http-message-sig";
import { httpbis } from "http-message-signatures";
import { describe, expect, it } from "vitest";
import { verifyingKey, verifySignature } from "../../src/crypto/signing.node.ts";
import { toBase64, utf8 } from "../../src/foundation/bytes.ts";
import type { Signable } from "../../src/signatures/sign.ts";
import {
  COVER,
  makeVerifier,
  NO_BODY,
  NODE_ID,
  NOW,
  nextNonce,
  outcome,
  type Sent,
  SIGNER,
  SIGNER_ID,
  send,
} from "./requests.ts";

const AUTHORITY = "studio.local:9473";
const BODY = utf8('{"name":"ci-pipeline"}');
const KEY = verifyingKey(SIGNER.publicKey);

const requests: readonly Signable[] = [
  { method: "GET", authority: AUTHORITY, target: "/v1/node" },
  { method: "GET", authority: AUTHORITY, target: "/v1/audit?limit=10&actor=a%2Fb" },
  { method: "POST", authority: AUTHORITY, target: "/v1/tokens", body: BODY, contentType: "application/json" },
];

/** What a stranger's client sends beside the signature. */
async function plainFields(request: Signable): Promise<Record<string, string>> {
  const fields: Record<string, string> = { host: request.authority, "cider-node": NODE_ID };
  if (request.body === undefined) return fields;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(request.body)));
  return { ...fields, "content-type": "application/json", "content-digest": `sha-256=:${toBase64(digest)}:` };
}

function coverOf(request: Signable): string[] {
  return request.body === undefined ? [...COVER] : [...COVER, "content-digest", "content-type"];
}

function received(request: Signable, fields: Readonly<Record<string, string | string[]>>): Sent {
  const rawHeaders = Object.entries(fields).flatMap(([name, value]) => [name, String(value)]);
  return { method: request.method, target: request.target, rawHeaders, body: request.body ?? NO_BODY };
}

function fieldsOf(sent: Sent): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < sent.rawHeaders.length; i += 2)
    fields[(sent.rawHeaders[i] ?? "").toLowerCase()] = sent.rawHeaders[i + 1] ?? "";
  return fields;
}

function verifyByKey(data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return verifySignature(KEY, data, signature);
}

describe("http-message-signatures", () => {
  async function signed(request: Signable, cover: string[] = coverOf(request)): Promise<Sent> {
    const message = { method: request.method, url: `https://${AUTHORITY}${request.target}`, headers: await plainFields(request) };
    const { headers } = await httpbis.signMessage(
      {
        key: { id: SIGNER_ID, alg: "ecdsa-p256-sha256", sign: (data) => Promise.resolve(Buffer.from(SIGNER.sign(data))) },
        name: "theirs",
        fields: cover,
        params: ["keyid", "nonce", "tag", "expires", "created", "alg"],
        paramValues: {
          created: new Date(NOW * 1000),
          expires: new Date((NOW + 60) * 1000),
          nonce: nextNonce(),
          tag: "cider-fleet-v1",
        },
      },
      message,
    );
    return received(request, Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])));
  }

  function accepts(sent: Sent): Promise<boolean | null> {
    const message = { method: sent.method, url: `https://${AUTHORITY}${sent.target}`, headers: fieldsOf(sent) };
    const keyLookup = (): Promise<{ id: string; algs: string[]; verify: typeof verifyByKey }> =>
      Promise.resolve({ id: SIGNER_ID, algs: ["ecdsa-p256-sha256"], verify: verifyByKey });
    const longAgo = 100 * 365 * 86_400;
    return httpbis.verifyMessage(
      {
        keyLookup,
        tolerance: longAgo,
        requiredFields: [...COVER],
        requiredParams: ["created", "expires", "nonce", "keyid", "tag"],
      },
      message,
    );
  }

  it.each(requests)("signs $method $target for our node", async (request) => {
    const sent = await signed(request);
    expect(await outcome(makeVerifier(), sent)).toBe(SIGNER_ID);
    expect(await outcome(makeVerifier(), { ...sent, method: "PATCH" })).toBe("SIGNATURE_INVALID");
  });

  it.each(requests)("takes $method $target of our client", async (request) => {
    const sent = await send(request);
    expect(await accepts(sent)).toBe(true);
    expect(await accepts({ ...sent, target: `${sent.target}x` })).toBe(false);
  });

  it("signs and takes a component twice, which our node does not", async () => {
    const sent = await signed({ method: "GET", authority: AUTHORITY, target: "/" }, ["@method", ...COVER]);
    expect(await accepts(sent)).toBe(true);
    expect(await outcome(makeVerifier(), sent)).toBe("SIGNATURE_MALFORMED");
  });
});

describe("http-message-sig", () => {
  function describeRequest(request: Signable, fields: Readonly<Record<string, string>>): RequestDescriptor {
    const { method, target } = request;
    const list = Object.entries(fields).map(([name, value]) => ({ name, value }));
    return { kind: "request", method, targetUri: `https://${AUTHORITY}${target}`, requestTarget: target, fields: list };
  }

  async function signed(request: Signable): Promise<Sent> {
    const fields = await plainFields(request);
    const { signature, signatureInput } = await createSignature(describeRequest(request, fields), {
      label: "theirs",
      components: coverOf(request),
      parameters: { created: NOW, expires: NOW + 30, nonce: nextNonce(), keyid: SIGNER_ID, tag: "cider-fleet-v1" },
      signer: { algorithm: "ecdsa-p256-sha256", sign: (data) => SIGNER.sign(data) },
    });
    return received(request, { ...fields, "signature-input": signatureInput, signature });
  }

  async function accepts(request: Signable, sent: Sent): Promise<boolean> {
    try {
      await verifyBySig(describeRequest({ ...request, target: sent.target }, fieldsOf(sent)), {
        label: "sig1",
        policy: {
          algorithms: ["ecdsa-p256-sha256"],
          requiredComponents: COVER,
          requiredParameters: ["nonce", "keyid", "tag"],
          now: NOW,
        },
        resolveVerifier: () => ({ algorithm: "ecdsa-p256-sha256", verify: verifyByKey }),
      });
      return true;
    } catch {
      return false;
    }
  }

  it.each(requests)("signs $method $target for our node", async (request) => {
    const sent = await signed(request);
    expect(await outcome(makeVerifier(), sent)).toBe(SIGNER_ID);
    expect(await outcome(makeVerifier(), { ...sent, target: `${sent.target}x` })).toBe("SIGNATURE_INVALID");
  });

  it.each(requests)("takes $method $target of our client", async (request) => {
    const sent = await send(request);
    expect(await accepts(request, sent)).toBe(true);
    expect(await accepts(request, { ...sent, target: `${sent.target}x` })).toBe(false);
  });

  it("agrees on any target and any body", async () => {
    const target = fc.webUrl({ withQueryParameters: true }).map((url) => new URL(url).pathname + new URL(url).search);
    await fc.assert(
      fc.asyncProperty(target, fc.uint8Array({ maxLength: 64 }), async (path, body) => {
        const request: Signable = { method: "POST", authority: AUTHORITY, target: path, body, contentType: "application/json" };
        expect(await accepts(request, await send(request))).toBe(true);
        expect(await outcome(makeVerifier(), await signed({ ...request, body }))).toBe(SIGNER_ID);
      }),
      { numRuns: 25 },
    );
  });
});
