import type { NetworkInterfaceInfo } from "node:os";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLoopback, isPrivate, lanAddresses, networkOf, plainAddress } from "../../src/host/addresses.ts";

describe("plainAddress", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:0201", "192.0.2.1"],
    ["fe80::1%en0", "fe80::1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:0:1:0:0:0:0", "2001:db8:0:1::"],
    ["::1", "::1"],
  ])("%s is %s", (given, plain) => {
    expect(plainAddress(given)).toBe(plain);
  });

  test.each(["010.0.0.1", "10.1", "0x7f000001", "2130706433", "example.org", "", "1.2.3.4.5", "::g"])(
    "%j is no address and stays",
    (text) => {
      expect(plainAddress(text)).toBe(text);
      expect(isLoopback(text)).toBe(false);
    },
  );
});

describe("networkOf", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["fe80::1%eth0", "fe80::/64"],
    ["::1", "::/64"],
  ])("of %s is %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test("is one for a whole /64 and another for the next", () => {
    const hosts = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(hosts, (host) => {
        const low = host.map((part) => part.toString(16)).join(":");
        expect(networkOf(`2001:db8:a:b:${low}`)).toBe("2001:db8:a:b::/64");
        expect(networkOf(`2001:db8:a:c:${low}`)).not.toBe("2001:db8:a:b::/64");
      }),
    );
  });
});

describe("isLoopback", () => {
  test.each(["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"])("%s is", (address) => {
    expect(isLoopback(address)).toBe(true);
  });

  test.each(["128.0.0.1", "::2", "0.0.0.0", "::", "localhost", "192.0.2.1"])("%s is not", (address) => {
    expect(isLoopback(address)).toBe(false);
  });
});

describe("lanAddresses", () => {
  const info = (address: string, cidr: string | null, internal = false): NetworkInterfaceInfo =>
    address.includes(":")
      ? { address, netmask: "", mac: "", internal, cidr, family: "IPv6", scopeid: 0 }
      : { address, netmask: "", mac: "", internal, cidr, family: "IPv4" };

  test("lists what others can dial, IPv4 first, loopback marked, link-local IPv6 left out", () => {
    const addresses = lanAddresses({
      lo0: [info("127.0.0.1", "127.0.0.1/8", true), info("::1", "::1/128", true), info("fe80::1", "fe80::1/64", true)],
      en0: [info("fe80::aa", "fe80::aa/64"), info("2001:db8::7", "2001:db8::7/64"), info("192.168.1.20", "192.168.1.20/24")],
      gone: undefined,
    });
    expect(addresses).toEqual([
      { address: "127.0.0.1", family: 4, interface: "lo0", cidr: "127.0.0.1/8", loopback: true },
      { address: "192.168.1.20", family: 4, interface: "en0", cidr: "192.168.1.20/24", loopback: false },
      { address: "::1", family: 6, interface: "lo0", cidr: "::1/128", loopback: true },
      { address: "2001:db8::7", family: 6, interface: "en0", cidr: "2001:db8::7/64", loopback: false },
    ]);
  });

  test("counts an address without a prefix as itself alone", () => {
    expect(lanAddresses({ tun0: [info("10.9.0.1", null)] })[0]?.cidr).toBe("10.9.0.1/32");
    expect(lanAddresses({ tun0: [info("fd00::1", null)] })[0]?.cidr).toBe("fd00::1/128");
  });

  test("knows this machine", () => {
    expect(lanAddresses().some(({ loopback }) => loopback)).toBe(true);
  });
});

test.each([
  ["127.0.0.5", true],
  ["10.1.2.3", true],
  ["172.31.255.255", true],
  ["172.32.0.0", false],
  ["192.168.1.20", true],
  ["::ffff:192.168.1.20", true],
  ["100.64.0.1", true],
  ["203.0.113.7", false],
  ["fd00::1", true],
  ["fe80::1%en0", true],
  ["2001:db8::7", false],
  ["not an address", false],
])("%s is private: %s", (address, expected) => {
  expect(isPrivate(address)).toBe(expected);
});
