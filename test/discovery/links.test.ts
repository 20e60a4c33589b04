import type { NetworkInterfaceInfo } from "node:os";
import { describe, expect, it } from "vitest";
import { isLinkLocal, onLink, usableLinks } from "../../src/discovery/links.ts";

const ANY = { allow: [], deny: [] };
const MAC = "02:fc:00:00:00:01";

function ipv4(address: string, prefix = 24, mac = MAC): NetworkInterfaceInfo {
  return {
    address,
    netmask: "255.255.255.0",
    family: "IPv4",
    mac,
    internal: address.startsWith("127."),
    cidr: `${address}/${prefix}`,
  };
}

function ipv6(address: string, scopeid = 0): NetworkInterfaceInfo {
  return { address, netmask: "ffff:ffff:ffff:ffff::", family: "IPv6", mac: MAC, internal: false, scopeid, cidr: `${address}/64` };
}

const names = (rules: Parameters<typeof usableLinks>[0], interfaces: Parameters<typeof usableLinks>[2]) =>
  usableLinks(rules, undefined, interfaces).map(({ name }) => name);

describe("usable links", () => {
  it("have the addresses of that link alone: IPv4 first, link-local last and without a zone", () => {
    const [link, other] = usableLinks(ANY, undefined, {
      lo: [ipv4("127.0.0.1", 8)],
      en0: [ipv6("fe80::1", 4), ipv6("fd00::2"), ipv4("192.168.1.20")],
      en1: [ipv4("10.0.0.5")],
    });
    expect(link).toEqual({
      name: "en0",
      key: `en0 ${MAC} 4 192.168.1.20`,
      ipv4: "192.168.1.20",
      addresses: ["192.168.1.20", "fd00::2", "fe80::1"],
      networks: ["fe80::1/64", "fd00::2/64", "192.168.1.20/24"],
    });
    expect(other?.addresses).toEqual(["10.0.0.5"]);
  });

  it.each(
    "docker0 br-1a2b3c veth12 virbr0 cni0 podman1 bridge100 vmnet8 utun3 tun0 wg0 tailscale0 ztabc awdl0 llw0 ap1 anpi0".split(
      " ",
    ),
  )("leave out %s, unless it is allowed by name", (name) => {
    const interfaces = { [name]: [ipv4("172.17.0.1")], eth0: [ipv4("192.168.1.2")] };
    expect(names(ANY, interfaces)).toEqual(["eth0"]);
    expect(names({ allow: [name], deny: [] }, interfaces)).toEqual([name]);
  });

  it("leave out what has no hardware, and what is denied even if allowed", () => {
    expect(names(ANY, { odd0: [ipv4("10.1.1.1", 24, "00:00:00:00:00:00")] })).toEqual([]);
    const two = { eth0: [ipv4("192.168.1.2")], eth1: [ipv4("192.168.2.2")] };
    expect(names({ allow: ["eth*"], deny: ["eth1"] }, two)).toEqual(["eth0"]);
    expect(names({ allow: [], deny: ["*"] }, two)).toEqual([]);
  });

  it.each(["br0", "eth0", "enp3s0", "wlan0", "en0", "app0"])("keep %s", (name) => {
    expect(names(ANY, { [name]: [ipv4("192.168.1.2")] })).toEqual([name]);
  });

  it("take a dot and a bracket in a rule as what they are", () => {
    expect(
      names({ allow: ["eth0.1", "["], deny: [] }, { eth001: [ipv4("192.168.1.2")], "eth0.1": [ipv4("192.168.2.2")] }),
    ).toEqual(["eth0.1"]);
  });

  it("have only addresses that are listened on", () => {
    const only = (address: string) => address === "192.168.1.20";
    const links = usableLinks(ANY, only, { en0: [ipv4("192.168.1.20"), ipv6("fd00::2")], en1: [ipv4("10.0.0.5")] });
    expect(links.map(({ addresses }) => addresses)).toEqual([["192.168.1.20"]]);
  });
});

describe("who is on a link", () => {
  const [link] = usableLinks(ANY, undefined, { en0: [ipv4("192.168.1.20"), ipv6("fe80::1", 4)] });
  const isOn = link === undefined ? () => false : onLink(link);

  it.each(["192.168.1.1", "192.168.1.255", "fe80::9%en0", "fe80::9"])("%s is", (address) => expect(isOn(address)).toBe(true));
  it.each(["192.168.2.1", "8.8.8.8", "fe80::9%en1", "fd00::1", "", "x"])("%s is not", (address) =>
    expect(isOn(address)).toBe(false),
  );

  it("is nobody else where the system knows no mask", () => {
    const [odd] = usableLinks(ANY, undefined, { en0: [{ ...ipv4("192.168.1.20"), cidr: null }] });
    const isOnOdd = odd === undefined ? () => false : onLink(odd);
    expect([isOnOdd("192.168.1.20"), isOnOdd("192.168.1.21")]).toEqual([true, false]);
  });

  it("knows link-local addresses by their first ten bits", () => {
    expect(["fe80::1", "febf::1", "FE80::1"].every(isLinkLocal)).toBe(true);
    expect(["fec0::1", "fd00::1", "254.128.0.1"].some(isLinkLocal)).toBe(false);
  });
});
