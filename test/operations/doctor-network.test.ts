/** What the doctor makes of how others reach the node: every decision on answers handed in, on a real certificate. */

import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { examine, type FindingCode } from "../../src/foundation/findings.ts";
import { NETWORK_PROBES, type NetworkReader, type Reply, type Scheme } from "../../src/operations/doctor-network.ts";
import { testNode } from "../identity/certificates.ts";
import { SettableClock } from "../support/clock.ts";

const DAY = 86_400_000;
const LAN = "192.168.1.20";
const HOLDER = { pid: 812, program: "cider-classic" };

/** A node that answers as the settings say, at loopback and on a LAN. */
async function healthy() {
  const clock = new SettableClock();
  const node = await testNode({ clock, addresses: [LAN] });
  const reader: NetworkReader = {
    nodeId: node.nodeId,
    port: 9473,
    plaintext: "loopback",
    now: () => clock.now(),
    certificate: () => new X509Certificate(node.certificates.context().cert),
    renewCertificate: () => node.certificates.renew(),
    addresses: () => ["127.0.0.1", LAN],
    ask: (scheme, address) =>
      Promise.resolve(scheme === "http" && address === LAN ? { status: 426 } : { status: 200, nodeId: node.nodeId }),
    discovery: () => ({ state: "on", reason: null, interfaces: ["eth0"] }),
    findSelf: () => Promise.resolve(true),
    holders: () => Promise.resolve([]),
  };
  return { clock, node, reader };
}

/** Answers as `reader` does, but so at this scheme and address. */
function answering({ ask }: NetworkReader, scheme: Scheme, address: string, reply: Reply): Pick<NetworkReader, "ask"> {
  return { ask: (...to) => (to[0] === scheme && to[1] === address ? Promise.resolve(reply) : ask(...to)) };
}

async function found(reader: NetworkReader, code: FindingCode) {
  const { findings } = await examine(NETWORK_PROBES, reader);
  return findings.filter((finding) => finding.code === code).map(({ level, what }) => [level, what]);
}

describe("a healthy node", () => {
  it("has one finding a probe, all well", async () => {
    const { findings, mended } = await examine(NETWORK_PROBES, (await healthy()).reader, { fix: true });
    expect(findings.map(({ code, level }) => [code, level])).toEqual(NETWORK_PROBES.map(({ code }) => [code, "ok"]));
    expect(mended).toEqual([]);
  });
});

describe("the certificate", () => {
  it("that has expired is found, and issued anew when asked", async () => {
    const { clock, reader } = await healthy();
    clock.ahead = 200 * DAY;
    expect(await found(reader, "CERTIFICATE_DATES")).toEqual([
      ["error", expect.stringMatching(/^the certificate expired 2\d days ago$/)],
    ]);
    expect((await examine(NETWORK_PROBES, reader, { fix: true })).mended).toEqual(["CERTIFICATE_DATES"]);
    expect(await found(reader, "CERTIFICATE_DATES")).toMatchObject([["ok", expect.stringContaining("another 179 days")]]);
  });

  it.each([
    [-3 * DAY, "error", "the certificate is valid only in 2 days: is the clock right?"],
    [160 * DAY, "warn", "the certificate is valid for another 19 days only, and was not renewed"],
  ] as const)("%d ms from now is %s", async (ahead, level, text) => {
    const { clock, reader } = await healthy();
    clock.ahead = ahead;
    expect(await found(reader, "CERTIFICATE_DATES")).toEqual([[level, text]]);
  });

  it("that lacks an address is found, and issued anew when asked", async () => {
    const { node, reader } = await healthy();
    const moved = { ...reader, addresses: () => ["127.0.0.1", "::1", LAN, "10.0.0.7"] };
    expect(await found(moved, "CERTIFICATE_NAMES")).toEqual([["warn", "the certificate does not name 10.0.0.7"]]);
    node.current = { ...node.current, addresses: [LAN, "10.0.0.7"] };
    expect((await examine(NETWORK_PROBES, moved, { fix: true })).mended).toEqual(["CERTIFICATE_NAMES"]);
  });

  it("need not name a public address, which its authority does not speak for", async () => {
    const { reader } = await healthy();
    expect(await found({ ...reader, addresses: () => [LAN, "203.0.113.7"] }, "CERTIFICATE_NAMES")).toMatchObject([
      ["ok", expect.anything()],
    ]);
  });

  it("that cannot be issued says why", async () => {
    const { clock, reader } = await healthy();
    clock.ahead = 200 * DAY;
    const failing = { ...reader, renewCertificate: () => Promise.reject(new Error("ENOSPC")) };
    const { findings, mended } = await examine(NETWORK_PROBES, failing, { fix: true });
    expect([mended, findings.map(({ what }) => what)]).toEqual([[], expect.arrayContaining(["could not be mended: ENOSPC"])]);
  });
});

describe("answers over TLS", () => {
  it("that do not come are an error at that address, with whoever else has the port", async () => {
    const { reader } = await healthy();
    const refused = answering(reader, "https", LAN, { failure: "connect ECONNREFUSED" });
    expect(await found({ ...reader, ...refused }, "ANSWERS_TLS")).toEqual([
      ["error", `${LAN} port 9473 does not answer as this node (connect ECONNREFUSED)`],
    ]);
    const taken = answering(reader, "https", "127.0.0.1", { failure: "self-signed certificate" });
    expect(await found({ ...reader, ...taken, holders: () => Promise.resolve([HOLDER]) }, "ANSWERS_TLS")).toEqual([
      [
        "error",
        "127.0.0.1 port 9473 does not answer as this node (self-signed certificate); the port is also held by cider-classic (process 812)",
      ],
    ]);
  });

  it("of something that tells no health, or of another node, are an error", async () => {
    const { reader } = await healthy();
    const strange = answering(reader, "https", LAN, { status: 404 });
    expect(await found({ ...reader, ...strange }, "ANSWERS_TLS")).toEqual([
      ["error", `${LAN} port 9473 does not answer as this node (no health was told)`],
    ]);
    const other = answering(reader, "https", LAN, { status: 200, nodeId: "another" });
    expect(await found({ ...reader, ...other }, "ANSWERS_TLS")).toEqual([
      ["error", `${LAN} port 9473 is answered by node another`],
    ]);
  });
});

describe("answers over plain HTTP", () => {
  it.each([
    ["never", "127.0.0.1", { status: 426 }],
    ["lan", LAN, "own"],
  ] as const)("follow the settings: %s", async (plaintext, address, reply) => {
    const { reader } = await healthy();
    const given = reply === "own" ? { status: 200, nodeId: reader.nodeId } : reply;
    const told = { ...reader, plaintext, ...answering(reader, "http", address, given) };
    expect(await found(told, "ANSWERS_PLAIN")).toMatchObject([["ok", expect.anything()]]);
  });

  it("where none are to be, or none where some are to be, are an error", async () => {
    const { reader } = await healthy();
    const open = answering(reader, "http", LAN, { status: 200, nodeId: reader.nodeId });
    expect(await found({ ...reader, ...open }, "ANSWERS_PLAIN")).toEqual([
      ["error", `plain HTTP at ${LAN} is to be refused, and was: 200`],
    ]);
    const silent = answering(reader, "http", "127.0.0.1", { failure: "no answer in time" });
    expect(await found({ ...reader, ...silent }, "ANSWERS_PLAIN")).toEqual([
      ["error", "plain HTTP at 127.0.0.1 is to be answered, and was: no answer in time"],
    ]);
  });
});

describe("multicast", () => {
  it("that does not come back is a warning", async () => {
    const { reader } = await healthy();
    const cut = { ...reader, findSelf: () => Promise.resolve(false) };
    expect(await found(cut, "MULTICAST")).toEqual([["warn", "the node is announced on eth0, and does not find itself"]]);
  });

  it("that cannot be listened to says who has port 5353", async () => {
    const { reader } = await healthy();
    const asked: unknown[] = [];
    const holders = (...which: readonly unknown[]) => {
      asked.push(which);
      return Promise.resolve([{ pid: 77, program: "dnsmasq" }]);
    };
    const discovery = () =>
      ({ state: "degraded", reason: "port 5353 is held by a program that does not share it", interfaces: [] }) as const;
    expect(await found({ ...reader, discovery, holders }, "MULTICAST")).toEqual([
      ["warn", "port 5353 is held by a program that does not share it: dnsmasq (process 77)"],
    ]);
    expect(asked).toEqual([["udp", 5353]]);
  });

  it("that fails for another reason blames nobody", async () => {
    const { reader } = await healthy();
    const discovery = () => ({ state: "degraded", reason: "EINVAL", interfaces: [] }) as const;
    const holders = () => expect.unreachable();
    expect(await found({ ...reader, discovery, holders }, "MULTICAST")).toEqual([["warn", "EINVAL"]]);
  });

  it("is well when it is off, or there is no network, and is not tried then", async () => {
    const { reader } = await healthy();
    for (const state of ["off", "on"] as const) {
      const idle = {
        ...reader,
        discovery: () => ({ state, reason: null, interfaces: [] }),
        findSelf: () => expect.unreachable(),
      };
      expect(await found(idle, "MULTICAST")).toMatchObject([["ok", expect.anything()]]);
    }
  });

  it("that cannot be examined is a warning with the reason", async () => {
    const { reader } = await healthy();
    const findSelf = () => Promise.reject(new Error("nodes cannot be looked for"));
    expect(await found({ ...reader, findSelf }, "MULTICAST")).toEqual([
      ["warn", "could not be examined: nodes cannot be looked for"],
    ]);
  });
});
