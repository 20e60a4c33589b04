/** What the doctor finds around the node: every decision on facts handed in, and this machine's own. */

import { describe, expect, it } from "vitest";
import { examine, type Finding } from "../../src/foundation/findings.ts";
import {
  leastVersion,
  lookAtNode,
  MACHINE_PROBES,
  type MachineReader,
  machineReader,
  neighbourOf,
  type Origin,
  privacyOf,
} from "../../src/host/doctor/machine.ts";

const LAN = { address: "192.168.1.20", family: 4, interface: "en0", cidr: "192.168.1.20/24", loopback: false } as const;
const AGENT: Origin = {
  platform: "darwin",
  release: "24.1.0",
  uid: 501,
  parent: 1,
  manager: "Aqua",
  terminal: undefined,
  ssh: false,
};

const HEALTHY: MachineReader = {
  port: 9473,
  node: "22.3.0",
  leastNode: "20.19.0",
  origin: async () => ({ ...AGENT, manager: "System" }),
  firewall: async () => undefined,
  reached: () => false,
  addresses: () => [LAN],
  send: async () => undefined,
};

async function findingOf(code: Finding["code"], reader: Partial<MachineReader>): Promise<Finding | undefined> {
  const { findings } = await examine(MACHINE_PROBES, { ...HEALTHY, ...reader });
  return findings.find((finding) => finding.code === code);
}

describe("a healthy machine", () => {
  it("has one finding a probe, all well", async () => {
    const { findings } = await examine(MACHINE_PROBES, HEALTHY);
    expect(findings.map(({ code, level }) => [code, level])).toEqual(MACHINE_PROBES.map(({ code }) => [code, "ok"]));
  });

  it("is this one, as far as nothing outside decides", async () => {
    const reader = machineReader({ port: 9473, addresses: [], reached: () => true }, ">=20.19.0");
    expect(lookAtNode(reader).level).toBe("ok");
    expect(await reader.origin()).toMatchObject({ platform: process.platform, parent: process.ppid });
    const { findings } = await examine(MACHINE_PROBES, reader);
    expect(findings.filter(({ what }) => what.startsWith("could not be examined"))).toEqual([]);
  });
});

describe("Node", () => {
  it.each([
    ["20.18.3", "error"],
    ["20.19.0", "ok"],
    ["20.100.0", "ok"],
    ["9.0.0", "error"],
    ["100.0.0", "ok"],
  ] as const)("%s is %s", (node, level) => {
    expect(lookAtNode({ node, leastNode: leastVersion(">=20.19.0") }).level).toBe(level);
  });
});

describe("the privacy of macOS", () => {
  it.each([
    ["an agent", {}, "warn", "service install --system"],
    ["a child of another app", { parent: 77, terminal: "iTerm.app" }, "warn", 'allow "iTerm.app"'],
    ["a child of nobody knows whom", { parent: 77 }, "warn", "Local Network"],
    ["an agent whose manager cannot be asked", { manager: undefined }, "warn", "service install --system"],
    ["a daemon", { manager: "System" }, "ok", ""],
    ["root", { uid: 0 }, "ok", ""],
    ["a child of Terminal", { parent: 77, terminal: "Apple_Terminal" }, "ok", ""],
    ["somebody over SSH", { parent: 77, ssh: true }, "ok", ""],
    ["macOS 14", { release: "23.6.0" }, "ok", ""],
    ["Linux", { platform: "linux", release: "24.0.0" }, "ok", ""],
  ] as const)("for %s", (_, facts, level, remedy) => {
    const finding = privacyOf({ ...AGENT, ...facts });
    expect([finding.level, finding.remedy ?? ""]).toEqual([level, expect.stringContaining(remedy)]);
  });
});

describe("a firewall", () => {
  it.each([
    ["macOS", "System Settings"],
    ["ufw", "sudo ufw allow 9473/tcp"],
    ["firewalld", "--add-port=9473/tcp"],
  ] as const)("%s is a warning until somebody came through", async (firewall, remedy) => {
    const found = await findingOf("FIREWALL", { firewall: async () => firewall });
    expect(found).toMatchObject({ level: "warn", remedy: expect.stringContaining(remedy) as string });
    expect(await findingOf("FIREWALL", { firewall: async () => firewall, reached: () => true })).toMatchObject({ level: "ok" });
  });
});

describe("ways out", () => {
  it("that are closed are named with the system's reason", async () => {
    const found = await findingOf("UNICAST", { send: async () => "EHOSTUNREACH" });
    expect(found).toMatchObject({ level: "warn", what: "no packet leaves by en0 (EHOSTUNREACH)" });
  });

  it("are none without a network", async () => {
    expect(await findingOf("UNICAST", { addresses: () => [] })).toMatchObject({ level: "ok" });
  });

  it("are tried towards a neighbour, never towards the machine itself", () => {
    const neighbour = (cidr: string) => neighbourOf({ address: cidr.split("/")[0] ?? "", cidr });
    expect(neighbour("192.168.1.20/24")).toBe("192.168.1.1");
    expect(neighbour("192.168.1.1/24")).toBe("192.168.1.2");
    expect(neighbour("10.0.0.2/30")).toBe("10.0.0.1");
    expect(neighbour("172.16.9.9/12")).toBe("172.16.0.1");
    expect(neighbour("203.0.113.7/32")).not.toBe("203.0.113.7");
  });
});
