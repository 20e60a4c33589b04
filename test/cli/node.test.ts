/** The commands against a node that really runs, in a process of its own. */

import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ran, type Running, run, start } from "./doubles.ts";

let folder: string;
let dataDir: string;
let node: Running;
let port: number;
let nodeId: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cider-cli-"));
  dataDir = join(folder, "node");
  node = start(["up", "--data-dir", dataDir, "--port", "0", "--name", "alpha"]);
  const [line] = await node.says(/.*"node started".*/, "err");
  ({ port, nodeId } = JSON.parse(line) as { port: number; nodeId: string });
});

afterAll(async () => {
  await node.end("SIGTERM");
  rmSync(folder, { recursive: true });
});

/** Runs a command against the node. */
const ask = (...words: readonly string[]): Promise<Ran> => run(...words, "--data-dir", dataDir);
const askJson = async (...words: readonly string[]) => JSON.parse((await ask(...words, "--json")).out) as Record<string, unknown>;

/** Calls the node with a bearer token over plain HTTP, as curl does. */
const fetchNode = (token: string) => fetch(`http://127.0.0.1:${port}/v1/node`, { headers: { authorization: `Bearer ${token}` } });

/** A terminal of another account on another machine: the same program with its own store. */
const elsewhere = () => ({ CIDER_CONFIG_DIR: join(folder, "elsewhere") });
const there = (...words: readonly string[]): Promise<Ran> => start(words, elsewhere()).type("").end();

const lines = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("up", () => {
  it("writes JSON lines to stderr and nothing to stdout", () => {
    expect(node.out).toBe("");
    for (const line of lines(node.err)) expect(line["msg"]).toEqual(expect.any(String));
  });

  it.each([
    ["another folder, the same port", () => ["--data-dir", join(folder, "second"), "--port", String(port)], 75, () => nodeId],
    ["the same folder", () => ["--data-dir", dataDir, "--port", "0"], 75, () => `owns ${dataDir}`],
    ["a folder others can read", () => ["--data-dir", opened("open")], 78, () => "chmod 700"],
    [
      "an unknown setting",
      () => ["--config", configured("port = 9473\nprot = 1\n")],
      78,
      () => "cider.toml:2:1: there is no setting prot; did you mean port?",
    ],
    ["a setting out of range", () => ["--port", "99999"], 78, () => "--port must be a whole number from 0 to 65535"],
  ])("refuses %s in words and by exit code", async (_, words, code, text) => {
    const ended = await start(["up", ...words()]).end();
    expect(ended).toMatchObject({ code, out: "" });
    expect(ended.err).toContain("cider: error: ");
    expect(ended.err).toContain(text());
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("stops on %s with exit code 0, and leaves no socket", async (signal) => {
    const place = join(folder, signal);
    const other = start(["up", "--data-dir", place, "--port", "0"]);
    await other.says(/"node started"/, "err");
    expect((await other.end(signal)).code).toBe(0);
    expect(() => statSync(join(place, "run/node.sock"))).toThrow("ENOENT");
  });
});

function opened(name: string): string {
  mkdirSync(join(folder, name), { mode: 0o755 });
  return join(folder, name);
}

function configured(text: string): string {
  writeFileSync(join(folder, "cider.toml"), text);
  return join(folder, "cider.toml");
}

describe("status", () => {
  it("tells people where the node is, and how to call it", async () => {
    const { code, out, err } = await ask("status");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const text of [
      nodeId,
      "alpha",
      dataDir,
      `http://127.0.0.1:${port}/v1/node`,
      `cider fleet cert --pem --data-dir ${dataDir} > ca.pem`,
    ])
      expect(out).toContain(text);
  });

  it("tells scripts all of it", async () => {
    const socket = join(dataDir, "run/node.sock");
    expect(await askJson("status")).toMatchObject({
      nodeId,
      name: "alpha",
      port,
      socket,
      dataDir,
      peers: 0,
      tokens: expect.any(Number) as number,
    });
    expect(Object.keys(await askJson("status"))).toEqual(expect.arrayContaining(["fleetId", "version", "addresses"]));
  });
});

describe("token", () => {
  it("generate prints the secret alone, the rest beside it", async () => {
    const { code, out, err } = await ask("token", "generate", "--name", "plain");
    expect(code).toBe(0);
    expect(out).toMatch(/^csk_[0-9A-Za-z]{38}\n$/);
    expect(err).toContain('cider: token "plain": readOnly, expires in 90 days (');
    expect(err).toContain("shown this once");
    expect(err).not.toContain(out.trim());
    expect((await fetchNode(out.trim())).status).toBe(200);
  });

  it("generate takes permissions, scopes and expiry", async () => {
    expect(
      await askJson("token", "generate", "--name", "all", "--permissions", "fullAccess", "--expires", "never"),
    ).toMatchObject({
      permissions: "fullAccess",
      expiresAt: null,
      token: expect.stringMatching(/^csk_/) as string,
    });
    expect(
      await askJson("token", "generate", "--name", "few", "--scope", "machines:read", "--scope", "files:read"),
    ).toMatchObject({
      permissions: "custom",
      scopes: ["machines:read", "files:read"],
    });
    const refused = await ask("token", "generate", "--name", "bad", "--expires", "soon");
    expect(refused).toMatchObject({ code: 2, out: "" });
    expect(refused.err).toContain("expires");
  });

  it("list shows names and beginnings, never the secret", async () => {
    const { token } = await askJson("token", "generate", "--name", "listed");
    const { out } = await ask("token", "list");
    expect(out).toContain("listed");
    expect(out).toContain(`${String(token).slice(0, 12)}…`);
    expect(out).not.toContain(String(token).slice(12));
    expect(JSON.stringify(await askJson("token", "list"))).not.toContain(String(token));
  });

  it("revoke ends it by name, by beginning or by the whole text", async () => {
    const secrets = await Promise.all(
      ["r1", "r2", "r3"].map(async (name) => String((await askJson("token", "generate", "--name", name))["token"])),
    );
    const typed = ["r1", secrets[1]?.slice(0, 12) ?? "", secrets[2] ?? ""];
    for (const [i, secret] of secrets.entries()) {
      expect((await fetchNode(secret)).status).toBe(200);
      const { code, out } = await ask("token", "revoke", typed[i] ?? "");
      expect({ code, out }).toEqual({
        code: 0,
        out: expect.stringMatching(/^revoked r\d \(csk_.{8}…\); ended 0 connections\n$/) as string,
      });
      expect((await fetchNode(secret)).status).toBe(401);
    }
  });

  it("delete removes the record", async () => {
    await ask("token", "generate", "--name", "gone");
    expect(await askJson("token", "delete", "gone")).toMatchObject({ status: "deleted", connectionsClosed: 0 });
    expect((await ask("token", "list")).out).not.toContain("gone");
  });

  it("refuses what names nothing, without repeating a secret, and what names several", async () => {
    const text = `csk_${"x".repeat(38)}`;
    const { code, out, err } = await ask("token", "revoke", text);
    expect({ code, out }).toEqual({ code: 5, out: "" });
    expect(err).toContain('there is no token "csk_xxxxxxxx"');
    expect(err).not.toContain(text);
    await ask("token", "generate", "--name", "twin");
    await ask("token", "generate", "--name", "twin");
    expect((await ask("token", "revoke", "twin")).code).toBe(2);
  });
});

describe("cert", () => {
  it("prints the node's certificate authority alone, or as JSON", async () => {
    const { out } = await ask("cert", "--pem");
    expect(new X509Certificate(out).subject).toContain(nodeId);
    const { pem, sha256 } = await askJson("cert");
    expect(pem).toBe(out);
    expect(sha256).toBe(new X509Certificate(out).fingerprint256);
  });

  it("tells each kind of program how to trust it", async () => {
    const { out } = await ask("cert");
    for (const text of [
      "curl --cacert ca.pem",
      'verify="ca.pem"',
      "NODE_EXTRA_CA_CERTS",
      "Firefox",
      "Keychain",
      "update-ca-certificates",
    ]) {
      expect(out).toContain(text);
    }
  });
});

describe("pair and join", () => {
  it("tell scripts of a wrong code, of who paired, and end", async () => {
    const window = start(["pair", "--json", "--data-dir", dataDir]);
    const [, code = ""] = await window.says(/"code":"([0-9]{6})"/);
    const wrong = await there("join", `127.0.0.1:${port}`, code === "000000" ? "000001" : "000000");
    expect(wrong).toMatchObject({ code: 4, out: "" });
    const joined = await there("join", `127.0.0.1:${port}`, code, "--name", "laptop", "--role", "operator", "--json");
    expect(joined.code).toBe(0);
    expect(JSON.parse(joined.out)).toMatchObject({ responderNodeId: nodeId, responderName: "alpha", role: "operator" });
    expect(joined.out + joined.err).not.toContain("privateKey");

    const ended = await window.end();
    expect(ended.code).toBe(0);
    const events = lines(ended.out);
    expect(events.map(({ event }) => event)).toEqual(["open", "attempt", "attempt", "paired"]);
    expect(events[0]).toMatchObject({ code, link: expect.stringContaining(nodeId) as string, secondsLeft: 120 });
    expect(events[3]).toMatchObject({ name: "laptop", kind: "cli", role: "operator" });
  });

  it("make this account a peer that --host speaks as, until it is removed", async () => {
    const host = `127.0.0.1:${port}`;
    expect((await ask("peers", "list")).out).toMatch(/laptop .* cli .* operator/);
    // An operator may see the node's certificate authority but not its status, which is for admins.
    expect((await there("cert", "--host", host, "--pem")).out).toBe((await ask("cert", "--pem")).out);
    expect((await there("status", "--host", host)).code).toBe(4);
    const removed = await ask("peers", "remove", "laptop");
    expect(removed.out).toContain("removed laptop");
    expect((await there("cert", "--host", host, "--pem")).code).toBe(4);
    expect((await ask("peers", "remove", "laptop")).code).toBe(5);
    expect((await ask("peers", "list")).err).toContain("trusts nobody yet");
  });

  it("work with a link alone, and with a code that is typed", async () => {
    const byLink = start(["pair", "--link", "--role", "viewer", "--data-dir", dataDir]);
    const [link] = await byLink.says(/^cider-fleet:\/\/pair\?\S+/m);
    expect(await there("join", "127.0.0.1", link.replace(/&p=\d+/, ""))).toMatchObject({ code: 2 });
    const local = link.replace(/h=[^&]+(&h=[^&]+)*/, "h=127.0.0.1");
    expect((await there("join", local)).out).toContain(`(${nodeId}) as viewer`);
    expect((await byLink.end()).code).toBe(0);

    const byCode = start(["pair", "--json", "--data-dir", dataDir]);
    const [, code = ""] = await byCode.says(/"code":"([0-9]{6})"/);
    const typed = await start(["join", `127.0.0.1:${port}`], elsewhere())
      .type(`${code.slice(0, 3)} ${code.slice(3)}\n`)
      .end();
    expect(typed.out).toContain("as admin");
    expect((await byCode.end()).code).toBe(0);
    expect((await there("status", "--host", `127.0.0.1:${port}`, "--json")).out).toContain(nodeId);
    expect(await there("join", `127.0.0.1:${port}`)).toMatchObject({ code: 2, out: "" });
  });

  it("show a window that is open already, which only its opener closes", async () => {
    const first = start(["pair", "--json", "--data-dir", dataDir]);
    const [, code] = await first.says(/"code":"([0-9]{6})"/);
    const second = start(["pair", "--json", "--data-dir", dataDir]);
    expect((await second.says(/"code":"([0-9]{6})"/))[1]).toBe(code);
    expect((await second.end("SIGINT")).code).toBe(130);
    const other = await ask("pair", "--role", "viewer");
    expect(other.code).toBe(1);
    expect(other.err).toContain("open already");
    expect((await askJson("status"))["pairing"]).toBe("open");

    expect((await first.end("SIGINT")).code).toBe(130);
    expect((await askJson("status"))["pairing"]).toBe("closed");
  });

  it("allow the weaker channels that are named, and no others", async () => {
    const window = start(["pair", "--json", "--allow", "blind", "--allow", "plain", "--data-dir", dataDir]);
    await window.says(/"channels":\["blind","plain"\]/);
    expect(await askJson("pair", "--close")).toEqual({ closed: true });
    await window.end();
    const wrong = await ask("pair", "--allow", "pinned");
    expect(wrong).toMatchObject({ code: 2, out: "" });
    expect(wrong.err).toMatch(/--allow.*pinned.*Allowed choices are blind, plain/s);
  });

  it("can be closed from elsewhere", async () => {
    const window = start(["pair", "--json", "--data-dir", dataDir]);
    await window.says(/"open"/);
    expect(await askJson("pair", "--close")).toEqual({ closed: true });
    expect(await askJson("pair", "--close")).toEqual({ closed: false });
    const ended = await window.end();
    expect(ended.code).toBe(6);
    expect(lines(ended.out).at(-1)).toEqual({ event: "closed" });
  });
});

describe("a node that stops", () => {
  it("ends those who watch a window, with a word and exit code 3", async () => {
    const place = join(folder, "brief");
    const brief = start(["up", "--data-dir", place, "--port", "0"]);
    await brief.says(/"node started"/, "err");
    const window = start(["pair", "--data-dir", place]);
    await window.says(/[0-9]{6}/);
    await brief.end("SIGTERM");
    const ended = await window.end();
    expect(ended.code).toBe(3);
    expect(ended.err).toContain("cider: error: ");

    const after = await run("status", "--data-dir", place);
    expect(after).toMatchObject({ code: 3, out: "" });
    expect(after.err).toContain("no node is running here");
    expect(after.err).toContain('start it with "cider fleet up"');
  });
});

describe("a reader that goes away", () => {
  it("is no failure", async () => {
    const listing = start(["token", "list", "--data-dir", dataDir]);
    listing.child.stdout?.destroy();
    const [code] = (await once(listing.child, "exit")) as [number];
    expect(code).toBe(0);
    expect(listing.err).toBe("");
  });
});
