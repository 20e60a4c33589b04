/** The doctor on a LAN: a clean bill, and what it says when multicast is cut or its port is held by another program. */

import { beforeEach, describe, expect, it, type TestContext } from "vitest";
import { requirePrograms, requireRoot } from "../support/requirements.ts";
import { until } from "../support/waiting.ts";
import { type Host, lanOf, type Members } from "./lan.ts";

beforeEach((context: TestContext) => {
  requireRoot(context);
  requirePrograms(context, "ip");
});

/** What depends on the machine that runs the test. */
const OF_THE_MACHINE = ["DISK_SPACE", "OTHER_CIDER"];

async function examined(host: Host): Promise<readonly Members[]> {
  const { findings } = await host.answer("doctor", "--data-dir", `${host.folder}/studio`);
  return findings as readonly Members[];
}

/** Resolves to level and text of the one finding about multicast. */
async function multicastOf(host: Host): Promise<readonly unknown[]> {
  const [finding] = (await examined(host)).filter(({ code }) => code === "MULTICAST");
  return [finding?.["level"], finding?.["what"]];
}

describe("a node on a LAN", () => {
  it("has a clean bill: it finds itself and answers at every address", async () => {
    const [here] = await lanOf(2);
    const node = await here.node("studio");
    const findings = await examined(here);
    expect(findings.filter(({ code, level }) => level !== "ok" && !OF_THE_MACHINE.includes(String(code)))).toEqual([]);
    const told = Object.fromEntries(findings.map(({ code, what }) => [String(code), what] as const));
    expect(told).toMatchObject({
      MULTICAST: "the node is announced on lan0 and finds itself",
      UNICAST: "packets leave by lan0",
      ANSWERS_TLS: `127.0.0.1, ${here.address}, ::1, ${here.address6} answer on port 9473`,
    });
    await node.stop();
  });

  it("says that multicast is cut, and goes on", async () => {
    const [here] = await lanOf(2);
    const node = await here.node("studio");
    const allow = (memberships: number) =>
      here.start("sh", "-c", `echo ${memberships} > /proc/sys/net/ipv4/igmp_max_memberships`).ended;
    expect((await allow(0)).code).toBe(0);
    // Who notices first, the doctor or the announcement, is chance; both name the reason.
    expect(await multicastOf(here)).toEqual(["warn", expect.stringContaining("addMembership ENOBUFS")]);
    expect(node.process.hasEnded).toBe(false);
    await allow(20);
    // Where the announcement noticed too, it tries the link again half a minute later.
    const isWell = async (): Promise<boolean> => (await multicastOf(here))[0] === "ok";
    const giveUp = Date.now() + 60_000;
    while (!(await isWell()) && Date.now() < giveUp) await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await multicastOf(here)).toEqual(["ok", "the node is announced on lan0 and finds itself"]);
    await node.stop();
  });

  it("says who has port 5353", async (context) => {
    requirePrograms(context, "python3");
    const [here] = await lanOf(2);
    const holder = here.start(
      "/usr/bin/python3",
      "-c",
      'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 5353)); print("held", flush=True); time.sleep(600)',
    );
    await holder.line("stdout", (line) => (line === "held" ? line : undefined), "the port being held");
    const node = await here.node("studio");
    const reason = "node cannot be announced: port 5353 is held by a program that does not share it";
    await until(() => node.line(reason), "the warning");
    expect(await multicastOf(here)).toEqual([
      "warn",
      expect.stringMatching(/^port 5353 is held by a program that does not share it: python3 \(process \d+\)$/),
    ]);
    await node.stop();
  });
});
