/** Whole nodes on hosts of their own, and programs of other authors that look for them. */

import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeEach, describe, expect, it, type TestContext } from "vitest";
import { requirePrograms, requireRoot } from "../support/requirements.ts";
import { until } from "../support/waiting.ts";
import { type Host, LINK, lanOf, type Members, PROGRAMS, wholeLines } from "./lan.ts";

interface Seen extends Members {
  readonly at: number;
  readonly sightings?: readonly { readonly nodeId: string; readonly addresses: readonly string[] }[];
}

beforeEach((context: TestContext) => {
  requireRoot(context);
  requirePrograms(context, "ip");
});

/** Pairs the second host with a node on the first by its name, and resolves to what `join` answered. */
async function pairByName(here: Host, there: Host, name: string): Promise<Members> {
  const window = here.cider("pair", "--data-dir", join(here.folder, name), "--json");
  const code = await window.line("stdout", (line) => /"code":"([0-9]{6})"/.exec(line)?.[1], "the code");
  return there.answer("join", name, code);
}

describe("time", () => {
  it("a new node is found within 1.2 s by who is looking, one that runs within 50 ms", async () => {
    const [here, there] = await lanOf(2);
    const looking = there.script("browse.ts");
    await looking.line("stdout", (line) => (line.includes("asked") ? line : undefined), "the question");
    const node = await here.node("studio");
    const seen = (text: string) => (wholeLines(text) as readonly Seen[]).find(({ sightings = [] }) => sightings.length > 0);
    const found = await until(() => seen(looking.stdout), "the new node's sighting");
    const announced = Date.parse(String(node.line("node is announced")?.["time"]));
    const whenPublished = found.at - announced;

    await looking.end("SIGKILL");
    const whenRunning: number[] = [];
    for (let round = 0; round < 3; round++) {
      // Until its announcements are over; a packet a second is all it sends.
      await pause(round === 0 ? 4500 : 1500);
      const late = there.script("browse.ts");
      const asked = JSON.parse(await late.line("stdout", (line) => line, "the question")) as Seen;
      whenRunning.push((await until(() => seen(late.stdout), "the running node's sighting")).at - asked.at);
      await late.end("SIGKILL");
    }
    process.stdout.write(`found ${whenPublished} ms after publishing, and after ${whenRunning.join(", ")} ms when running\n`);
    expect(whenPublished).toBeLessThan(1200);
    expect(Math.min(...whenRunning)).toBeLessThan(50);
  });
});

describe("independent browsers", () => {
  it("avahi-browse, beside its own daemon and one of our nodes, resolves name, port, TXT and addresses", async (context) => {
    requirePrograms(context, "avahi-daemon", "avahi-browse", "dbus-daemon");
    const [here, there] = await lanOf(2);
    // An address of another link of that host must not turn up on this one.
    await here.ip("link", "add", "other0", "type", "veth", "peer", "name", "other1");
    await here.ip("address", "add", "10.88.0.1/24", "dev", "other0");
    for (const link of ["other0", "other1"]) await here.ip("link", "set", link, "up");
    const avahi = there.start("sh", join(PROGRAMS, "avahi.sh"), there.folder, LINK);
    await avahi.line("stderr", (line) => (line.includes("Server startup complete") ? line : undefined), "avahi's start");
    const [studio, beside] = await Promise.all([here.node("studio", "--port", "9480"), there.node("beside")]);
    const bus = `DBUS_SYSTEM_BUS_ADDRESS=unix:path=${there.folder}/bus`;
    const browse = there.start("env", bus, "avahi-browse", "-rpt", "_cider-fleet._tcp");
    const { stdout } = await browse.ended;
    const resolved = stdout.split("\n").filter((line) => line.startsWith("=") && line.includes("studio"));
    expect(resolved.length, stdout).toBeGreaterThan(0);
    for (const line of resolved) {
      const [, link, , instance = "", , , host = "", address = "", port, ...txt] = line.split(";");
      expect(link).toBe(LINK);
      expect(instance).toBe(`studio\\032\\040${studio.nodeId.slice(0, 6)}\\041`);
      expect(host).toBe(`cider-${studio.nodeId.replaceAll("-", "").slice(0, 12)}.local`);
      expect(port).toBe("9480");
      expect(txt.join(";")).toContain(`"id=${studio.nodeId}"`);
      expect(address).not.toBe("10.88.0.1");
    }
    expect(resolved.map((line) => line.split(";")[7])).toContain(here.address);
    // Both responders of that host serve their own names; avahi kept its host name.
    expect(avahi.stderr).not.toContain("conflict");
    expect(stdout).toContain(beside.nodeId);
  });

  it("python-zeroconf resolves the same, sees a new address and a new name, and hears the goodbye", async (context) => {
    requirePrograms(context, "/usr/bin/python3", "curl");
    const [here, there] = await lanOf(2);
    const browse = there.start("/usr/bin/python3", join(PROGRAMS, "zeroconf-browse.py"), there.address);
    const node = await here.node("studio");
    const said = (fits: (line: Members) => boolean, what: string) =>
      until(() => wholeLines(browse.stdout).find(fits), `${what}: ${browse.stderr}`);
    const instance = `studio (${node.nodeId.slice(0, 6)})._cider-fleet._tcp.local.`;
    const found = await said(({ event, name }) => event === "found" && name === instance, "the sighting");
    expect(found).toMatchObject({ port: 9473, txt: { txtvers: "1", id: node.nodeId } });
    expect(found["addresses"]).toEqual(expect.arrayContaining([here.address, here.address6]));

    await here.ip("address", "add", "10.77.0.101/24", "dev", LINK);
    await said(({ addresses }) => Array.isArray(addresses) && addresses.includes("10.77.0.101"), "the new address");

    const socket = join(here.folder, "studio/run/node.sock");
    const rename = ["-X", "PATCH", "-H", "content-type: application/json", "-d", '{"name":"attic"}', "http://localhost/v1/node"];
    await here.start("curl", "-sf", "--unix-socket", socket, ...rename).ended;
    await said(({ event, name }) => event === "gone" && name === instance, "the end of the old name");
    const renamed = instance.replace("studio", "attic");
    await said(({ event, name }) => event === "found" && name === renamed, "the new name");

    await node.stop();
    await said(({ event, name }) => event === "gone" && name === renamed, "the goodbye");
  });
});

describe("hosts of all kinds", () => {
  it("are found over IPv6 alone, two nodes on one of them, and again after the link was down", async () => {
    const [here, there] = await lanOf(2);
    for (const host of [here, there]) await host.ip("address", "del", `${host.address}/24`, "dev", LINK);
    const nodes = [await here.node("studio"), await here.node("attic", "--port", "9474")];
    const found = async () => {
      const answer = (await there.answer("discover")) as { nodes: readonly Members[] };
      return answer.nodes.filter(({ identity }) => identity === "proven").map(({ nodeId, port }) => [nodeId, port]);
    };
    const both = [
      [nodes[1]?.nodeId, 9474],
      [nodes[0]?.nodeId, 9473],
    ];
    expect(await found()).toEqual(both);

    await here.ip("link", "set", LINK, "down");
    expect(await found()).toEqual([]);
    await here.ip("link", "set", LINK, "up");
    await here.ip("address", "add", `${here.address6}/64`, "dev", LINK, "nodad");
    await until(async () => ((await found()).length === 2 ? true : undefined), "both nodes after the link came back");
  });
});

describe("watching", () => {
  it("tells of a node that comes and goes, and ends with Ctrl-C", async () => {
    const [here, there] = await lanOf(2);
    const watching = there.cider("discover", "--watch", "--json");
    const node = await here.node("studio");
    const told = (event: string) =>
      until(() => wholeLines(watching.stdout).find((line) => line["event"] === event), `${event}: ${watching.stderr}`);
    expect(await told("found")).toMatchObject({ node: { nodeId: node.nodeId, identity: "proven", paired: false } });
    await node.stop();
    expect(await told("gone")).toMatchObject({ node: { nodeId: node.nodeId } });
    expect(await watching.end("SIGINT")).toMatchObject({ code: 130, stderr: "" });
  });
});

describe("by name and id", () => {
  it("pairs, calls and follows a node whose address changes without a word", async () => {
    const [here, there, third] = await lanOf(3);
    if (third === undefined) throw new Error("no third host");
    const node = await here.node("studio");
    expect(await pairByName(here, there, "studio")).toMatchObject({ responderNodeId: node.nodeId, responderName: "studio" });
    const { nodes } = (await there.answer("discover")) as { nodes: readonly Members[] };
    expect(nodes).toEqual([
      expect.objectContaining({ name: "studio", nodeId: node.nodeId, paired: true, identity: "proven", pairing: "closed" }),
    ]);
    const zoned = ((nodes[0]?.["addresses"] ?? []) as readonly string[]).find((address) => address.endsWith(`%${LINK}`)) ?? "";
    for (const host of ["studio", "STUDIO", node.nodeId, zoned, `[${zoned}]:9473`]) {
      expect(await there.answer("status", "--host", host)).toMatchObject({ nodeId: node.nodeId });
    }

    const window = there.cider("pair", "--host", "studio", "--json");
    await window.line("stdout", (line) => /"code":"([0-9]{6})"/.exec(line)?.[1], "a code on the other host");
    await window.end("SIGINT");

    const { token } = await there.answer("token", "generate", "--name", "ci", "--host", node.nodeId);
    const holder = third.script("caller.ts", "studio", String(token));
    expect(JSON.parse(await holder.line("stdout", (line) => line, "a call with a token"))).toEqual({ nodeId: node.nodeId });
    await holder.end("SIGKILL");

    const caller = there.script("caller.ts", node.nodeId);
    await caller.line("stdout", (line) => line, "the first call");
    const browser = there.script("browse.ts");
    const moved = Date.now();
    await here.ip("address", "del", `${here.address}/24`, "dev", LINK);
    await here.ip("address", "add", "10.77.0.101/24", "dev", LINK);
    const isNew = ({ sightings = [] }: Seen) => sightings.some(({ addresses }) => addresses.includes("10.77.0.101"));
    const announced = await until(() => (wholeLines(browser.stdout) as readonly Seen[]).find(isNew), "the new address");
    await until(async () => {
      const handshake = there.start("openssl", "s_client", "-connect", "10.77.0.101:9473");
      handshake.write("");
      const { stdout } = await handshake.ended;
      const [pem] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(stdout) ?? [];
      return pem === undefined ? undefined : new X509Certificate(pem).checkIP("10.77.0.101");
    }, "a certificate for the new address");
    expect(Date.now() - moved).toBeLessThan(8000);
    process.stdout.write(
      `the new address was certified ${Date.now() - moved} ms after the change, and seen ${announced.at - moved} ms after it\n`,
    );
    const before = wholeLines(caller.stdout).length;
    await until(() => (wholeLines(caller.stdout).length > before + 3 ? true : undefined), "further calls");
    expect(wholeLines(caller.stdout).filter((line) => line["nodeId"] !== node.nodeId)).toEqual([]);
  });

  it("shows an announced id behind which another node answers, and sends that one nothing", async () => {
    const [here, there, elsewhere] = await lanOf(3);
    if (elsewhere === undefined) throw new Error("no third host");
    const node = await here.node("studio");
    await pairByName(here, there, "studio");
    await node.stop();
    const other = await elsewhere.node("other");
    elsewhere.script("hostile.ts", "claim", elsewhere.address, elsewhere.address, "9473", node.nodeId);
    const claimed = await until(async () => {
      const { nodes } = (await there.answer("discover")) as { nodes: readonly Members[] };
      return nodes.find(({ nodeId }) => nodeId === node.nodeId);
    }, "the claim");
    expect(claimed).toMatchObject({ identity: "mismatch", answeredBy: other.nodeId, paired: true, pairing: null });
    const refused = await there.cider("status", "--host", node.nodeId).ended;
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain(`node ${other.nodeId} answers there`);
  });

  it("refuses a name that two nodes have, naming both, and a name that none has", async () => {
    const [here, there, elsewhere] = await lanOf(3);
    if (elsewhere === undefined) throw new Error("no third host");
    const nodes = await Promise.all([here.node("studio"), elsewhere.node("studio")]);
    const both = await there.cider("join", "studio", "123456").ended;
    expect(both.code).toBe(2);
    for (const { nodeId } of nodes) expect(both.stderr).toContain(nodeId);
    const none = await there.cider("join", "attic", "123456").ended;
    expect(none.code).toBe(5);
    expect(none.stderr).toContain('no node "attic" was found on the LAN');
  });
});
