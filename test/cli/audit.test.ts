/** The commands of the record against a node that really runs, and every command of docs/audit.md among them. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { csvLine, rowOf } from "../../src/cli/audit-views.ts";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { asLocal } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { newKey } from "../support/peers.ts";
import { type Ran, ROOT, run, start } from "./doubles.ts";

let folder: string;
let node: TestNode;
let requestId: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cider-audit-"));
  node = await startTestNode();
  await asLocal(node, "GenerateAPIToken", { name: "ci" });
  await asLocal(node, "AddPeer", { publicKey: publicKeyToHex(newKey().publicKey), name: "laptop", role: "viewer" });
  await asLocal(node, "RenameNode", { name: '=cmd,|"x"' });
  requestId = String((await askJson("audit", "list", "--limit", "1"))["entries"]?.at(0)?.["request"]);
});
beforeEach(() => void vi.stubEnv("CIDER_CONFIG_DIR", join(folder, "config")));
afterAll(async () => {
  await node.end();
  rmSync(folder, { recursive: true });
});

const ENTRY = {
  seq: 7,
  at: "2026-11-22T00:00:00Z",
  actor: "local",
  from: null,
  request: "r",
  operation: "RenameNode",
  outcome: "done",
  refusal: null,
  changes: [],
  hash: "00",
} as const;

type Entries = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

const ask = (...words: readonly string[]): Promise<Ran> => run(...words, "--data-dir", node.dataDir);
const askJson = async (...words: readonly string[]): Promise<Entries> =>
  JSON.parse((await ask(...words, "--json")).out) as Entries;

describe("audit", () => {
  it("alone lists entries, newest first", async () => {
    const { code, err, out } = await ask("audit");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const lines = out.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^NO +AT +WHO +FROM +OPERATION +WHAT$/);
    expect(lines[1]).toContain('node.renamed =cmd,|"x"');
    expect(lines.at(-1)).toContain("node.created");
  });

  it("list narrows by names, and says when nothing fits", async () => {
    expect((await askJson("audit", "list", "--token", "ci"))["entries"]).toMatchObject([{ operation: "GenerateAPIToken" }]);
    expect((await askJson("audit", "list", "--peer", "laptop"))["entries"]).toMatchObject([{ operation: "AddPeer" }]);
    const nothing = await ask("audit", "list", "--before", "2020-01-01");
    expect([nothing.code, nothing.out]).toEqual([0, ""]);
    expect(nothing.err).toContain("no entry fits");
  });

  it.each([
    [["audit", "list", "--after", "soon"], "--after takes a time"],
    [["audit", "list", "--after", "3q"], "--after: "],
    [["audit", "list", "--follow", "--actor", "local"], "--actor does not go with --follow"],
    [["audit", "list", "--since", "3"], "--since goes with --follow"],
    [["audit", "verify", "--head", "/nowhere/head.json"], "cannot be read"],
  ])("refuses %s", async (words, text) => {
    const { code, err } = await ask(...words);
    expect(code).toBe(2);
    expect(err).toContain(text);
  });

  it("show finds an entry by request id or number, else says why there is none", async () => {
    const { out } = await ask("audit", "show", requestId);
    expect(out).toContain("node.renamed");
    const { code, err } = await ask("audit", "show", "0190b2c0-0000-7000-8000-000000000100");
    expect(code).toBe(5);
    expect(err).toContain("other calls are only counted");
  });

  it("export writes JSON lines, and CSV that runs no formula", async () => {
    const { out } = await ask("audit", "export");
    const lines = out.trimEnd().split("\n");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ operation: "RenameNode", request: requestId });
    const csv = (await ask("audit", "export", "--format", "csv", "--operation", "RenameNode")).out.split("\n");
    expect(csv[0]).toBe("seq,at,actor,from,request,operation,outcome,refusal,changes,hash");
    expect(csv[1]).toContain(`,local,,${requestId},RenameNode,done,,"[{""type"":""node.renamed""`);
    expect(csv).toHaveLength(3);
  });

  it.each("= + - @ ＝ ＋ － ＠ \t \r \n".split(" "))(
    "an export makes no formula of what begins with %j, after a semicolon either",
    (sign) => {
      const formula = `${sign}cmd|'/c calc'!A0`;
      const changes = [{ type: "node.renamed", name: `pear;${formula}` }];
      const line = csvLine({ ...ENTRY, actor: formula, changes });
      expect(line).toMatch(/^7,2026-11-22T00:00:00Z,"?'/);
      expect(line).not.toContain(";");
      const told = line.slice(line.indexOf('"[') + 1, line.lastIndexOf('"')).replaceAll('""', '"');
      expect(JSON.parse(told)).toEqual(changes);
    },
  );

  it("follow prints entries as they come, until Ctrl-C", async () => {
    const following = start(["audit", "--follow", "--json", "--since", "1", "--data-dir", node.dataDir]);
    await following.says(/GenerateAPIToken/);
    await asLocal(node, "RenameNode", { name: "live" });
    await following.says(/"name":"live"/);
    expect((await following.end("SIGINT")).code).toBe(130);
  });
});

describe("audit verify", () => {
  const ledger = (): string => join(node.dataDir, "ledger/000001.log");

  it("remembers what it saw, and finds it again", async () => {
    expect((await ask("audit", "verify")).out).toMatch(/^entries 1 to \d+ verify, in 1 file\n/);
    await asLocal(node, "RenameNode", { name: "later" });
    expect((await ask("audit", "verify")).out).toMatch(/\nentry \d+, seen .*, is still there as it was\n$/);
  });

  it("names a flipped byte, keeps what it remembered, and exits with 1", async () => {
    const bytes = readFileSync(ledger());
    writeFileSync(ledger(), bytes.toString().replace('"name":"ci"', '"name":"cj"'));
    const { code, err } = await ask("audit", "verify");
    expect(code).toBe(1);
    expect(err).toMatch(/ledger\/000001\.log line 3 \(seq 2\) does not match its hash/);
    writeFileSync(ledger(), bytes);
    expect((await ask("audit", "verify")).code).toBe(0);
  });

  it("proves with an exported head that the end was cut off while the node was down", async () => {
    const head = join(folder, "seen.json");
    writeFileSync(head, (await ask("audit", "head")).out);
    await node.stop();
    writeFileSync(ledger(), `${readFileSync(ledger(), "utf8").split("\n").slice(0, -2).join("\n")}\n`);
    rmSync(join(node.dataDir, "state.json"));
    node = await startTestNode({ folder: node.dataDir });
    const { code, err } = await ask("audit", "verify", "--head", head);
    expect(code).toBe(1);
    expect(err).toContain("its end was cut off");
  });

  it("takes no head that nobody signed", async () => {
    const forged = join(folder, "forged.json");
    writeFileSync(forged, (await ask("audit", "head")).out.replace(/"seq":\d+/, '"seq":1'));
    const { code, err } = await ask("audit", "verify", "--head", forged);
    expect(code).toBe(2);
    expect(err).toContain("holds no head that a node signed");
  });
});

describe("docs/audit.md", () => {
  const text = readFileSync(join(ROOT, "docs/audit.md"), "utf8");
  const commands = [...text.matchAll(/```sh\n([^`]*)```/g)].flatMap(([, block = ""]) => block.trim().split("\n"));

  it("has commands for all it tells", () => {
    expect(commands.length).toBeGreaterThanOrEqual(12);
  });

  it.each(commands.filter((line) => !line.includes("--follow")))("%s", async (line) => {
    rmSync(join(folder, "config"), { recursive: true, force: true }); // heads of the tests above
    const [command = "", file] = line.split(" > ");
    const words = command.replace("$REQUEST_ID", requestId).split(" ").slice(2);
    const withHead = words.map((word) => (word === "head.json" ? join(folder, word) : word));
    if (line.includes("--head")) writeFileSync(join(folder, "head.json"), (await ask("audit", "head")).out);
    const { code, err, out } = await ask(...withHead);
    expect(code, err).toBe(0);
    if (file !== undefined) expect(out).not.toBe("");
  });
});

it("a row says what changed, to the second, and not what was noted beside it", () => {
  const changes = [{ type: "token.issued", name: "ci" }, { type: "call.keyed" }];
  const entry = { seq: 7, at: "2026-11-22T02:30:29.201Z", actor: "local", from: null, operation: "GenerateAPIToken", changes };
  expect(rowOf(entry)).toEqual(["7", "2026-11-22T02:30:29Z", "local", "", "GenerateAPIToken", "token.issued ci"]);
});
