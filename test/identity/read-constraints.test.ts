/** What an authority may speak for is read as a trust store reads it, or not at all. */

import { beforeAll, describe, expect, it } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { beyondLocal, constraintsFor } from "../../src/identity/certificate-names.ts";
import { issueAuthority } from "../../src/identity/issue-certificate.node.ts";
import { readConstraints } from "../../src/identity/read-constraints.ts";

async function authorityFor(configured: readonly string[]): Promise<Buffer> {
  const parts = { key: SecretKey.generate(systemRandom), name: "a node", random: systemRandom };
  const constraints = constraintsFor(configured);
  const pem = await issueAuthority({ ...parts, constraints, validity: { from: Date.UTC(2026), to: Date.UTC(2027) } });
  return Buffer.from(pem.replace(/-----.*-----|\n/g, ""), "base64");
}

let authority: Buffer;

beforeAll(async () => {
  authority = await authorityFor([]);
});

describe("what an authority speaks for", () => {
  it("is read as it was written", () => {
    expect(readConstraints(authority)).toEqual(constraintsFor([]));
    expect(beyondLocal(readConstraints(authority))).toEqual([]);
  });

  it("tells names and addresses of the world from those of the LAN", async () => {
    const read = readConstraints(await authorityFor(["nas.lan", "bank.example", "192.168.1.4", "203.0.113.7", "2001:db8::7"]));
    expect(beyondLocal(read)).toEqual(["bank.example", "203.0.113.7/32", "2001:db8::7/128"]);
  });

  it.each([
    ["no constraints", "0603551d1e", "0603551d1f", "every name"],
    ["constraints that may be passed over", "0603551d1e0101ff", "0603551d1e010100", "every name"],
    ["constraints twice", "0603551d0e", "0603551d1e", "not written"],
    ["names it may not, instead of those it may", "a082", "a182", "not written"],
    ["another kind of name", "82056c6f63616c", "86056c6f63616c", "not written"],
    ["a wildcard", "82056c6f63616c", "82052a2e636f6d", "not written"],
    ["a name that begins with a dot", "82056c6f63616c", "82052e6f63616c", "not written"],
    ["a mask with holes", "0a000000ff000000", "0a000000ff00ff00", "not written"],
    ["no purpose", "0603551d25", "0603551d26", "more than servers"],
    ["every purpose of clients", "06082b06010505070301", "06082b06010505070302", "more than servers"],
    ["a length nobody writes", "82056c6f63616c", "8281056c6f6361", "not written"],
  ])("is not guessed of one with %s", (_, from, to, why) => {
    const hex = authority.toString("hex");
    expect(hex).toContain(from);
    const edited = Buffer.from(hex.replace(from, to), "hex");
    expect(() => readConstraints(edited)).toThrow(why);
  });

  it("is not guessed of half a certificate, nor of none", () => {
    for (let length = 0; length < authority.length; length++) {
      expect(() => readConstraints(authority.subarray(0, length))).toThrow(SyntaxError);
    }
    expect(() => readConstraints(Buffer.concat([authority, authority]))).toThrow(SyntaxError);
  });

  it("shows the whole world where it is the whole world", () => {
    const hex = authority.toString("hex").replace("0a000000ff000000", "0000000000000000");
    expect(beyondLocal(readConstraints(Buffer.from(hex, "hex")))).toEqual(["0.0.0.0/0"]);
  });
});
