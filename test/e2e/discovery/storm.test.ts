/**
 * What a network can do to a node: claim its name, flood it, take its port. It goes on, quietly, and the others are
 * still found. `CIDER_STORM_SECONDS=60` makes the storm last a minute.
 */

import { setTimeout as pause } from "node:timers/promises";
import { beforeEach, describe, expect, it, type TestContext } from "vitest";
import { LOG_LINES_PER_MINUTE } from "../../../src/discovery/advertiser.ts";
import { PACKET_SPACING } from "../../../src/discovery/responder.ts";
import { requirePrograms, requireRoot } from "../support/requirements.ts";
import { until } from "../support/waiting.ts";
import { lanOf, type Members, wholeLines } from "./lan.ts";

const SECONDS = Number(process.env["CIDER_STORM_SECONDS"] ?? 10);

beforeEach((context: TestContext) => {
  requireRoot(context);
  requirePrograms(context, "ip");
});

describe("a responder that claims every name", () => {
  it("ends no node, makes none loud, and hides none", { timeout: 120_000 + SECONDS * 1000 }, async () => {
    const [one, two, third, hostile] = await lanOf(4);
    if (third === undefined || hostile === undefined) throw new Error("no fourth host");
    const hosts = [one, two, third];
    const nodes = await Promise.all(hosts.map((host) => host.node("studio")));
    const storm = hostile.script("hostile.ts", "storm", hostile.address);
    const counts = () => wholeLines(storm.stdout).at(-1);
    await until(counts, "the storm");
    await pause(SECONDS * 1000);

    expect(storm.hasEnded, storm.stderr).toBe(false);
    const sent = counts() ?? {};
    const mostPackets = Math.ceil(((SECONDS + 2) * 1000) / PACKET_SPACING) + 2;
    for (const { address } of hosts) {
      expect(sent[address], address).toBeGreaterThan(0);
      expect(sent[address], address).toBeLessThanOrEqual(mostPackets);
    }
    for (const node of nodes) {
      expect(node.process.hasEnded).toBe(false);
      // One line for the claim, one for the new announcement; the rest is what every start says.
      const said = node.lines.filter(({ msg }) => String(msg).includes("announce"));
      expect(said.length).toBeLessThanOrEqual(LOG_LINES_PER_MINUTE * Math.ceil((SECONDS + 30) / 60));
      expect(said.filter(({ msg }) => String(msg).includes("announces this node's name"))).toHaveLength(1);
    }
    const found = (await one.answer("discover", "--seconds", "3")) as { nodes: readonly Members[] };
    const proven = found.nodes.filter(({ identity }) => identity === "proven").map(({ nodeId }) => nodeId);
    expect(proven.sort()).toEqual(nodes.map(({ nodeId }) => nodeId).sort());
    const health = (await one.answer("status", "--data-dir", `${one.folder}/studio`)) as { discovery: Members };
    expect(health.discovery).toMatchObject({ state: "on", reason: null });
    process.stdout.write(
      `in ${SECONDS} s the three sent ${hosts.map(({ address }) => String(sent[address])).join(", ")} packets\n`,
    );
  });
});

describe("port 5353 held by a program that does not share it", () => {
  it("leaves the node running, and it says so", async (context) => {
    requirePrograms(context, "python3", "curl");
    const [here, there] = await lanOf(2);
    const holder = here.start(
      "/usr/bin/python3",
      "-c",
      'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 5353)); print("held", flush=True); time.sleep(600)',
    );
    await holder.line("stdout", (line) => (line === "held" ? line : undefined), "the port being held");
    const node = await here.node("studio");
    const reason = "port 5353 is held by a program that does not share it";
    const warning = await until(() => node.line(`node cannot be announced: ${reason}`), "the warning");
    expect(warning["level"]).toBe(40);
    const health = here.start("curl", "-s", "http://127.0.0.1:9473/api/health");
    expect(JSON.parse((await health.ended).stdout)).toMatchObject({ status: "degraded", discovery: "degraded" });
    const status = (await here.answer("status", "--data-dir", `${here.folder}/studio`)) as { discovery: Members };
    expect(status.discovery).toEqual({ state: "degraded", reason, interfaces: [] });

    const blind = await here.cider("discover").ended;
    expect(blind.code).toBe(3);
    expect(blind.stderr).toContain(reason);
    expect(await there.answer("discover")).toEqual({ nodes: [] });
    // Its warning came once, though it tried again, and it answers still.
    expect(node.lines.filter(({ msg }) => msg === warning["msg"])).toHaveLength(1);
    expect(node.process.hasEnded).toBe(false);
    await node.stop();
  });
});
