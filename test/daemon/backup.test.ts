/** A backup is taken from a running node and restored, by the commands; and whatever is not whole is refused. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { type Archive, formatArchive, parseArchive } from "../../src/daemon/archive.ts";
import { checkArchive } from "../../src/daemon/archive-check.ts";
import { run } from "../cli/doubles.ts";
import { textLike } from "../support/anything.ts";
import { asLocal } from "../support/http.ts";
import { nodeOfTest, startTestNode, type TestNode } from "../support/node.ts";
import { newKey } from "../support/peers.ts";

let folder: string;
let node: TestNode;
let text: string;
let ran: Awaited<ReturnType<typeof run>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cider-backup-"));
  node = await startTestNode();
  await asLocal(node, "GenerateAPIToken", { name: "ci" });
  await asLocal(node, "GenerateAPIToken", { name: "siem" });
  await asLocal(node, "AddPeer", { publicKey: publicKeyToHex(newKey().publicKey), name: "laptop", role: "viewer" });
  ran = await run("backup", place("node.backup"), "--data-dir", node.dataDir);
  await asLocal(node, "RenameNode", { name: "later" });
  text = readFileSync(place("node.backup"), "utf8");
});
afterAll(async () => {
  await node.end();
  rmSync(folder, { recursive: true });
});

const place = (name: string): string => join(folder, name);

/** Writes the archive of this text, changed, and returns the path. */
function changed(name: string, change: (archive: Archive) => Partial<Archive>): string {
  const archive = parseArchive(text);
  writeFileSync(place(name), formatArchive({ ...archive, ...change(archive) }));
  return place(name);
}

const edit = (archive: Archive, name: string, to: (bytes: Buffer) => Buffer | undefined): Partial<Archive> => ({
  files: archive.files.flatMap((file) => {
    const bytes = file.name === name ? to(file.bytes) : file.bytes;
    return bytes === undefined ? [] : [{ name: file.name, bytes }];
  }),
});

describe("a backup", () => {
  it("is one private file, made while the node runs", () => {
    expect(ran).toMatchObject({ code: 0, out: textLike(/up to entry 4 of its record/) });
    expect(ran.err).toContain("whoever reads it can be this node");
    expect(statSync(place("node.backup")).mode & 0o777).toBe(0o600);
    const archive = parseArchive(text);
    expect(archive.files.map(({ name }) => name)).toEqual(["identity.key", "ca.pem", "ledger/000001.log"]);
    expect(checkArchive(archive).publicKey).toHaveLength(65);
  });

  it("replaces no file, and is not made of a node of another machine or one that does not run", async () => {
    const again = await run("backup", place("node.backup"), "--data-dir", node.dataDir);
    expect(again).toMatchObject({ code: 1, err: textLike(/a backup replaces nothing/) });
    expect(readFileSync(place("node.backup"), "utf8")).toBe(text);
    expect(await run("backup", place("x"), "--host", "studio")).toMatchObject({ code: 2 });
    expect(await run("backup", place("x"), "--data-dir", place("nobody"))).toMatchObject({ code: 3 });
    expect(existsSync(place("x"))).toBe(false);
  });
});

describe("a restore", () => {
  it("makes the same node, with its peers, and revokes its tokens by one line", async () => {
    const dataDir = place("restored");
    const restored = await run("restore", place("node.backup"), "--data-dir", dataDir);
    expect(restored).toMatchObject({ code: 0, out: textLike(/restored /) });
    expect(restored.err).toContain("revoked 2 tokens: the backup may be older than a revocation");
    expect(restored.err).toContain("peers removed after the backup was made are back");
    const again = await nodeOfTest({ folder: dataDir });
    expect(again.nodeId).toBe(node.nodeId);
    expect(again.ca).toBe(node.ca);
    expect(again.hasPeers).toBe(true);
    const lines = readFileSync(join(dataDir, "ledger/000001.log"), "utf8").trimEnd().split("\n");
    const last = JSON.parse(lines.at(-1) ?? "") as { readonly changes: readonly { readonly type: string }[] };
    expect(last).toMatchObject({ seq: 5, actor: "system", operation: "Restore" });
    expect(last.changes.map(({ type }) => type)).toEqual(["record.restored", "token.revoked", "token.revoked"]);
    const verified = await run("audit", "verify", "--data-dir", dataDir, "--json");
    expect(JSON.parse(verified.out)).toMatchObject({ ok: true });
  });

  it("keeps tokens when it is told to, and says what that means", async () => {
    const restored = await run("restore", place("node.backup"), "--data-dir", place("kept"), "--keep-tokens", "--json");
    expect(restored.err).toContain("tokens revoked after the backup was made work again");
    expect(JSON.parse(restored.out)).toMatchObject({ tokensRevoked: 0, tokensKept: true, nodeId: node.nodeId, peers: 1 });
    const last = readFileSync(place("kept/ledger/000001.log"), "utf8").trimEnd().split("\n").at(-1) ?? "";
    expect(last).not.toContain("token.revoked");
  });

  it("touches neither the folder of a running node nor one that holds anything", async () => {
    const running = await run("restore", place("node.backup"), "--data-dir", node.dataDir);
    expect(running).toMatchObject({ code: 75, err: textLike(/owns/) });
    const full = mkdtempSync(join(folder, "full-"));
    writeFileSync(join(full, "note"), "mine");
    const refused = await run("restore", place("node.backup"), "--data-dir", full);
    expect(refused).toMatchObject({ code: 78, err: textLike(/is not empty/) });
    expect(readdirSync(full)).toEqual(["note"]);
  });

  const flip = (bytes: Buffer): Buffer => Buffer.from(bytes.toString().replace('"laptop"', '"laptoq"'));
  const cut = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.lastIndexOf("\n", bytes.length - 2) + 1);

  it.each<[string, string, (archive: Archive) => Partial<Archive>]>([
    ["a changed line", "line 5 does not match its hash", (archive) => edit(archive, "ledger/000001.log", flip)],
    ["a cut record", "does not end where", (archive) => edit(archive, "ledger/000001.log", cut)],
    ["no record", "does not end where", (archive) => edit(archive, "ledger/000001.log", () => undefined)],
    ["no key", "has no identity key", (archive) => edit(archive, "identity.key", () => undefined)],
    ["a broken key", "cannot be read", (archive) => edit(archive, "identity.key", () => Buffer.from("key"))],
    ["another head", "not signed by the node", ({ head }) => ({ head: { ...head, seq: head.seq - 1 } })],
    [
      "a foreign path",
      "a file that no node has",
      ({ files }) => ({ files: [...files, { name: "../x", bytes: Buffer.alloc(1) }] }),
    ],
    ["a file twice", "a file twice", ({ files }) => ({ files: [...files, ...files] })],
  ])("refuses %s and leaves nothing", async (name, reason, change) => {
    const target = place(`to ${name}`);
    const { code, err } = await run("restore", changed(name, change), "--data-dir", target);
    expect({ code, err }).toMatchObject({ code: 1, err: textLike(new RegExp(reason)) });
    expect(existsSync(target)).toBe(false);
  });

  it("refuses another node's certificate after cleaning up, a document that was changed, and one of a newer form", async () => {
    const other = await nodeOfTest();
    const foreign = changed("foreign", (archive) => edit(archive, "ca.pem", () => Buffer.from(other.ca)));
    expect(await run("restore", foreign, "--data-dir", place("foreign-to"))).toMatchObject({ code: 78 });
    expect(readdirSync(place("foreign-to"))).toEqual([]);
    expect(() => parseArchive(text.replace('"made":"2', '"made":"1'))).toThrow("SHA-256 does not fit");
    expect(() => parseArchive(text.replace('"backup":1', '"backup":2'))).toThrow("has form 2");
    expect(() => parseArchive(text.slice(0, -9))).toThrow("is not a backup of a node");
  });
});
