import { describe, expect, it } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { verifyingKey } from "../../src/crypto/signing.node.ts";
import { toBase64url, utf8 } from "../../src/foundation/bytes.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { AssertionVerifier } from "../../src/signatures/assertion.node.ts";
import { ManualClock } from "../foundation/doubles.ts";
import { rejection } from "../foundation/refusal.ts";

const KEY = SecretKey.fromHex("01".repeat(32));
const PEER = nodeIdOf(KEY.publicKey);
const OTHER = SecretKey.fromHex("02".repeat(32));
const NODE = nodeIdOf(OTHER.publicKey);
const HERE = ["https://node.local:9473", "https://node.local:9473/oauth/token"];

/** A verifier that started a minute ago, and a signer of assertions. */
function play() {
  const clock = new ManualClock();
  const verifier = new AssertionVerifier({
    clock,
    nodeId: NODE,
    keyOf: (id) => (id === PEER ? verifyingKey(KEY.publicKey) : undefined),
    startedAt: clock.now() - 60_000,
  });
  const now = Math.floor(clock.now() / 1000);
  let made = 0;
  const sign = (claims: object = {}, header: object = {}, key = KEY): string => {
    made += 1;
    const all = { iss: PEER, sub: PEER, aud: HERE[0], iat: now, exp: now + 60, jti: `${made}`, ...claims };
    const parts = [{ alg: "ES256", ...header }, all].map((part) => toBase64url(utf8(JSON.stringify(part))));
    return `${parts.join(".")}.${toBase64url(key.sign(utf8(parts.join("."))))}`;
  };
  const refused = async (text: string): Promise<string> => (await rejection(verifier.verify(text, HERE))).code;
  return { clock, now, refused, sign, verifier };
}

describe("a client assertion", () => {
  it("proves the peer whose key signed it, for the issuer, the endpoint or the node id", async () => {
    const { sign, verifier } = play();
    for (const aud of [...HERE, NODE, ["https://elsewhere", NODE]]) {
      expect(await verifier.verify(sign({ aud }), HERE)).toBe(PEER);
    }
  });

  it("is good once", async () => {
    const { refused, sign, verifier } = play();
    const text = sign();
    await verifier.verify(text, HERE);
    expect(await refused(text)).toBe("SIGNATURE_REPLAYED");
    expect(await refused(sign({ jti: "1" }))).toBe("SIGNATURE_REPLAYED");
  });

  it.each([
    ["no compact form", (text: string) => text.replace(".", "")],
    ["a fourth part", (text: string) => `${text}.x`],
    ["no base64url", (text: string) => text.replace(".", "=.")],
    ["an empty signature", (text: string) => text.slice(0, text.lastIndexOf("."))],
  ])("is refused with %s", async (_, broken) => {
    const { refused, sign } = play();
    expect(["SIGNATURE_MALFORMED", "SIGNATURE_INVALID"]).toContain(await refused(broken(sign())));
  });

  it.each([
    [{}, { alg: "none" }],
    [{}, { alg: "HS256" }],
    [{}, { crit: ["b64"], b64: false }],
    [{ iss: NODE }, {}],
    [{ sub: undefined }, {}],
    [{ iss: "x", sub: "x" }, {}],
    [{ aud: undefined }, {}],
    [{ jti: "" }, {}],
    [{ jti: "x".repeat(129) }, {}],
    [{ iat: undefined }, {}],
    [{ exp: "soon" }, {}],
  ])("is SIGNATURE_MALFORMED with %o %o", async (claims, header) => {
    const { refused, sign } = play();
    expect(await refused(sign(claims, header))).toBe("SIGNATURE_MALFORMED");
  });

  it("is refused for another audience, by another key and from a stranger", async () => {
    const { refused, sign } = play();
    expect(await refused(sign({ aud: "https://elsewhere:9473" }))).toBe("WRONG_NODE");
    expect(await refused(sign({}, {}, OTHER))).toBe("SIGNATURE_INVALID");
    expect(await refused(sign({ iss: NODE, sub: NODE }, {}, OTHER))).toBe("PEER_UNKNOWN");
  });

  it("has a time: not from before the start, not from the future, not too long, not over", async () => {
    const { clock, now, refused, sign, verifier } = play();
    expect(await refused(sign({ iat: now - 61, exp: now + 60 }))).toBe("CLOCK_SKEW");
    expect(await refused(sign({ iat: now + 16, exp: now + 60 }))).toBe("CLOCK_SKEW");
    expect(await refused(sign({ nbf: now + 16 }))).toBe("CLOCK_SKEW");
    expect(await refused(sign({ exp: now + 301 }))).toBe("SIGNATURE_EXPIRED");
    expect(await refused(sign({ exp: now }))).toBe("SIGNATURE_EXPIRED");
    expect(await verifier.verify(sign({ iat: now + 15 }), HERE)).toBe(PEER);
    const [last, late] = [sign(), sign()];
    clock.advance(75);
    expect(await verifier.verify(last, HERE)).toBe(PEER);
    clock.advance(0.001);
    expect(await refused(late)).toBe("SIGNATURE_EXPIRED");
  });

  it("is told how long to wait just after a start", async () => {
    const { clock, now, sign } = play();
    const young = new AssertionVerifier({ clock, nodeId: NODE, keyOf: () => verifyingKey(KEY.publicKey) });
    const error = await rejection(young.verify(sign({ iat: now }), HERE));
    expect(error).toMatchObject({ code: "CLOCK_SKEW", details: { retryAfter: 16 } });
  });
});
