import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NodeId } from "../../src/foundation/ids.ts";
import {
  type FleetUrl,
  formatFleetUrl,
  formatPairingLink,
  isHost,
  isLinkSecret,
  looksLikePairingLink,
  type PairingLink,
  parseFleetUrl,
  parsePairingLink,
} from "../../src/wire/links.ts";
import { refusal } from "../foundation/refusal.ts";

const nodeId = "f857ae4e-d6e3-8e33-b61a-ea25caaee3fe" as NodeId;
const secret = "p6enp6enp6enp6enp6enpw";
const token = "csk_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL2CB5HI";
const link = `cider-fleet://pair?v=1&h=192.168.1.4&h=fd00::7&p=9473&n=${nodeId}&s=${secret}`;
const url = `cider-fleet://${token}@192.168.1.4:9473?n=${nodeId}`;

const hosts = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
const ports = fc.integer({ min: 1, max: 65_535 });

describe("pairing links", () => {
  it("are read as the node prints them", () => {
    const expected = { hosts: ["192.168.1.4", "fd00::7"], port: 9473, nodeId, secret };
    expect(parsePairingLink(link)).toEqual(expected);
    expect(formatPairingLink(expected)).toBe(link);
    expect(looksLikePairingLink(` ${link}`)).toBe(true);
    expect(looksLikePairingLink(url)).toBe(false);
  });

  it("are read back whatever the hosts and the port", () => {
    fc.assert(
      fc.property(fc.array(hosts, { minLength: 1, maxLength: 16 }), ports, (names, port) => {
        const value: PairingLink = { hosts: names, port, nodeId, secret };
        expect(parsePairingLink(formatPairingLink(value))).toEqual(value);
      }),
    );
  });

  it("may stand between spaces, be percent-encoded and hold parameters of later versions", () => {
    const later = link.replace("fd00::7", "fd00%3A%3A7").replace("&p=", "&x=later&p=");
    expect(parsePairingLink(`  ${later}\n`)).toEqual(parsePairingLink(link));
  });

  it.each([
    ["nothing", ""],
    ["another scheme", link.replace("cider-fleet", "cider")],
    ["capitals in the scheme", link.replace("cider-fleet", "CIDER-FLEET")],
    ["another version", link.replace("v=1", "v=2")],
    ["no version", link.replace("v=1&", "")],
    ["two versions", link.replace("v=1", "v=1&v=1")],
    ["no host", link.replace(/h=[^&]*&/g, "")],
    ["17 hosts", link.replace("h=192.168.1.4", Array.from({ length: 16 }, () => "h=a").join("&"))],
    ["a host with a path", link.replace("192.168.1.4", "a/b")],
    ["a host with a port", link.replace("192.168.1.4", "a:1")],
    ["a host with a user", link.replace("192.168.1.4", "a@b")],
    ["an empty host", link.replace("192.168.1.4", "")],
    ["port 0", link.replace("9473", "0")],
    ["port 65536", link.replace("9473", "65536")],
    ["a port in hex", link.replace("9473", "0x1f")],
    ["no port", link.replace("p=9473&", "")],
    ["no node id", link.replace(`n=${nodeId}&`, "")],
    ["a cut node id", link.replace(nodeId, nodeId.slice(1))],
    ["two node ids", link.replace("&s=", `&n=${nodeId}&s=`)],
    ["no secret", link.replace(`&s=${secret}`, "")],
    ["a cut secret", link.slice(0, -1)],
    ["a longer secret", `${link}A`],
    ["a secret with stray bits", link.replace(secret, `${secret.slice(0, -1)}x`)],
    ["two secrets", `${link}&s=${secret}`],
    ["a broken escape", link.replace("192.168.1.4", "%zz")],
    ["a parameter without a value", `${link}&x`],
    ["a parameter with two", `${link}&x=1=2`],
  ])("are refused with %s, and the secret is not repeated", (_, text) => {
    const error = refusal(() => parsePairingLink(text));
    expect(error.code).toBe("LINK_INVALID");
    expect(`${error.message} ${JSON.stringify(error.details)}`).not.toContain(secret.slice(0, 8));
  });
});

describe("fleet URLs", () => {
  it("are read as they are written", () => {
    const expected: FleetUrl = { token, host: "192.168.1.4", port: 9473, nodeId };
    expect(parseFleetUrl(url)).toEqual(expected);
    expect(formatFleetUrl(expected)).toBe(url);
  });

  it("are read back whatever host and port", () => {
    fc.assert(
      fc.property(hosts, ports, fc.boolean(), (host, port, pinned) => {
        const value: FleetUrl = { token, host, port, ...(pinned ? { nodeId } : {}) };
        expect(parseFleetUrl(formatFleetUrl(value))).toEqual(value);
      }),
    );
  });

  it("take the usual port and no node id when none is given", () => {
    expect(parseFleetUrl(`cider-fleet://${token}@mini.local`)).toEqual({ token, host: "mini.local", port: 9473 });
    expect(parseFleetUrl(`cider-fleet://${token}@[::1]/?n=${nodeId}`)).toEqual({ token, host: "::1", port: 9473, nodeId });
  });

  it.each([
    ["nothing", ""],
    ["another scheme", url.replace("cider-fleet:", "https:")],
    ["no token", url.replace(`${token}@`, "")],
    ["an empty token", url.replace(token, "")],
    ["a cut token", url.replace(token, token.slice(0, -1))],
    ["a mistyped token", url.replace("aB3d", "aB3e")],
    ["a password", url.replace(token, `${token}:x`)],
    ["no host", url.replace("192.168.1.4", "")],
    ["a bare IPv6 address", url.replace("192.168.1.4", "fd00::7")],
    ["a name in brackets", url.replace("192.168.1.4", "[mini]")],
    ["a zone", url.replace("192.168.1.4", "[fe80::1%25en0]")],
    ["port 0", url.replace(":9473", ":0")],
    ["an empty port", url.replace(":9473", ":")],
    ["a path", url.replace("?", "/v1?")],
    ["a fragment", `${url}#x`],
    ["a cut node id", url.slice(0, -1)],
    ["two node ids", `${url}&n=${nodeId}`],
  ])("are refused with %s, and the token is not repeated", (_, text) => {
    const error = refusal(() => parseFleetUrl(text));
    expect(error.code).toBe("LINK_INVALID");
    expect(`${error.message} ${JSON.stringify(error.details)}`).not.toContain(token.slice(4, 12));
  });
});

describe("isHost", () => {
  it.each(["a", "mini.local", "mini.local.", "my_mac", "192.168.1.4", "::1", "fd00::7", "::ffff:10.0.0.1", "x".repeat(253)])(
    "takes %s",
    (text) => {
      expect(isHost(text)).toBe(true);
    },
  );

  it.each(["", "-a", "a-", "a b", "a/b", "a:1", "[::1]", "fe80::1%en0", "a@b", "a?b", "a#b", "ä.local", ".a", "x".repeat(254)])(
    "refuses %j",
    (text) => {
      expect(isHost(text)).toBe(false);
    },
  );
});

describe("isLinkSecret", () => {
  it("takes 22 characters of base64url and nothing else", () => {
    expect(isLinkSecret(secret)).toBe(true);
    expect(["", "123456", `${secret}==`, `${secret} `, secret.slice(1), `+${secret.slice(1)}`].some(isLinkSecret)).toBe(false);
  });
});
