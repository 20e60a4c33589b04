/** Pair, make a token, install the service, and nobody who uses the node notices; a service that does not work is taken back. */

import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { install } from "../../src/cli/service/install.ts";
import { type InstallRequest, planInstall } from "../../src/cli/service/plan.ts";
import { systemClock } from "../../src/foundation/clock.ts";
import { FleetClient, localClient } from "../../src/sdk-node/index.ts";
import { type Running, start } from "../cli/doubles.ts";
import { memoryStore } from "../e2e/support/clients.ts";
import { textLike } from "../support/anything.ts";
import { othersMayEnter } from "../support/reach.ts";
import { Machine, REQUEST, SUCCESS } from "./machine.ts";
import { Manager, SERVICE_ACCOUNT } from "./manager.ts";

/** As root the service is another account, which must be able to run this clone. */
const CAN_BE_RUN = process.getuid?.() !== 0 || othersMayEnter(import.meta.dirname);

const TRIED = "/home/ann/.local/state/cider-fleet";
const SERVICE = "/var/lib/cider-fleet";
const UNIT = "/etc/systemd/system/cider-fleet.service";

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("a daemon of macOS, by its tools", () => {
  const PLIST = "/Library/LaunchDaemons/cider-fleet.plist";
  const DATA = "/Users/ann/Library/Application Support/cider-fleet";

  it("is ended and waited for before the new one is loaded, and comes back when that does not answer", async () => {
    let loaded = true;
    const unload = (): void => {
      loaded = false;
    };
    const person = { name: "ann", uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, home: "/Users/ann" };
    const calls: string[] = [];
    const machine: Machine = new Machine("darwin", 0, {}, ([program, word = ""]) => {
      if (program === "dscl")
        return { ...SUCCESS, stdout: `NFSHomeDirectory: /Users/ann\nPrimaryGroupID: ${person.gid}\nUniqueID: ${person.uid}\n` };
      if (program !== "launchctl") return undefined;
      calls.push(word);
      if (word === "print") return { ...SUCCESS, code: loaded ? 0 : 113 };
      // The job takes a look to be gone, as with launchd.
      if (word === "bootout") setTimeout(unload, 50);
      if (word === "bootstrap" && loaded)
        return { ...SUCCESS, code: 37, stderr: "Bootstrap failed: 37: Operation already in progress" };
      if (word === "bootstrap") loaded = true;
      return SUCCESS;
    });
    machine.addNode(DATA, 1);
    machine.write(PLIST, "the old job");
    const surroundings = { ...machine.surroundings, person };
    const plan = planInstall(surroundings, { ...REQUEST, port: await freePort() });
    const told: string[] = [];
    const failing = install(plan, { surroundings, clock: systemClock, patience: 0, tell: (text) => void told.push(text) });
    await expect(failing).rejects.toThrow("the service was started and does not answer");
    expect(calls.filter((word) => word !== "print" && word !== "version")).toEqual([
      "bootout",
      "enable",
      "bootstrap",
      "bootout",
      "enable",
      "bootstrap",
    ]);
    expect(readFileSync(machine.at(PLIST), "utf8")).toBe("the old job");
    expect(existsSync(machine.at(`${DATA}/identity.key`))).toBe(true);
    expect(told).toEqual(["it did not work; everything is taken back", "the old service is back"]);
  });
});

describe("a host whose service manager does not help", () => {
  const refusing = (command: string) =>
    new Machine("linux", 0, {}, (words) => {
      if (words[0] === "getent") return { ...SUCCESS, stdout: "cider-fleet:x:1:1::/:/bin/false\n" };
      return words.join(" ").startsWith(command)
        ? { ...SUCCESS, code: 1, stderr: "System has not been booted with systemd" }
        : undefined;
    });
  const installOn = async ({ surroundings }: Machine) => {
    const plan = planInstall(surroundings, { ...REQUEST, port: await freePort() });
    return install(plan, { surroundings, clock: systemClock, patience: 0, tell: () => undefined });
  };
  const refusal = { code: "SERVICE_REFUSED", message: textLike(/failed: System has not been booted with systemd$/) };

  it("keeps its accounts, folders and files as they are", async () => {
    const machine = refusing("systemctl show");
    machine.addNode(TRIED, 1);
    await expect(installOn(machine)).rejects.toMatchObject(refusal);
    expect(machine.diary).toEqual([]);
    expect(existsSync(machine.at(`${TRIED}/identity.key`))).toBe(true);
  });

  it("gets them back when it refuses later", async () => {
    const machine = refusing("systemctl enable");
    machine.addNode(TRIED, 1);
    await expect(installOn(machine)).rejects.toMatchObject(refusal);
    expect(existsSync(machine.at(`${TRIED}/identity.key`))).toBe(true);
    for (const path of [SERVICE, UNIT]) expect(existsSync(machine.at(path))).toBe(false);
    expect(machine.diary.at(-1)).toBe("systemctl daemon-reload");
  });
});

describe("a node that was tried and is installed", () => {
  let machine: Machine;
  let manager: Manager;
  let port: number;
  let tried: Running;
  const told: string[] = [];

  const installed = (request: Partial<InstallRequest> = {}, patience = 20_000) => {
    const { surroundings } = machine;
    const plan = planInstall(surroundings, { ...REQUEST, ...request });
    return install(plan, { surroundings, clock: systemClock, patience, tell: (text) => void told.push(text) });
  };

  const statusIn = async (folder: string) => {
    const client = localClient(join(machine.at(folder), "run/node.sock"));
    try {
      return await client.getStatus();
    } finally {
      client.close();
    }
  };

  beforeEach(async () => {
    told.length = 0;
    port = await freePort();
    const answer = (words: readonly string[]) => manager.answer(words);
    machine = new Machine("linux", 0, {}, answer);
    chmodSync(machine.root, 0o755);
    manager = new Manager(machine.root);
    const config = machine.write("/home/ann/.config/cider-fleet/cider-fleet.toml", `listen = ["127.0.0.1"]\nport = ${port}\n`);
    mkdirSync(machine.at("/home/ann/.local/state"), { recursive: true });
    tried = start(["up", "--data-dir", machine.at(TRIED), "--config", config], { CIDER_DISCOVERY: "off" });
    await tried.says(/node started/, "err");
  });

  afterEach(async () => {
    await manager.stop();
    await tried.end("SIGTERM");
  });

  it.runIf(CAN_BE_RUN)("keeps its id, peers and tokens, and its owner is the service's account", async () => {
    const local = localClient(join(machine.at(TRIED), "run/node.sock"));
    const { code } = await local.openPairing({});
    local.close();
    const store = memoryStore();
    const paired = await FleetClient.pair("127.0.0.1", code ?? "", "my-ci", port, { store });
    const nodeId = paired.responderNodeId;
    const peer = new FleetClient({ host: "127.0.0.1", port, nodeId: paired.nodeId, store });
    const { token } = await peer.generateAPIToken("ci", "readOnly");
    const script = new FleetClient({ host: "127.0.0.1", port, apiToken: token, store: memoryStore() });
    expect((await script.getNodeInfo()).nodeId).toBe(nodeId);
    await tried.end("SIGTERM");

    const proof = await installed();
    expect(proof?.status).toMatchObject({ nodeId, peers: 1, tokens: 1 });
    expect(proof?.reached).toEqual(["127.0.0.1"]);
    expect((await script.getNodeInfo()).nodeId).toBe(nodeId);
    expect((await peer.listAPITokens()).map(({ name }) => name)).toEqual(["ci"]);
    expect(existsSync(machine.at(TRIED))).toBe(false);
    for (const path of [SERVICE, `${SERVICE}/identity.key`]) expect(statSync(machine.at(path))).toMatchObject(SERVICE_ACCOUNT);
    expect(statSync(machine.at(`${SERVICE}/identity.key`)).mode & 0o777).toBe(0o600);
    expect(machine.diary).toEqual([
      "systemctl daemon-reload",
      "systemctl enable cider-fleet.service",
      "systemctl reset-failed cider-fleet.service",
      "systemctl start cider-fleet.service",
    ]);
    script.close();
    peer.close();

    // The package is upgraded and the service installed again: the same node, under a unit that names the new program.
    const before = readFileSync(machine.at(UNIT), "utf8");
    Object.assign(machine.surroundings, { script: "/usr/lib/node_modules/cider-fleet/bin/cider-fleet.cjs" });
    const again = await installed();
    expect(again?.status.nodeId).toBe(nodeId);
    expect(readFileSync(machine.at(UNIT), "utf8")).not.toBe(before);

    // And once more with a service that dies: the unit that worked is back, and runs.
    const working = readFileSync(machine.at(UNIT), "utf8");
    Object.assign(machine.surroundings, { script: "/opt/cider-fleet/bin/cider-fleet.cjs" });
    manager.broken = ["/bin/sh", "-c", "echo boom >&2; exit 1"];
    await expect(installed({}, 1000)).rejects.toThrow(/does not answer; its log ends with:\n[\s\S]*boom/);
    expect(readFileSync(machine.at(UNIT), "utf8")).toBe(working);
    expect(told).toContain("the old service is back");
    expect(machine.diary.slice(-3)).toEqual([
      "systemctl enable cider-fleet.service",
      "systemctl reset-failed cider-fleet.service",
      "systemctl start cider-fleet.service",
    ]);
  });

  it("is not taken while it runs, and nothing is changed then", async () => {
    await expect(installed()).rejects.toMatchObject({ code: "FOLDER_IN_USE" });
    expect(existsSync(machine.at(UNIT))).toBe(false);
    expect((await statusIn(TRIED)).dataDir).toBe(machine.at(TRIED));
  });

  it("is back in its folder, with its owner, when the service does not work", async () => {
    const { nodeId } = await statusIn(TRIED);
    await tried.end("SIGTERM");
    const { gid, uid } = statSync(machine.at(TRIED));
    manager.broken = ["/bin/sh", "-c", "exit 1"];
    await expect(installed({}, 500)).rejects.toThrow("the service was started and does not answer");
    expect(existsSync(machine.at(SERVICE))).toBe(false);
    expect(existsSync(machine.at(UNIT))).toBe(false);
    expect(existsSync(machine.at("/etc/cider-fleet/cider-fleet.toml"))).toBe(false);
    expect(statSync(machine.at(`${TRIED}/identity.key`))).toMatchObject({ gid, uid });
    expect(machine.diary).toContain("systemctl disable --now cider-fleet.service");
    const config = machine.at("/home/ann/.config/cider-fleet/cider-fleet.toml");
    tried = start(["up", "--data-dir", machine.at(TRIED), "--config", config]);
    await tried.says(/node started/, "err");
    expect((await statusIn(TRIED)).nodeId).toBe(nodeId);
  });

  it("says who has the port, with two ways out, before anything is changed", async () => {
    await tried.end("SIGTERM");
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
    await expect(installed()).rejects.toMatchObject({
      exit: "BUSY",
      message: expect.stringMatching(`^port ${port} is taken by .+, maybe the discontinued product`) as string,
      remedy: expect.stringMatching(/end that program .*; or install on another port: --port/) as string,
    });
    await new Promise((resolve) => other.close(resolve));
    expect(existsSync(machine.at(TRIED))).toBe(true);
    expect(existsSync(machine.at(UNIT))).toBe(false);
  });
});
