/** One node a host unless somebody means two; and a local socket that a group may use. */

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { requireOnlyNode } from "../../src/cli/only-identity.ts";
import { resolveConfig } from "../../src/config/load.ts";
import type { SystemTools } from "../../src/host/service/manager.ts";
import { localClient } from "../../src/sdk-node/index.ts";
import { type Running, start } from "../cli/doubles.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cider-host-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("sudo cider fleet up, after somebody tried a node without sudo", () => {
  const tools: SystemTools = {
    run: async () => ({ code: 0, stdout: `ann:x:1000:1000::${join(folder, "ann")}:/bin/sh\n`, stderr: "" }),
  };
  const account = { env: { SUDO_USER: "ann" }, platform: "linux", uid: 0, home: "/root" } as const;
  const tried = () => join(folder, "ann/.local/state/cider-fleet");
  const started = (flags: Readonly<Record<string, string>> = {}) => {
    const resolved = resolveConfig({ ...account, flags, file: undefined });
    const mine = flags["data-dir"] ?? join(folder, "system");
    return requireOnlyNode({ ...resolved, config: { ...resolved.config, dataDir: mine } }, account, tools);
  };

  beforeEach(() => {
    mkdirSync(join(tried(), "ledger"), { recursive: true });
    writeFileSync(join(tried(), "identity.key"), "a key");
    writeFileSync(join(tried(), "ledger/000001.log"), '{"changes":[{"type":"peer.registered","id":"a"}]}\n');
  });

  it("is refused, naming both folders", async () => {
    await expect(started()).rejects.toMatchObject({
      code: "NODE_EXISTS",
      details: { folders: [tried(), join(folder, "system")] },
    });
  });

  it("is a second node where the folder was named", async () => {
    await expect(started({ "data-dir": join(folder, "second") })).resolves.toBeUndefined();
  });

  it("goes on with a node that is there already, and beside one that nobody trusts", async () => {
    mkdirSync(join(folder, "system"));
    writeFileSync(join(folder, "system/identity.key"), "a key");
    await expect(started()).resolves.toBeUndefined();
    rmSync(join(folder, "system"), { recursive: true });
    rmSync(join(tried(), "ledger"), { recursive: true });
    await expect(started()).resolves.toBeUndefined();
  });
});

describe("two nodes on one machine", () => {
  it("live in folders of their own, on ports of their own, with ids of their own", async () => {
    const nodes = ["first", "second"].map((name) =>
      start(["up", "--data-dir", join(folder, name), "--listen", "127.0.0.1", "--port", "0"], { CIDER_DISCOVERY: "off" }),
    );
    const ids = await Promise.all(
      nodes.map(async (node) => (await node.says(/"nodeId":"([0-9a-f-]{36})".*node started/, "err"))[1]),
    );
    expect(new Set(ids).size).toBe(2);
    await Promise.all(nodes.map((node) => node.end("SIGTERM")));
  });
});

describe("a local socket with a group", () => {
  const group = execFileSync("id", ["-gn"]).toString().trim();
  const gid = Number(execFileSync("id", ["-g"]).toString());
  const node = (...options: readonly string[]): Running =>
    start(["up", "--data-dir", folder, "--listen", "127.0.0.1", "--port", "0", ...options], { CIDER_DISCOVERY: "off" });

  it("may be opened by its members, and by nobody else; data stay the node's own", async () => {
    for (let round = 0; round < 2; round++) {
      const running = node("--socket-group", group);
      await running.says(/node started/, "err");
      expect(statSync(join(folder, "run"))).toMatchObject({ gid, mode: 0o40750 });
      expect(statSync(join(folder, "run/node.sock"))).toMatchObject({ gid, mode: 0o140660 });
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      const client = localClient(join(folder, "run/node.sock"));
      expect((await client.getStatus()).dataDir).toBe(folder);
      client.close();
      await running.end("SIGTERM");
    }
  });

  it("must have a group that exists, and rights that go no further", async () => {
    const unknown = await node("--socket-group", "no-such-group").end();
    expect(unknown).toMatchObject({ code: 78, err: expect.stringContaining("socketGroup: ") as string });
    chmodSync(join(folder, "run"), 0o770);
    const open = await node("--socket-group", group).end();
    expect(open).toMatchObject({ code: 78, err: expect.stringContaining("is open to other accounts (mode 0770)") as string });
    chmodSync(join(folder, "run"), 0o750);
    expect((await node().end()).err).toContain("is open to other accounts (mode 0750)");
  });
});
