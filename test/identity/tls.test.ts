import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DAY } from "../../src/foundation/durations.ts";
import { silentLogger } from "../../src/foundation/logger.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { openIdentity } from "../../src/identity/key-file.node.ts";
import { ManualClock } from "../foundation/doubles.ts";
import { type TestNode, temporaryFolder, testNode } from "./certificates.ts";

/** Lets OpenSSL judge the chain as a strict verifier that knows `ca.pem` only; throws what it says when it refuses. */
function opensslVerify(node: TestNode, at: number, ...target: readonly string[]): void {
  const leaf = join(node.folder, "tls.pem");
  const args = ["verify", "-x509_strict", "-purpose", "sslserver", "-attime", String(Math.floor(at / 1000)), ...target];
  execFileSync("openssl", [...args, "-CAfile", join(node.folder, "ca.pem"), leaf], { stdio: "pipe" });
}

function leafOf({ certificates }: TestNode): X509Certificate {
  return new X509Certificate(certificates.context().cert);
}

describe("NodeCertificates", () => {
  it("makes a chain that a strict verifier accepts by name and by address", async () => {
    const clock = new ManualClock();
    const node = await testNode({ clock, names: ["studio.local"], addresses: ["192.168.1.20", "fd00::20"] });
    opensslVerify(node, clock.wall, "-verify_ip", "192.168.1.20");
    opensslVerify(node, clock.wall, "-verify_ip", "fd00::20");
    opensslVerify(node, clock.wall, "-verify_hostname", "studio.local");
    opensslVerify(node, clock.wall, "-verify_hostname", `${node.nodeId}.cider-fleet.internal`);
    expect(() => opensslVerify(node, clock.wall, "-verify_ip", "192.168.1.21")).toThrow(/IP address mismatch/);
    expect(() => opensslVerify(node, clock.wall, "-verify_hostname", "other.local")).toThrow(/hostname mismatch/i);
  });

  it("limits the authority to local names, so that its theft opens no bank", async () => {
    const node = await testNode();
    const { issueLeaf } = await import("../../src/identity/issue-certificate.node.ts");
    const validity = { from: Date.now() - DAY, to: Date.now() + DAY };
    const authority = { key: node.key, certificatePem: node.certificates.caPem };
    for (const name of ["bank.example.com", "8.8.8.8", "2001:db8::1"]) {
      const pem = await issueLeaf({ authority, key: node.key, name: "x", names: [name], validity, random: systemRandom });
      writeFileSync(join(node.folder, "tls.pem"), pem);
      expect(() => opensslVerify(node, Date.now())).toThrow(/permitted subtree violation/);
    }
  });

  it("keeps everything private, and the leaf's key apart from the identity", async () => {
    const node = await testNode();
    for (const name of readdirSync(node.folder))
      expect([name, statSync(join(node.folder, name)).mode & 0o777]).toEqual([name, 0o600]);
    expect(leafOf(node).publicKey.equals(new X509Certificate(node.certificates.caPem).publicKey)).toBe(false);
    expect(node.certificates.caPem).not.toContain("PRIVATE");
  });

  it("gives the authority twenty years and the leaf at most 180 days, both from yesterday", async () => {
    const clock = new ManualClock();
    const node = await testNode({ clock });
    const [leaf, ca] = [leafOf(node), new X509Certificate(node.certificates.caPem)];
    expect(Date.parse(leaf.validFrom)).toBe(clock.wall - DAY);
    expect(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)).toBeLessThan(180 * DAY);
    expect((Date.parse(ca.validTo) - Date.parse(ca.validFrom)) / DAY).toBe(20 * 365);
  });

  it("writes dates from 2050 on as RFC 5280 §4.1.2.5 asks", async () => {
    const clock = new ManualClock();
    clock.wall = Date.parse("2036-01-01T00:00:00.000Z");
    const node = await testNode({ clock });
    expect(new X509Certificate(node.certificates.caPem).validTo).toBe("Dec 26 00:00:00 2055 GMT");
    opensslVerify(node, clock.wall, "-verify_ip", "127.0.0.1");
  });

  it("starts again with the same bytes", async () => {
    const first = await testNode({ addresses: ["10.0.0.5"] });
    const second = await testNode({ folder: first.folder, addresses: ["10.0.0.5"] });
    expect(second.certificates.context()).toEqual(first.certificates.context());
    expect(await second.certificates.renew()).toBe(false);
  });
});

describe("renewing", () => {
  it("re-issues the leaf for a new address; ca.pem stays, and is enough", async () => {
    const clock = new ManualClock();
    const node = await testNode({ clock, addresses: ["10.0.0.5"] });
    const before = node.certificates.context();
    const { caPem } = node.certificates;
    const seen: unknown[] = [];
    node.certificates.onRenewed((current) => seen.push(current));
    node.current = { ...node.current, addresses: ["10.0.0.6"] };
    expect(await node.certificates.renew()).toBe(true);
    expect(node.certificates.caPem).toBe(caPem);
    expect(node.certificates.context().key).not.toBe(before.key);
    expect(seen).toEqual([node.certificates.context()]);
    opensslVerify(node, clock.wall, "-verify_ip", "10.0.0.6");
    expect(() => opensslVerify(node, clock.wall, "-verify_ip", "10.0.0.5")).toThrow();
  });

  it("re-issues the leaf when less than a third of its life is left, not before", async () => {
    const clock = new ManualClock();
    const node = await testNode({ clock });
    clock.wall += 118 * DAY;
    expect(await node.certificates.renew()).toBe(false);
    clock.wall += 2 * DAY;
    expect(await node.certificates.renew()).toBe(true);
    opensslVerify(node, clock.wall, "-verify_ip", "127.0.0.1");
  });

  it("re-issues a leaf from the future, as a clock that was set back leaves it", async () => {
    const clock = new ManualClock();
    const node = await testNode({ clock });
    clock.wall -= 400 * DAY;
    expect(await node.certificates.renew()).toBe(true);
    opensslVerify(node, clock.wall, "-verify_ip", "127.0.0.1");
  });

  it("re-issues the authority for a configured name, and says so; the old one still serves the old names", async () => {
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (_: object, message: string) => void warnings.push(message) };
    const clock = new ManualClock();
    const node = await testNode({ clock, logger, addresses: ["10.0.0.5"] });
    const oldCa = node.certificates.caPem;
    expect(warnings).toEqual([]);
    node.current = { ...node.current, configured: ["ci.example.org"] };
    expect(await node.certificates.renew()).toBe(true);
    expect(warnings).toEqual([expect.stringContaining("ca.pem anew")]);
    expect(node.certificates.caPem).not.toBe(oldCa);
    opensslVerify(node, clock.wall, "-verify_hostname", "ci.example.org");
    node.current = { ...node.current, configured: [] };
    await node.certificates.renew();
    writeFileSync(join(node.folder, "ca.pem"), oldCa);
    opensslVerify(node, clock.wall, "-verify_ip", "10.0.0.5");
  });

  it("leaves names nobody may vouch for out, so that the rest still verifies", async () => {
    const clock = new ManualClock();
    const node = await testNode({ clock, names: ["mac.example.com"], addresses: ["10.0.0.5", "2001:db8::1"] });
    opensslVerify(node, clock.wall, "-verify_ip", "10.0.0.5");
    expect(() => opensslVerify(node, clock.wall, "-verify_hostname", "mac.example.com")).toThrow(/hostname mismatch/i);
  });

  it("runs one renewal after the other", async () => {
    const node = await testNode();
    node.current = { ...node.current, addresses: ["10.0.0.7"] };
    expect(await Promise.all([node.certificates.renew(), node.certificates.renew()])).toEqual([true, false]);
  });

  it("keeps the old chain when it cannot be stored, and renews later", async () => {
    const node = await testNode();
    const before = node.certificates.context();
    node.current = { ...node.current, addresses: ["10.0.0.7"] };
    renameSync(node.folder, `${node.folder}-away`);
    await expect(node.certificates.renew()).rejects.toThrow("ENOENT");
    renameSync(`${node.folder}-away`, node.folder);
    expect(node.certificates.context()).toEqual(before);
    expect(await node.certificates.renew()).toBe(true);
  });
});

describe("what is found in the folder", () => {
  it.each(["ca.pem", "tls.pem"])("makes a damaged or missing %s anew", async (file) => {
    const clock = new ManualClock();
    const { folder } = await testNode({ clock });
    for (const damage of [
      () => writeFileSync(join(folder, file), "-----BEGIN CERTIFICATE-----\nAAAA"),
      () => rmSync(join(folder, file)),
    ]) {
      damage();
      opensslVerify(await testNode({ folder, clock }), clock.wall, "-verify_ip", "127.0.0.1");
    }
  });

  it("makes a leaf anew whose key is another's", async () => {
    const [mine, other] = [await testNode(), await testNode()];
    const [key, certificate] = [
      readFileSync(join(other.folder, "tls.pem"), "utf8"),
      readFileSync(join(mine.folder, "tls.pem"), "utf8"),
    ];
    const mixed = key.slice(0, key.indexOf("-----BEGIN CERT")) + certificate.slice(certificate.indexOf("-----BEGIN CERT"));
    writeFileSync(join(mine.folder, "tls.pem"), mixed);
    const again = await testNode({ folder: mine.folder });
    expect(again.certificates.context().key).not.toBe(other.certificates.context().key);
    opensslVerify(again, Date.now(), "-verify_ip", "127.0.0.1");
  });

  it("stops when ca.pem shows that identity.key is another node's", async () => {
    const { folder } = await testNode();
    const stranger = temporaryFolder();
    openIdentity(stranger, systemRandom);
    writeFileSync(join(folder, "identity.key"), readFileSync(join(stranger, "identity.key")));
    await expect(testNode({ folder })).rejects.toMatchObject({
      code: "KEY_UNUSABLE",
      message: expect.stringContaining("another key") as unknown,
    });
  });
});
