/** The commands of tokens and peers against a node in this process. */

import type { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runWords } from "../../src/cli/main.ts";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { ask } from "../support/http.ts";
import { nodeOfTest, startTestNode, type TestNode } from "../support/node.ts";
import { newKey } from "../support/peers.ts";
import { type Ran, run, terminalDouble } from "./doubles.ts";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.end());

const cli = (...words: readonly string[]): Promise<Ran> => run(...words, "--data-dir", node.dataDir);
const json = async (...words: readonly string[]) => JSON.parse((await cli(...words, "--json")).out) as Record<string, unknown>;

/** Runs a command that reads a token from standard input. */
async function present(text: string, ...words: readonly string[]): Promise<Ran> {
  const terminal = terminalDouble();
  (terminal.input as unknown as PassThrough).end(text);
  const code = await runWords(words, terminal);
  return { code, out: terminal.stdout.text, err: terminal.stderr.text };
}
const presentHere = (text: string, ...words: readonly string[]) => present(text, ...words, "--data-dir", node.dataDir);

const generate = async (name: string, ...more: readonly string[]): Promise<string> =>
  (await cli("token", "generate", "--name", name, ...more)).out.trim();
const statusOf = async (token: string) => (await ask(node, "GET /v1/self", { token })).json["code"] ?? "ok";

describe("token edit", () => {
  it("changes what it is told and says what is", async () => {
    await generate("edit-me");
    const { code, out } = await cli(
      "token",
      "edit",
      "edit-me",
      "--permissions",
      "fullAccess",
      "--expires",
      "never",
      "--allow-ip",
      "10.0.0.0/8",
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^edit-me \(csk_.{8}…\): fullAccess, never expires, from 10\.0\.0\.0\/8\n$/);
    expect((await cli("token", "edit", "edit-me", "--any-ip", "--name", "edited")).out).toContain("from anywhere");
    expect(await json("token", "edit", "edited", "--scope", "machines:read")).toMatchObject({ permissions: "custom" });
  });

  it("says which chosen scopes allow nothing yet", async () => {
    const { err } = await cli("token", "generate", "--name", "later", "--scope", "files:read", "--scope", "machines:read");
    expect(err).toContain("nothing uses files:read yet");
    expect((await cli("token", "edit", "later", "--scope", "machines:read")).err).toBe("");
  });

  it.each([
    [[], "nothing to change was given"],
    [["--any-ip", "--allow-ip", "10.0.0.1"], "--any-ip does not go with --allow-ip"],
    [["--expires", "soon"], "expires must be"],
  ])("refuses %j", async (words, message) => {
    await generate(`refused-${message.length}`);
    const { code, err } = await cli("token", "edit", `refused-${message.length}`, ...words);
    expect(code).not.toBe(0);
    expect(err).toContain(message);
  });
});

describe("token scopes", () => {
  it("lists what can be granted, what it allows, and what nothing uses yet", async () => {
    const { out } = await cli("token", "scopes");
    expect(out).toMatch(/^machines:write +RenameNode$/m);
    expect(out).toMatch(/^schedules:manage +nothing uses it yet$/m);
    expect(out).not.toContain("tokens:manage");
  });
});

describe("token rotate", () => {
  it("answers the new text alone, says where the old one was used, and a name then means the successor", async () => {
    const old = await generate("rotate-me");
    await statusOf(old);
    const { code, err, out } = await cli("token", "rotate", "rotate-me", "--grace", "1h");
    expect(code).toBe(0);
    expect(out).toMatch(/^csk_[0-9A-Za-z]{38}\n$/);
    expect(err).toMatch(/the old one was last used .* from 127\.0\.0\.1, and ends in (59 minutes|1 hour)/);
    expect([await statusOf(old), await statusOf(out.trim())]).toEqual(["ok", "ok"]);
    expect((await cli("token", "list")).out).toMatch(/rotate-me .* in grace/);
    const again = await json("token", "rotate", "rotate-me", "--grace", "0");
    expect(again["previous"]).toMatchObject({ graceUntil: null });
    expect([await statusOf(old), await statusOf(out.trim())]).toEqual(["TOKEN_REVOKED", "TOKEN_REVOKED"]);
  });

  it("by the token itself is refused unless configured, and otherwise ends the old text", async () => {
    const token = await generate("own-way");
    expect((await presentHere(token, "token", "rotate", "--self")).err).toContain("do not rotate themselves");
    const free = await nodeOfTest({ env: { CIDER_TOKENS_SELF_ROTATION: "true" } });
    const there = (await run("token", "generate", "--name", "own-way", "--data-dir", free.dataDir)).out.trim();
    const { code, out } = await present(there, "token", "rotate", "--self", "--data-dir", free.dataDir);
    expect([code, out]).toEqual([0, expect.stringMatching(/^csk_[0-9A-Za-z]{38}\n$/)]);
    expect((await present(there, "token", "self", "--data-dir", free.dataDir)).code).toBe(4);
    expect((await present(out, "token", "self", "--data-dir", free.dataDir)).code).toBe(0);
  });

  it.each([[[]], [["x", "--self"]], [["--self", "--grace", "1h"]]])("refuses %j", async (words) => {
    expect((await cli("token", "rotate", ...words)).code).toBe(2);
  });

  it("refuses a grace nobody could mean", async () => {
    await generate("rotate-long");
    const { code, err } = await cli("token", "rotate", "rotate-long", "--grace", "1y");
    expect(code).toBe(2);
    expect(err).toContain("grace must be");
  });
});

describe("token revoke", () => {
  it("ends all that fit and gives a receipt", async () => {
    const texts = await Promise.all(["sweep-a", "sweep-b", "sweep-c"].map((name) => generate(name)));
    const { out } = await cli("token", "revoke", "--name", "sweep-*", "--created-by", "local", "--except", "sweep-b");
    expect(out).toMatch(/^revoked 2 tokens; ended 0 connections in \d+\.\d ms\n$/);
    expect(await Promise.all(texts.map(statusOf))).toEqual(["TOKEN_REVOKED", "ok", "TOKEN_REVOKED"]);
  });

  it("refuses to guess which", async () => {
    for (const words of [[], ["sweep-b", "--all"]]) expect((await cli("token", "revoke", ...words)).code).toBe(2);
    expect((await cli("token", "revoke", "--owner", "nobody")).code).toBe(5);
  });
});

describe("a presented token", () => {
  it("tells about itself, and burns itself", async () => {
    const token = await generate("mine", "--expires", "30d");
    const { out } = await presentHere(token, "token", "self");
    expect(out).toMatch(/^name +mine$/m);
    expect(out).toMatch(/^ends +in 30 days/m);
    expect(JSON.parse((await presentHere(token, "token", "self", "--json")).out)).toMatchObject({
      scopes: ["machines:read", "metrics:read"],
    });
    expect((await presentHere(token, "token", "burn")).out).toMatch(/^revoked .*; ended 0 connections\n$/);
    const refused = await presentHere(token, "token", "self");
    expect([refused.code, refused.out]).toEqual([4, ""]);
    expect(refused.err).toContain("was revoked");
    expect(refused.err).not.toContain(token);
  });

  it("is inspected without any node, and never repeated", async () => {
    const token = await generate("looked-at");
    expect(await present(`${token}\n`, "token", "inspect")).toMatchObject({
      code: 0,
      out: `a well-formed token, ${token.slice(0, 12)}…\n`,
    });
    expect(JSON.parse((await present(token, "token", "inspect", "--json")).out)).toEqual({
      wellFormed: true,
      tokenPrefix: token.slice(0, 12),
    });
    const cut = await present(token.slice(0, -1), "token", "inspect");
    expect([cut.code, cut.out]).toEqual([1, "not a token: cut, mistyped, or something else\n"]);
    expect((await present("", "token", "inspect")).code).toBe(2);
  });
});

describe("a token typed at a terminal", () => {
  it("is asked for and not shown", async () => {
    const token = await generate("typed");
    const terminal = terminalDouble();
    const input = Object.assign(terminal.input as unknown as PassThrough, { isTTY: true });
    const done = runWords(["token", "inspect"], terminal);
    input.write(`${token}\r`);
    expect(await done).toBe(0);
    expect(terminal.stdout.text).toContain("a well-formed token");
    expect(terminal.stderr.text).toMatch(/^token: \n/);
    expect(terminal.stderr.text + terminal.stdout.text).not.toContain(token);
  });
});

describe("peers", () => {
  it("are added by their key, renamed, given another role, and take their tokens with them", async () => {
    const key = newKey();
    const id = nodeIdOf(key.publicKey);
    const added = await cli(
      "peers",
      "add",
      "--public-key",
      publicKeyToHex(key.publicKey),
      "--name",
      "robot",
      "--role",
      "operator",
    );
    expect(added.out).toBe(`trusts robot (${id}) as operator\n`);
    expect(added.err).toContain("compare its fingerprint");
    expect((await cli("peers", "rename", "robot", "arm")).out).toBe(`renamed robot to arm (${id})\n`);
    expect((await cli("peers", "role", "arm", "viewer")).out).toBe(`arm (${id}) is viewer now\n`);
    const token = await generate("arm's", "--owner", "arm", "--permissions", "fullAccess");
    expect((await ask(node, "PATCH /v1/node", { token, body: { name: "x" } })).json["scope"]).toBe("machines:write");
    expect((await cli("peers", "remove", "arm", "--with-created")).out).toBe(
      `removed arm (${id}); ended 0 connections and 1 token\n`,
    );
    expect(await statusOf(token)).toBe("TOKEN_REVOKED");
  });

  it("are not added by what is no key", async () => {
    const { code, err } = await cli("peers", "add", "--public-key", "04", "--name", "x", "--role", "viewer");
    expect([code, err.includes("publicKey")]).toEqual([2, true]);
  });
});
