import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainAddress } from "../../src/host/addresses.ts";
import { AddressList } from "../../src/tokens/addresses.ts";
import { refusal } from "../foundation/refusal.ts";

describe("entries", () => {
  it.each([
    ["192.168.1.7", "192.168.1.7/32"],
    ["192.168.1.7/24", "192.168.1.0/24"],
    ["10.255.255.255/8", "10.0.0.0/8"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["172.31.255.1/12", "172.16.0.0/12"],
    ["fd00::1", "fd00::1/128"],
    ["FD00:0:0:0::1/8", "fd00::/8"],
    ["2001:db8:1:2:3:4:5:6/61", "2001:db8:1::/61"],
    ["::/0", "::/0"],
    ["::ffff:192.168.1.7", "192.168.1.7/32"],
    ["::ffff:192.168.1.7/120", "192.168.1.0/24"],
    ["::ffff:0:0/96", "0.0.0.0/0"],
  ])("%s is kept as %s", (entry, kept) => {
    expect(AddressList.parse([entry]).entries).toEqual([kept]);
  });

  it("are one list for all who write the same, and no other's", () => {
    const list = AddressList.parse(["10.0.0.0/8", "fd00::/8"]);
    expect(AddressList.parse(["10.0.0.0/8", "fd00::/8"])).toBe(list);
    expect(AddressList.parse(["10.0.0.0/8"]).allows("fd00::1")).toBe(false);
    expect(() => AddressList.parse(["10.0.0.0/8 fd00::/8"])).toThrow();
    expect(() => AddressList.parse(["10.0.0.0/8,fd00::/8"])).toThrow();
  });

  it.each([
    "",
    "studio.local",
    "192.168.1",
    "192.168.1.007",
    "0x7f.0.0.1",
    "127.1",
    "192.168.1.0/33",
    "192.168.1.0/-1",
    "192.168.1.0/24/8",
    "192.168.1.0/",
    "192.168.1.0/08",
    " 192.168.1.1",
    "fe80::1%eth0",
    "fd00::/129",
    "::ffff:10.0.0.0/95",
    "1.2.3.4:80",
    "[::1]",
  ])("%j is refused", (entry) => {
    expect(refusal(() => AddressList.parse([entry]))).toMatchObject({
      code: "INVALID_REQUEST",
      details: { field: "allowedIps" },
    });
  });
});

describe("allows", () => {
  it("everything when there are no entries", () => {
    for (const address of ["192.0.2.1", "::1", ""]) expect(AddressList.parse([]).allows(address)).toBe(true);
  });

  it("what an entry covers, and nothing else", () => {
    const list = AddressList.parse(["192.168.1.0/24", "fd00::/8", "203.0.113.9"]);
    for (const address of ["192.168.1.0", "192.168.1.255", "fd12::9", "203.0.113.9"]) expect(list.allows(address)).toBe(true);
    for (const address of ["192.168.2.1", "fc00::1", "203.0.113.8", "::1", ""]) expect(list.allows(address)).toBe(false);
  });

  it("mapped and zoned addresses as the port hands them on", () => {
    const list = AddressList.parse(["192.168.1.0/24", "fe80::/10"]);
    expect(list.allows(plainAddress("::ffff:192.168.1.7"))).toBe(true);
    expect(list.allows(plainAddress("fe80::1%eth0"))).toBe(true);
    expect(list.allows(plainAddress("::ffff:10.0.0.1"))).toBe(false);
  });

  it("an IPv4 address is in no IPv6 block", () => {
    expect(AddressList.parse(["::/0"]).allows("192.168.1.7")).toBe(false);
    expect(AddressList.parse(["0.0.0.0/0"]).allows("fd00::1")).toBe(false);
  });
});

/** An independent reading: addresses as numbers, blocks as their leading bits. */
describe("as arithmetic says", () => {
  const v4 = fc.nat(0xffff_ffff).map((n) => ({ n: BigInt(n), width: 32, text: dotted(n) }));
  const v6 = fc.bigInt({ min: 1n << 96n, max: (1n << 128n) - 1n }).map((n) => ({ n, width: 128, text: colons(n) }));
  const pair = fc.oneof(fc.tuple(v4, v4, fc.nat(32)), fc.tuple(v6, v6, fc.nat(128)));

  it("covers an address exactly when its leading bits agree", () => {
    fc.assert(
      fc.property(pair, fc.nat(128), ([base, other, prefix], keep) => {
        // A neighbour of the base, so that both answers occur.
        const near = base.n ^ (other.n >> BigInt(Math.min(keep, base.width)));
        const text = base.width === 32 ? dotted(Number(near)) : colons(near);
        const shift = BigInt(base.width - prefix);
        const list = AddressList.parse([`${base.text}/${prefix}`]);
        expect(list.allows(plainAddress(text))).toBe(near >> shift === base.n >> shift);
        expect(AddressList.parse(list.entries).entries).toEqual(list.entries);
      }),
    );
  });

  function dotted(n: number): string {
    return [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join(".");
  }

  function colons(n: bigint): string {
    const hex = n.toString(16).padStart(32, "0");
    return (hex.match(/.{4}/g) ?? []).join(":");
  }
});
