import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isFleetError } from "../../src/foundation/errors.ts";
import { formatContentDigest, parseContentDigest } from "../../src/wire/content-digest.ts";

const BODY = Buffer.from('{"hello": "world"}');
const SHA_256 = createHash("sha256").update(BODY).digest();
/** RFC 9421 B.2: the test request's digest. */
const SHA_512 = "WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==";

function refusal(field: string): string {
  try {
    parseContentDigest(field);
  } catch (error) {
    if (isFleetError(error)) return error.code;
    throw error;
  }
  return "accepted";
}

describe("Content-Digest (RFC 9530)", () => {
  it("reads what it writes", () => {
    expect(parseContentDigest(formatContentDigest(SHA_256))).toEqual([
      { algorithm: "sha-256", text: SHA_256.toString("base64") },
    ]);
  });

  it("returns every digest of a known algorithm and passes over the others", () => {
    const field = `md5=:AAAA:, sha-512=:${SHA_512}:, unixsum=30637, sha-256=:${SHA_256.toString("base64")}:`;
    expect(parseContentDigest(field).map(({ algorithm }) => algorithm)).toEqual(["sha-512", "sha-256"]);
  });

  it.each([
    ["an unknown algorithm alone", "md5=:AAAA:", "DIGEST_UNSUPPORTED"],
    ["nothing", "", "DIGEST_UNSUPPORTED"],
    ["a name in upper case", "SHA-256=:AAAA:", "SIGNATURE_MALFORMED"],
    ["a string", 'sha-256="AAAA"', "SIGNATURE_MALFORMED"],
    ["a list", "sha-256=(:AAAA:)", "SIGNATURE_MALFORMED"],
    ["the old form of RFC 3230", "sha-256=AAAA=", "SIGNATURE_MALFORMED"],
    ["an algorithm twice", "sha-256=:AAAA:, sha-256=:AAAA:", "SIGNATURE_MALFORMED"],
  ])("refuses %s", (_, field, code) => {
    expect(refusal(field)).toBe(code);
  });
});
