/** What a node says and writes down, and what it never does. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parsePairingLink } from "../../src/wire/links.ts";
import { ask, asLocal, rpc, textIn } from "../support/http.ts";
import { nodeOfTest, type TestNode } from "../support/node.ts";
import { pair } from "../support/peers.ts";
import { knownCode } from "../support/random.ts";
import { openSocket } from "../support/sockets.ts";

/** Every file below the folder, with its path. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

function written({ dataDir, log }: TestNode): string {
  return [...filesBelow(dataDir).map((path) => readFileSync(path, "latin1")), ...log].join("\n");
}

describe("the pairing code 904817", () => {
  it("is in no log line, no file, no health answer and no event, whoever pairs or fails to", async () => {
    const node = await nodeOfTest({ random: knownCode });
    const socket = await openSocket(node, { via: "socket" });
    await socket.call("subscribe", { topics: ["pairing", "peers", "node", "tokens", "audit"] });
    const opened = await asLocal(node, "OpenPairing");
    expect(opened["code"]).toBe("904817");
    const answers = [
      await ask(node, "GET /api/health"),
      await rpc(node, "GetHealth"),
      await rpc(node, "OpenPairing"),
      await ask(node, "GET /v1/pairing"),
    ];
    await ask(node, "POST /v1/pairing/begin", { body: { code: "904817" } });
    await asLocal(node, "RenewPairingCode");
    await asLocal(node, "ClosePairing");
    await pair(node, "admin"); // by that code
    await socket.event("peers");
    const { secret } = parsePairingLink(textIn(opened, "link"));
    const said = [...answers.map(({ text }) => text), ...socket.frames.map((frame) => JSON.stringify(frame)), written(node)].join(
      "\n",
    );
    expect(said).toContain("pairing.paired");
    expect(said).not.toContain("904817");
    expect(said).not.toContain(secret);
    socket.raw.close();
  });
});

describe("tokens and keys", () => {
  it("are in no log line and no file but the key's own", async () => {
    const node = await nodeOfTest();
    const { token } = await asLocal(node, "GenerateAPIToken", { name: "ci" });
    await ask(node, "GET /v1/node", { token: String(token) });
    await ask(node, "GET /v1/node", { token: `${String(token).slice(0, -1)}_` });
    await rpc(node, "Nothing", { apiToken: token });
    await rpc(node, "RenameNode", { apiToken: token, name: token });
    const key = readFileSync(join(node.dataDir, "identity.key"), "utf8");
    const body = key.split("\n")[1] ?? "";
    await node.stop();
    for (const path of filesBelow(node.dataDir).filter((each) => !each.endsWith("identity.key"))) {
      const text = readFileSync(path, "latin1");
      expect(text).not.toMatch(/csk_[0-9A-Za-z]{38}/);
      expect(text).not.toContain(body);
    }
    expect(node.log.join("")).not.toMatch(/csk_[0-9A-Za-z]{38}/);
  });
});

describe("the data folder", () => {
  it("is 0700, its files 0600, its socket for this account alone", async () => {
    const node = await nodeOfTest();
    await asLocal(node, "GenerateAPIToken", { name: "ci" });
    const umask = process.umask(0o022);
    onTestFinished(() => void process.umask(umask));
    const modes = (folder: string): readonly string[] =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => {
        const stat = statSync(join(folder, name));
        return `${name} ${stat.isDirectory() ? "folder" : "file"} ${(stat.mode & 0o777).toString(8)}`;
      });
    expect((statSync(node.dataDir).mode & 0o777).toString(8)).toBe("700");
    expect(modes(node.dataDir).filter((line) => !/ (folder 700|file 600)$/.test(line))).toEqual([]);
  });
});
