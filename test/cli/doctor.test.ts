/** `cider fleet doctor` beside a node that runs, beside one that does not, and what it hands to others. */

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { runWords } from "../../src/cli/main.ts";
import { withoutSecrets } from "../../src/cli/support-file.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { isTokenText, makeTokenText } from "../../src/wire/token.ts";
import { asLocal, textIn } from "../support/http.ts";
import { nodeOfTest, startTestNode, type TestNode } from "../support/node.ts";
import { type Ran, terminalDouble } from "./doubles.ts";

let folder: string;
let node: TestNode;
let token: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cider-doctor-"));
  node = await startTestNode({ flags: { name: "mini" } });
  token = textIn(await asLocal(node, "GenerateAPIToken", { name: "ci", expires: "3d" }), "token");
});
beforeEach(() => {
  vi.stubEnv("CIDER_CONFIG_DIR", join(folder, "config"));
  vi.spyOn(process, "cwd").mockReturnValue(folder);
});
afterAll(async () => {
  await node.end();
  rmSync(folder, { recursive: true });
});

interface Shown {
  readonly findings: readonly Readonly<Record<"code" | "level" | "what", string>>[];
  readonly mended: readonly string[];
}

async function doctor(dataDir: string, words: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const terminal = terminalDouble({ env: { NO_COLOR: "1", ...env } });
  const code = await runWords(["doctor", "--data-dir", dataDir, ...words], terminal);
  return { code, out: terminal.stdout.text, err: terminal.stderr.text };
}

async function doctorJson(...[dataDir, words = [], env]: Parameters<typeof doctor>): Promise<Shown> {
  return JSON.parse((await doctor(dataDir, ["--json", ...words], env)).out) as Shown;
}

async function levelsOf(dataDir: string): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await doctorJson(dataDir)).findings.map(({ code, level }) => [code, level]));
}

describe("beside a node that runs", () => {
  it("shows one list, with why and what to do where something is wrong", async () => {
    const { code, err, out } = await doctor(node.dataDir);
    expect(out).toContain(`a node answers at ${node.socket}`);
    expect(out).toMatch(/^ok {5}LEDGER_CHAIN +entries 1 to \d+ verify$/m);
    expect(out).toMatch(/^warn {3}TOKENS_ENDING +a token ends soon: "ci" in \d days\n +why: .+\n +do: rotate them/m);
    expect([code, err]).toEqual([0, expect.stringMatching(/^cider: 0 errors, \d warnings?\n$/)]);
  });

  it("mends rights when asked, and only then", async () => {
    const file = join(node.dataDir, "ca.pem");
    chmodSync(file, 0o644);
    expect((await doctor(node.dataDir)).code).toBe(1);
    const { code, err, out } = await doctor(node.dataDir, ["--fix"]);
    expect([code, statSync(file).mode & 0o777]).toEqual([0, 0o600]);
    expect([err, out]).toEqual([expect.stringContaining("mended: FOLDER_RIGHTS"), expect.stringMatching(/^ok +FOLDER_RIGHTS/m)]);
  });
});

describe("beside a node that does not run", () => {
  it("looks at its folder itself", async () => {
    const stopped = await nodeOfTest();
    await stopped.stop();
    const levels = await levelsOf(stopped.dataDir);
    expect(levels).toMatchObject({ NODE_RUNS: "error", KEY_FILE: "ok", LEDGER_FILES: "ok", FOLDER_RIGHTS: "ok" });
    expect(levels).not.toHaveProperty("LEDGER_CHAIN");
    writeFileSync(join(stopped.dataDir, "identity.key"), "");
    rmSync(join(stopped.dataDir, "ledger"), { recursive: true });
    expect(await levelsOf(stopped.dataDir)).toMatchObject({ KEY_FILE: "error", LEDGER_FILES: "error" });
  });

  it("says who has its port, and removes the socket a killed node left behind", async () => {
    const stopped = await nodeOfTest();
    await stopped.stop();
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => void other.once("listening", resolve));
    const address = other.address();
    const env = { CIDER_PORT: String(typeof address === "object" ? address?.port : 0) };
    writeFileSync(stopped.socket, "", { mode: 0o600 });
    const { findings } = await doctorJson(stopped.dataDir, [], env);
    const what = Object.fromEntries(findings.map((finding) => [finding.code, finding.what]));
    expect(what["PORT_HOLDER"]).toMatch(/^port \d+ is taken by /);
    expect(what["SOCKET_STALE"]).toBe(`${stopped.socket} is there, and nobody answers`);
    expect((await doctorJson(stopped.dataDir, ["--fix"], env)).mended).toContain("SOCKET_STALE");
    await new Promise((resolve) => void other.close(resolve));
  });

  it("says where it looked when there never was one", async () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    const { code, out } = await doctor(empty);
    expect([code, out]).toEqual([1, expect.stringContaining(`no node is kept here (looked into ${empty})`)]);
    expect(readdirSync(empty)).toEqual([]);
  });
});

describe("--bundle", () => {
  it("writes a private file without secrets, and says to look through it", async () => {
    const { err } = await doctor(node.dataDir, ["--bundle"]);
    const [name = ""] = readdirSync(folder).filter((file) => file.startsWith("cider-fleet-doctor-"));
    expect(err).toContain(`look through ${join(folder, name)} before`);
    const text = readFileSync(join(folder, name), "utf8");
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(text)).toMatchObject({
      supportFile: 1,
      status: { nodeId: node.nodeId },
      machine: { version: node.version },
    });
    const words = text.split(/[^0-9A-Za-z_]+/);
    expect(words.filter((word) => isTokenText(word) || isTokenText(word, "cst_"))).toEqual([]);
    expect(text).not.toContain(token);
    expect(text).not.toMatch(/PRIVATE KEY|cider-fleet:\/\//);
  });

  it("would take out secrets that came into a text by mistake", () => {
    const key = readFileSync(join(node.dataDir, "identity.key"), "utf8");
    const secrets = [
      makeTokenText(systemRandom),
      makeTokenText(systemRandom, "cst_"),
      key.trim(),
      `cider-fleet://${token}@host:9473`,
    ];
    for (const secret of secrets) expect(withoutSecrets(JSON.stringify({ a: `x ${secret} y` }))).toMatch(/^\{"a":"x \[removed\]/);
    expect(withoutSecrets("token csk_AAAA… of node")).toBe("token csk_AAAA… of node");
  });
});
