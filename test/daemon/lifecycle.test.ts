/** Starting, stopping, and starting again. */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { rejection } from "../foundation/refusal.ts";
import { ask, asLocal, listIn, rpc, textIn } from "../support/http.ts";
import { nodeOfTest, startTestNode } from "../support/node.ts";
import { askSigned, pair } from "../support/peers.ts";
import { openSocket } from "../support/sockets.ts";

function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), "cider-node-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe("a node that starts again", () => {
  it("is the same node, with the same peers, tokens, name and counters", async () => {
    const folder = folderOfTest();
    const before = await startTestNode({ folder });
    const peer = await pair(before, "operator");
    const kept = await asLocal(before, "GenerateAPIToken", { name: "kept" });
    const ended = await asLocal(before, "GenerateAPIToken", { name: "ended" });
    const deleted = await asLocal(before, "GenerateAPIToken", { name: "deleted" });
    await asLocal(before, "RevokeAPIToken", { id: ended["id"] });
    await asLocal(before, "DeleteAPIToken", { id: deleted["id"] });
    await asLocal(before, "RenameNode", { name: "renamed" });
    await ask(before, "GET /v1/node", { token: textIn(kept, "token") });
    await asLocal(before, "OpenPairing");
    const [tokens, peers] = [await asLocal(before, "ListAPITokens"), listIn(await asLocal(before, "ListPeers"), "peers")];
    await before.end();

    const after = await nodeOfTest({ folder });
    expect([after.nodeId, after.fleetId, after.name, after.hasPeers]).toEqual([before.nodeId, before.fleetId, "renamed", true]);
    expect(after.ca).toBe(before.ca);
    expect(await asLocal(after, "ListAPITokens")).toEqual(tokens);
    expect(listIn(await asLocal(after, "ListPeers"), "peers")).toEqual(peers);
    expect((await ask(after, "GET /v1/node", { token: textIn(kept, "token") })).status).toBe(200);
    expect((await ask(after, "GET /v1/node", { token: textIn(ended, "token") })).json["code"]).toBe("TOKEN_REVOKED");
    expect((await ask(after, "GET /v1/node", { token: textIn(deleted, "token") })).json["code"]).toBe("TOKEN_INVALID");
    expect((await askSigned(after, peer, "PATCH /v1/node", { body: { name: "again" } })).status).toBe(200);
    // What is momentary died with the process.
    expect((await ask(after, "GET /api/health")).json["pairing"]).toBe("closed");
  });

  it("takes its name from the configuration at the first start only", async () => {
    const folder = folderOfTest();
    const first = await startTestNode({ folder, flags: { name: "first" } });
    await first.end();
    const second = await nodeOfTest({ folder, flags: { name: "second" } });
    expect([first.name, second.name]).toEqual(["first", "first"]);
  });
});

describe("a node that stops", () => {
  it("says goodbye to every socket, and is gone", async () => {
    const node = await startTestNode();
    const token = textIn(await asLocal(node, "GenerateAPIToken", { name: "ci" }), "token");
    const sockets = [await openSocket(node, { token }), await openSocket(node), await openSocket(node, { via: "socket" })];
    const stopping = [node.stop(), node.stop()];
    for (const socket of sockets) expect(await socket.closed).toEqual({ code: 1001, reason: "stopping" });
    await Promise.all(stopping);
    await expect(ask(node, "GET /api/health")).rejects.toThrow("ECONNREFUSED");
    await expect(ask(node, "GET /api/health", { via: "socket" })).rejects.toThrow();
    await node.end();
  });

  it("finishes what is running first", async () => {
    const node = await startTestNode();
    const token = textIn(await asLocal(node, "GenerateAPIToken", { name: "ci" }), "token");
    const running = Array.from({ length: 8 }, () => rpc(node, "GetNodeStats", { apiToken: token }));
    await Promise.race(running);
    await node.stop();
    const answers = await Promise.allSettled(running);
    expect(answers.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
    await node.end();
  });
});

describe("a node that cannot start", () => {
  it("because another has its folder says so, and leaves that one alone", async () => {
    const node = await nodeOfTest();
    expect((await rejection(startTestNode({ folder: node.dataDir }))).code).toBe("FOLDER_IN_USE");
    expect((await ask(node, "GET /api/health")).status).toBe(200);
    expect((await ask(node, "GET /api/health", { via: "socket" })).status).toBe(200);
  });

  it("because a token was pasted where its name belongs says so without repeating it", async () => {
    const name = "csk_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL2CB5HI";
    const error = await rejection(nodeOfTest({ flags: { name } }));
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toMatch(/^name must be free of secrets/);
    expect(error.message).not.toContain(name);
  });

  it("because its port is taken gives everything back", async () => {
    const folder = folderOfTest();
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect((await rejection(startTestNode({ folder, flags: { port } }))).code).toBe("PORT_TAKEN");
    await new Promise((resolve) => server.close(resolve));
    const node = await nodeOfTest({ folder, flags: { port } });
    expect(node.port).toBe(port);
  });
});

describe("every change", () => {
  it("is one sentence in the log, by short ids", async () => {
    const node = await nodeOfTest({ flags: { name: "mini01" } });
    const peer = await pair(node, "viewer", undefined, "laptop");
    const { id } = await asLocal(node, "GenerateAPIToken", { name: "ci" });
    await asLocal(node, "RevokeAPIToken", { id });
    await asLocal(node, "RenameNode", { name: "mini02" });
    await asLocal(node, "RemovePeer", { id: peer.id });
    const said = node.log.join("");
    for (const sentence of [
      'node \\"mini01\\" was created',
      "pairing window opened for 120 s, role viewer",
      `peer \\"laptop\\" (${peer.id.slice(0, 6)}) was registered`,
      'token \\"ci\\" (csk_',
      `token ${String(id).slice(-6)} was revoked`,
      'node was renamed to \\"mini02\\"',
      `peer ${peer.id.slice(0, 6)} was removed`,
    ])
      expect(said).toContain(sentence);
    expect(said).not.toContain('"level":50');
  });
});
