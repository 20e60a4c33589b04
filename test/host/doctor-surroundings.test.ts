/** What the doctor finds beside a node: each finding provoked by facts handed in. */

import { describe, expect, it } from "vitest";
import { examine, type FindingCode } from "../../src/foundation/findings.ts";
import { SURROUNDINGS_PROBES, type SurroundingsReader } from "../../src/host/doctor/surroundings.ts";

const RUNNING: SurroundingsReader = {
  running: true,
  homeless: undefined,
  socket: "/data/run/node.sock",
  hasSocket: () => true,
  removeSocket: () => expect.unreachable(),
  port: 9473,
  isTaken: () => Promise.resolve(true),
  holders: () => Promise.resolve([]),
  otherCiders: () => [],
  drift: () => undefined,
};
const STOPPED: SurroundingsReader = { ...RUNNING, running: false, hasSocket: () => false, isTaken: () => Promise.resolve(false) };

async function found(reader: SurroundingsReader, code: FindingCode) {
  const { findings } = await examine(SURROUNDINGS_PROBES, reader);
  return findings.filter((finding) => finding.code === code).map(({ level, what }) => [level, what]);
}

describe("beside a node that runs", () => {
  it("all is well", async () => {
    const { findings, mended } = await examine(SURROUNDINGS_PROBES, RUNNING, { fix: true });
    expect(findings.map(({ code, level }) => [code, level])).toEqual(SURROUNDINGS_PROBES.map(({ code }) => [code, "ok"]));
    expect(mended).toEqual([]);
  });

  it("another cider is named with both ways out", async () => {
    const others = [{ what: "another program is called cider: /opt/cider", waysOut: ["use this", "remove that"] as const }];
    const { findings } = await examine(SURROUNDINGS_PROBES, { ...RUNNING, otherCiders: () => others });
    expect(findings.find(({ code }) => code === "OTHER_CIDER")).toMatchObject({
      level: "warn",
      what: "another program is called cider: /opt/cider",
      remedy: "use this; or remove that",
    });
  });

  it("a unit that points to something gone is named with its remedy, a good one is well", async () => {
    const drift = [{ what: "Node is gone: /usr/bin/node", remedy: "install Node" }];
    expect(await found({ ...RUNNING, drift: () => drift }, "UNIT_DRIFT")).toEqual([["error", "Node is gone: /usr/bin/node"]]);
    expect(await found({ ...RUNNING, drift: () => [] }, "UNIT_DRIFT")).toEqual([["ok", expect.any(String)]]);
  });
});

describe("beside a node that does not run", () => {
  it("that is the finding, and a free port is well", async () => {
    expect(await found(STOPPED, "NODE_RUNS")).toEqual([["error", "no node answers at /data/run/node.sock"]]);
    expect(await found({ ...STOPPED, homeless: "no node is kept here" }, "NODE_RUNS")).toEqual([
      ["error", "no node is kept here"],
    ]);
    expect(await found(STOPPED, "PORT_HOLDER")).toEqual([["ok", "port 9473 is free"]]);
    expect(await found({ ...STOPPED, port: 0, isTaken: () => expect.unreachable() }, "PORT_HOLDER")).toEqual([
      ["ok", expect.any(String)],
    ]);
  });

  it("whoever has its port is named", async () => {
    const taken = { ...STOPPED, isTaken: () => Promise.resolve(true) };
    const holders = () => Promise.resolve([{ pid: 812, program: "cider-classic" }]);
    expect(await found({ ...taken, holders }, "PORT_HOLDER")).toEqual([
      ["error", "port 9473 is taken by cider-classic (process 812)"],
    ]);
    expect(await found(taken, "PORT_HOLDER")).toEqual([
      ["error", "port 9473 is taken by a program that this account cannot see"],
    ]);
  });

  it("a socket that was left behind is removed when asked", async () => {
    let there = true;
    const left = {
      ...STOPPED,
      hasSocket: () => there,
      removeSocket: () => {
        there = false;
      },
    };
    expect(await found(left, "SOCKET_STALE")).toEqual([["warn", "/data/run/node.sock is there, and nobody answers"]]);
    expect(there).toBe(true);
    expect((await examine(SURROUNDINGS_PROBES, left, { fix: true })).mended).toEqual(["SOCKET_STALE"]);
  });
});
