import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/foundation/bytes.ts";
import type { NodeId } from "../../src/foundation/ids.ts";
import { constraintsFor, leafNames } from "../../src/identity/certificate-names.ts";
import {
  addressBytes,
  isDnsName,
  isPermitted,
  nameConstraints,
  subjectAlternativeNames,
} from "../../src/identity/general-names.ts";

const NODE = "f857ae4e-d6e3-8e33-b61a-ea25caaee3fe" as NodeId;
const NOTHING = { names: [], addresses: [], configured: [] };

describe("DER of names", () => {
  it("writes subject alternative names (RFC 5280 §4.2.1.6)", () => {
    expect(toHex(subjectAlternativeNames(["a.local", "10.0.0.1"]))).toBe("300f8207612e6c6f63616c87040a000001");
  });

  it("writes name constraints with address and mask (RFC 5280 §4.2.1.10)", () => {
    const bytes = nameConstraints({ names: ["lan"], ranges: ["172.16.0.0/12", "203.0.113.7"] });
    expect(toHex(bytes)).toBe("3021a01f300582036c616e300a8708ac100000fff00000300a8708cb007107ffffffff");
  });

  it("writes lengths from 128 and from 256 in their shortest form (X.690 §10.1)", () => {
    const names = (count: number) => subjectAlternativeNames(Array.from({ length: count }, () => "abcdefgh"));
    expect(toHex(names(12).subarray(0, 2))).toBe("3078");
    expect(toHex(names(13).subarray(0, 3))).toBe("308182");
    expect(toHex(names(30).subarray(0, 4))).toBe("3082012c");
  });

  it("reads addresses in every spelling, and nothing that only looks like one", () => {
    expect(addressBytes("::ffff:192.0.2.1")).toEqual(Uint8Array.of(192, 0, 2, 1));
    expect(addressBytes("fd00::1")?.length).toBe(16);
    for (const text of ["10.1", "010.0.0.1", "0x7f.1", "host", "", "1.2.3.4.5"]) expect(addressBytes(text)).toBeUndefined();
  });

  it.each(["*.local", "-a.local", "a..local", "local.", "UPPER.local", "a_b.local", "", "10.1", "é.local", "x".repeat(64)])(
    "takes %j for no DNS name",
    (text) => {
      expect(isDnsName(text)).toBe(false);
    },
  );
});

describe("what the authority speaks for", () => {
  const constraints = constraintsFor([]);

  it.each([
    "localhost",
    "studio.local",
    "a.b.lan",
    "x.home.arpa",
    "10.255.0.1",
    "172.31.0.1",
    "192.168.1.1",
    "100.100.1.1",
    "169.254.1.1",
    "::1",
    "fd12::1",
    "fe80::1",
  ])("permits %s", (entry) => {
    expect(isPermitted(entry, constraints)).toBe(true);
  });

  it.each([
    "example.com",
    "local.example.com",
    "xlocal",
    "studio",
    "172.32.0.1",
    "11.0.0.1",
    "8.8.8.8",
    "2001:db8::1",
    "ff02::1",
  ])("refuses %s", (entry) => {
    expect(isPermitted(entry, constraints)).toBe(false);
  });

  it("permits what is configured, and what is below it, but not beside it", () => {
    const wider = constraintsFor(["CI.example.org.", "203.0.113.7", "2001:db8::5", "studio"]);
    for (const entry of ["ci.example.org", "a.ci.example.org", "203.0.113.7", "2001:db8::5", "studio"])
      expect(isPermitted(entry, wider)).toBe(true);
    for (const entry of ["example.org", "203.0.113.8", "2001:db8::6"]) expect(isPermitted(entry, wider)).toBe(false);
  });

  it("is not widened, and so not issued anew, by names it has already", () => {
    expect(constraintsFor(["studio.local", "192.168.1.20"])).toEqual(constraints);
  });

  it("contains exactly the addresses whose first bits are the range's", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 1, max: 32 }), (a, b, bits) => {
        const number = (text: string) => text.split(".").reduce((value, part) => value * 256 + Number(part), 0);
        const same = Math.floor(number(a) / 2 ** (32 - bits)) === Math.floor(number(b) / 2 ** (32 - bits));
        expect(isPermitted(b, { names: [], ranges: [`${a}/${bits}`] })).toBe(same);
      }),
    );
  });
});

describe("names of the leaf", () => {
  const constraints = constraintsFor([]);

  it("has the node's own names and this machine's, each once, whatever their order", () => {
    const { names, leftOut } = leafNames(
      NODE,
      { ...NOTHING, names: ["Studio.local"], addresses: ["10.0.0.2", "fe80::1%en0", "127.0.0.1"] },
      constraints,
    );
    const turned = leafNames(
      NODE,
      { ...NOTHING, names: ["studio.local"], addresses: ["127.0.0.1", "fe80::1", "10.0.0.2"] },
      constraints,
    );
    expect(names).toEqual(turned.names);
    expect(names).toContain(`${NODE}.cider-fleet.internal`);
    expect(names).toContain("studio.local");
    expect(leftOut).toEqual([]);
  });

  it("leaves out what would make every verifier refuse the leaf", () => {
    const { names, leftOut } = leafNames(
      NODE,
      { ...NOTHING, names: ["mac.example.com"], addresses: ["2001:db8::1"] },
      constraints,
    );
    expect(leftOut).toEqual(["mac.example.com", "2001:db8::1"]);
    expect(names).not.toContain("mac.example.com");
  });

  it("stays within a hundred names on a host with a thousand bridges", () => {
    const addresses = Array.from({ length: 1000 }, (_, i) => `10.1.${Math.floor(i / 250)}.${i % 250}`);
    const { names, leftOut } = leafNames(NODE, { ...NOTHING, addresses }, constraints);
    expect([names.length, leftOut.length]).toEqual([100, 904]);
    expect(names).toContain("127.0.0.1");
  });
});
