import { describe, expect, it } from "vitest";
import { isFleetError } from "../../src/foundation/errors.ts";
import type { NodeId } from "../../src/foundation/ids.ts";
import {
  formatSignatureInput,
  MAX_COMPONENTS,
  parseSignature,
  parseSignatureInput,
  signatureBase,
  splitTarget,
} from "../../src/wire/signature-fields.ts";

const KEYID = "f857ae4e-d6e3-8e33-b61a-ea25caaee3fe" as NodeId;
const LIST = '("@method" "@authority" "@path" "@query" "cider-node")';
const REST = `;created=1795300000;expires=1795300060;nonce="AAECAwQFBgcICQoLDA0ODw";keyid="${KEYID}";alg="ecdsa-p256-sha256";tag="cider-fleet-v1"`;

/** Returns the message of the SIGNATURE_MALFORMED that `read` throws. */
function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (isFleetError(error, "SIGNATURE_MALFORMED")) return error.message;
    throw error;
  }
  return "accepted";
}

describe("Signature-Input", () => {
  it("reads the profile's member and keeps its text for the base", () => {
    expect(parseSignatureInput(`sig1=${LIST}${REST}`)).toEqual({
      label: "sig1",
      components: ["@method", "@authority", "@path", "@query", "cider-node"],
      created: 1795300000,
      expires: 1795300060,
      nonce: "AAECAwQFBgcICQoLDA0ODw",
      keyid: KEYID,
      text: LIST + REST,
    });
  });

  it("writes what it reads", () => {
    const components = ["@method", "content-digest"];
    const parameters = { created: 1, expires: 2, nonce: "n".repeat(64), keyid: KEYID };
    const text = formatSignatureInput(components, parameters);
    expect(parseSignatureInput(`a=${text}`)).toEqual({ label: "a", components, ...parameters, text });
  });

  it("takes parameters in any order, alg absent, and any label", () => {
    const text = `${LIST};tag="cider-fleet-v1";nonce="AAECAwQFBgcICQoLDA0ODw";expires=2;keyid="${KEYID}";created=1`;
    expect(parseSignatureInput(`*my-.label_=${text}`)).toMatchObject({ label: "*my-.label_", created: 1, expires: 2, text });
  });

  it("serialises anew what was written with spaces and leading zeros (RFC 9421 §2.3)", () => {
    const sent = `s=(  "@method"   "cider-node" ); created=01;  expires=2;nonce="AAECAwQFBgcICQoLDA0ODw";keyid="${KEYID}";tag="cider-fleet-v1"`;
    expect(parseSignatureInput(sent)?.text).toBe(
      `("@method" "cider-node");created=1;expires=2;nonce="AAECAwQFBgcICQoLDA0ODw";keyid="${KEYID}";tag="cider-fleet-v1"`,
    );
  });

  it.each([
    ["another tag", `a=${LIST}${REST.replace("cider-fleet-v1", "web-bot-auth")}`],
    ["our tag as a token", `a=${LIST}${REST.replace('"cider-fleet-v1"', "cider-fleet-v1")}`],
    ["our tag in another parameter", 'a=();x="cider-fleet-v1"'],
    ["nothing", ""],
  ])("sees no signature of ours in %s", (_, field) => {
    expect(parseSignatureInput(field)).toBeUndefined();
  });

  it("ignores other signatures, whatever they cover", () => {
    const field = `proxy=("@status" "@method";req "x";key="y" "@query-param";name="z");created=1.5;odd=?0;odd, plain=7, ours=${LIST}${REST}, proxy=()`;
    expect(parseSignatureInput(field)).toMatchObject({ label: "ours" });
  });

  it.each([
    ["two signatures with our tag", `a=${LIST}${REST}, b=${LIST}${REST}`, /more than one/],
    ["its label on another signature too", `a=${LIST}${REST}, a=()`, /label appears twice/],
    ["broken syntax elsewhere", `a=${LIST}${REST}, B=1`, /not a structured field/],
    ["no list", `a=1${REST}`, /list of components/],
    ["a component twice", `a=("@method" "@method")${REST}`, /covered twice/],
    ["a component with parameters", `a=("@method";req)${REST}`, /component parameters/],
    ["a component that is a token", `a=(method)${REST}`, /component this profile/],
    ["a derived component nobody here knows", `a=("@target-uri")${REST}`, /component this profile/],
    ["a field name in upper case", `a=("Host")${REST}`, /component this profile/],
    ["an empty component", `a=("")${REST}`, /component this profile/],
    ["an unknown parameter", `a=${LIST}${REST};context="x"`, /parameter this profile/],
    ["a parameter twice", `a=${LIST}${REST};created=1795300000`, /created appears twice/],
    ["the tag twice", `a=${LIST};tag="other"${REST}`, /tag appears twice/],
    ["another algorithm", `a=${LIST}${REST.replace("ecdsa-p256-sha256", "hmac-sha256")}`, /^alg/],
    ["created as a decimal", `a=${LIST}${REST.replace("1795300000", "1795300000.0")}`, /created/],
    ["created as a string", `a=${LIST}${REST.replace("1795300000", '"1795300000"')}`, /^created/],
    ["expires absent", `a=${LIST}${REST.replace(/;expires=\d+/, "")}`, /^expires/],
    ["nonce absent", `a=${LIST}${REST.replace(/;nonce="[^"]+"/, "")}`, /^nonce/],
    ["a nonce of 21 characters", `a=${LIST}${REST.replace(/nonce="[^"]+"/, `nonce="${"n".repeat(21)}"`)}`, /^nonce/],
    ["a nonce of 65 characters", `a=${LIST}${REST.replace(/nonce="[^"]+"/, `nonce="${"n".repeat(65)}"`)}`, /^nonce/],
    ["a nonce with a slash", `a=${LIST}${REST.replace(/nonce="[^"]+"/, `nonce="${"/".repeat(22)}"`)}`, /^nonce/],
    ["a nonce that is a byte sequence", `a=${LIST}${REST.replace(/nonce="[^"]+"/, "nonce=:AAAA:")}`, /^the parameter nonce/],
    ["a keyid that is no node id", `a=${LIST}${REST.replace(KEYID, "test-key-ecc-p256")}`, /^keyid/],
  ])("refuses %s", (_, field, why) => {
    expect(refusal(() => parseSignatureInput(field))).toMatch(why);
  });

  it("covers at most as many components as the limit says", () => {
    const list = (count: number): string => `(${Array.from({ length: count }, (_, i) => `"x-${i}"`).join(" ")})`;
    expect(parseSignatureInput(`a=${list(MAX_COMPONENTS)}${REST}`)?.components).toHaveLength(MAX_COMPONENTS);
    expect(refusal(() => parseSignatureInput(`a=${list(MAX_COMPONENTS + 1)}${REST}`))).toMatch(/at most 32/);
  });

  it("never repeats a value in an error", () => {
    const secret = "s3cret-value";
    for (const field of [
      `a=${LIST};${secret}=1${REST}`,
      `a=("${secret.toUpperCase()}")${REST}`,
      `a=${LIST}${REST};x="${secret}" !`,
    ]) {
      expect(refusal(() => parseSignatureInput(field))).not.toContain(secret);
    }
  });
});

describe("Signature", () => {
  it("returns the text behind the label, padding or not", () => {
    expect(parseSignature("other=:AAAA:, sig1=:aGk=:, other=1", "sig1")).toBe("aGk=");
    expect(parseSignature("sig1=:aGk:", "sig1")).toBe("aGk");
  });

  it.each([
    ["no member of that label", "other=:aGk=:"],
    ["an empty field", ""],
    ["the label twice", "sig1=:aGk=:, sig1=:aGk=:"],
    ["a string", 'sig1="aGk="'],
    ["a number", "sig1=1"],
    ["a list", "sig1=(:aGk=:)"],
    ["parameters", "sig1=:aGk=:;a"],
    ["base64url", "sig1=:a-k=:"],
    ["no closing colon", "sig1=:aGk="],
  ])("refuses %s", (_, field) => {
    expect(refusal(() => parseSignature(field, "sig1"))).not.toBe("accepted");
  });
});

describe("the base (RFC 9421 §2.5)", () => {
  it("has a line for each component in order and no newline at the end", () => {
    expect(signatureBase(["b", "@a"], (name) => name.toUpperCase(), "(x)")).toBe('"b": B\n"@a": @A\n"@signature-params": (x)');
    expect(signatureBase([], () => "", "();tag=1")).toBe('"@signature-params": ();tag=1');
  });

  it.each([
    ["/", "/", "?"],
    ["/a", "/a", "?"],
    ["/a?", "/a", "?"],
    ["/a?b=%2F?c", "/a", "?b=%2F?c"],
    ["/%61?", "/%61", "?"],
  ])("splits %s without decoding", (target, path, query) => {
    expect(splitTarget(target)).toEqual({ path, query });
  });
});
