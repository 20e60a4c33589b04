/** RunDoctor against a running node: a clean bill, and what its own folder, clock, record and trust can have. */

import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FINDINGS } from "../../src/foundation/findings.ts";
import type { JsonObject } from "../../src/wire/parse.ts";
import { SettableClock } from "../support/clock.ts";
import { ask, asLocal, listIn } from "../support/http.ts";
import { nodeOfTest, type TestNode } from "../support/node.ts";
import { askSigned, pair } from "../support/peers.ts";

const DAY = 86_400_000;

/** What depends on the machine that runs the test. */
const OF_THE_MACHINE = ["DISK_SPACE", "FIREWALL", "UNICAST"];

async function examined(node: TestNode, input: JsonObject = {}): Promise<readonly JsonObject[]> {
  return listIn(await asLocal(node, "RunDoctor", input), "findings");
}

/** Resolves to what is ill with this code. */
async function ill(node: TestNode, code: keyof typeof FINDINGS): Promise<readonly unknown[]> {
  return (await examined(node))
    .filter((finding) => finding["code"] === code && finding["level"] !== "ok")
    .map(({ what }) => what);
}

describe("a healthy node", () => {
  it("has a clean bill", async () => {
    const findings = await examined(await nodeOfTest());
    const unwell = findings.filter(({ code, level }) => level !== "ok" && !OF_THE_MACHINE.includes(String(code)));
    expect(unwell).toEqual([]);
    const looked = new Set(findings.map(({ code }) => code));
    const beside = ["NODE_RUNS", "SOCKET_STALE", "PORT_HOLDER", "OTHER_CIDER", "UNIT_DRIFT"];
    expect(Object.keys(FINDINGS).filter((code) => !looked.has(code))).toEqual(beside);
  });

  it("mends nothing, and is examined by whoever may and nobody else", async () => {
    const node = await nodeOfTest();
    expect((await asLocal(node, "RunDoctor", { fix: true }))["mended"]).toEqual([]);
    const operator = await pair(node, "operator");
    const refused = await askSigned(node, operator, "POST /v1/doctor", { body: {} });
    expect([refused.status, refused.json["scope"]]).toEqual([403, "permissions:manage"]);
    expect((await ask(node, "POST /v1/doctor", { via: "socket", body: { fix: "yes" } })).status).toBe(400);
  });

  it.each(["never", "lan"])("answers plain HTTP as told: %s", async (plaintext) => {
    expect(await ill(await nodeOfTest({ flags: { plaintext } }), "ANSWERS_PLAIN")).toEqual([]);
  });
});

describe("a node whose folder was touched", () => {
  it("says which file is open, and closes it when asked", async () => {
    const node = await nodeOfTest();
    const key = join(node.dataDir, "identity.key");
    chmodSync(key, 0o644);
    expect(await ill(node, "FOLDER_RIGHTS")).toEqual([`${key} is open to other accounts (mode 0644)`]);
    expect(statSync(key).mode & 0o777).toBe(0o644);
    expect((await asLocal(node, "RunDoctor", { fix: true }))["mended"]).toEqual(["FOLDER_RIGHTS"]);
    expect(node.log.filter((line) => line.includes('"mended":"FOLDER_RIGHTS"'))).toHaveLength(1);
    expect(statSync(key).mode & 0o777).toBe(0o600);
  });

  it("finds that the key on disk is another node's", async () => {
    const [node, other] = [await nodeOfTest(), await nodeOfTest()];
    writeFileSync(join(node.dataDir, "identity.key"), readFileSync(join(other.dataDir, "identity.key")));
    expect(await ill(node, "KEY_FILE")).toEqual([`${node.dataDir}/identity.key holds another key than this node runs with`]);
  });

  it("finds a line of the record that was changed", async () => {
    const node = await nodeOfTest();
    await asLocal(node, "RenameNode", { name: "before" });
    const segment = join(node.dataDir, "ledger/000001.log");
    writeFileSync(segment, readFileSync(segment, "utf8").replace('"before"', '"behind"'));
    expect(await ill(node, "LEDGER_CHAIN")).toEqual([expect.stringMatching(/000001\.log line 3 \(entry 2\) /)]);
  });
});

describe("a node whose clock is off", () => {
  it("says that it was set back, and by how much", async () => {
    const clock = new SettableClock();
    const node = await nodeOfTest({ clock });
    clock.ahead = 3 * DAY;
    await asLocal(node, "RenameNode", { name: "x" });
    clock.ahead = 0;
    expect(await ill(node, "CLOCK")).toEqual(["the clock was set back: the node has seen a time 3 days ahead of it"]);
  });

  it("names who was refused for the time", async () => {
    const clock = new SettableClock();
    const node = await nodeOfTest({ clock });
    const peer = await pair(node, "admin");
    const first = await askSigned(node, peer, "GET /v1/node");
    expect([first.status, await ill(node, "CLOCK")]).toEqual([200, []]);
    clock.ahead = DAY / 24;
    const { json } = await askSigned(node, peer, "GET /v1/node");
    expect([json["code"], await ill(node, "CLOCK")]).toEqual([
      "SIGNATURE_EXPIRED",
      ["requests from 127.0.0.1 were refused for their time, just now: its clock and this one differ"],
    ]);
  });
});

describe("a node whose trust ages", () => {
  it("names tokens that end soon", async () => {
    const node = await nodeOfTest();
    for (const [name, expires] of [
      ["ci", "3d"],
      ["later", "90d"],
      ["always", "never"],
    ])
      await asLocal(node, "GenerateAPIToken", { name, expires });
    expect(await ill(node, "TOKENS_ENDING")).toEqual([expect.stringMatching(/^a token ends soon: "ci" in [23] days$/)]);
  });

  it("names peers that were not seen for long", async () => {
    const clock = new SettableClock();
    const node = await nodeOfTest({ clock });
    await pair(node, "viewer", undefined, "silent");
    const busy = await pair(node, "viewer", undefined, "busy");
    clock.ahead = 91 * DAY;
    const created = Math.floor(clock.now() / 1000);
    expect((await askSigned(node, busy, "GET /v1/node", { signing: { created } })).status).toBe(200);
    expect(await ill(node, "PEERS_SILENT")).toEqual(['a peer was not seen: "silent" for 91 days']);
  });
});
