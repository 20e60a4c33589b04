/** The commands as scripts meet them: processes of the installed package, their JSON, their words and exit codes. */

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { FleetClient } from "../../src/sdk-node/index.ts";
import { isTokenText } from "../../src/wire/token.ts";
import { ask } from "../support/http.ts";
import { codeOf, memoryStore, pairPlainly } from "./support/clients.ts";
import { cleanEnvironment, Daemon, daemonOfTest, program } from "./support/daemon.ts";
import { openWindow, PairCommand } from "./support/pairing.ts";
import { type Ended, Process, run } from "./support/processes.ts";
import { requirePrograms } from "./support/requirements.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cider-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe("for scripts", () => {
  let daemon: Daemon;
  /** A window of the shortest time, opened first so that nobody waits for its end. */
  let brief: PairCommand;

  beforeAll(async () => {
    daemon = await new Daemon().start();
    brief = new PairCommand(daemon, "--seconds", "30");
    await brief.open();
    return async () => {
      if (!brief.process.hasEnded) await brief.process.end("SIGKILL");
      await daemon.end();
    };
  });

  test("status --json has what a script needs", async () => {
    const status = await daemon.cliJson("status");
    expect(status).toMatchObject({
      nodeId: daemon.nodeId,
      fleetId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) as string,
      name: expect.any(String) as string,
      version: (JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as { version: string }).version,
      port: daemon.port,
      addresses: ["127.0.0.1"],
      socket: daemon.socket,
      dataDir: daemon.folder,
      peers: 0,
      tokens: expect.any(Number) as number,
    });
  });

  test("token generate prints the secret alone, or the record as JSON; both say their rights and end", async () => {
    const plain = await daemon.cli("token", "generate", "--name", "plain");
    expect(plain.code).toBe(0);
    expect(isTokenText(plain.stdout.trimEnd())).toBe(true);
    expect(plain.stderr).toMatch(/readOnly, expires in 90 days/);
    const before = Date.now();
    const record = await daemon.cliJson("token", "generate", "--name", "json", "--permissions", "fullAccess", "--expires", "30d");
    expect(isTokenText(record["token"])).toBe(true);
    expect(record).toMatchObject({ name: "json", permissions: "fullAccess", owner: "fleet", status: "active" });
    const days = (Date.parse(String(record["expiresAt"])) - before) / 86_400_000;
    expect(Math.abs(days - 30)).toBeLessThan(0.01);
    expect((await ask(daemon.place, "GET /v1/node", { token: plain.stdout.trimEnd() })).status).toBe(200);
    const list = await daemon.cli("token", "list", "--json");
    expect(list.stdout).not.toContain(plain.stdout.trimEnd());
    expect(await daemon.cliJson("token", "revoke", String(record["id"]))).toMatchObject({
      status: "revoked",
      connectionsClosed: 0,
    });
    expect((await ask(daemon.place, "GET /v1/node", { token: String(record["token"]) })).json["code"]).toBe("TOKEN_REVOKED");
  });

  test("cert --pem is the authority that the node hands out", async () => {
    const { stdout } = await daemon.cli("cert", "--pem");
    expect(stdout).toBe(readFileSync(join(daemon.folder, "ca.pem"), "utf8"));
    expect((await ask(daemon.place, "GET /v1/node/ca.pem", { via: "tls" })).text).toBe(stdout);
  });

  test("what is mistyped, unknown or not there has an exit code of its own, and nothing on stdout", async () => {
    const outcomes: readonly [readonly string[], number, RegExp][] = [
      [["statsu"], 2, /cider: error: unknown command 'statsu'/],
      [["token", "generate"], 2, /--name/],
      [["token", "generate", "--name", "x", "--permissions", "everything"], 2, /readOnly/],
      [["token", "revoke", "nothing-like-it"], 5, /there is no token "nothing-like-it"/],
    ];
    for (const [words, code, text] of outcomes) {
      const ended = await daemon.cli(...words);
      expect(ended, words.join(" ")).toMatchObject({ code, stdout: "" });
      expect(ended.stderr).toMatch(text);
    }
  });

  test("pair --json says at last that the window expired", async () => {
    expect(await brief.process.finish(60_000)).toMatchObject({ code: 6, stderr: "" });
    expect(brief.events).toEqual(["open", "expired"]);
  });
});

test("pair --json prints at once what is open, then who tried and who paired", async () => {
  const daemon = await daemonOfTest();
  const { code, link, secondsLeft, command } = await openWindow(daemon);
  expect(code).toMatch(/^[0-9]{6}$/);
  expect(link).toMatch(
    new RegExp(`^cider-fleet://pair\\?v=1&h=127\\.0\\.0\\.1&p=${daemon.port}&n=${daemon.nodeId}&s=[\\w-]{22}$`),
  );
  expect(secondsLeft).toBe(120);
  const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, "0");
  expect(await codeOf(pairPlainly(daemon.port, wrong))).toBe("PAIRING_WRONG_CODE");
  expect(await command.line("attempt")).toMatchObject({
    name: "test client",
    address: "127.0.0.1",
    way: "code",
    attemptsLeft: 4,
  });
  const { nodeId } = await FleetClient.pair("127.0.0.1", code, "laptop", daemon.port, { store: memoryStore(), role: "operator" });
  expect(await command.line("paired")).toMatchObject({ name: "laptop", nodeId, role: "operator" });
  expect((await command.process.finish()).code).toBe(0);
  expect(await daemon.cliJson("peers", "list")).toMatchObject({
    peers: [{ id: nodeId, name: "laptop", role: "operator", way: "code" }],
  });
  expect(await daemon.cliJson("peers", "remove", "laptop")).toMatchObject({ id: nodeId });
});

describe("clear words", () => {
  function up(folder: string, ...options: readonly string[]): Promise<Ended> {
    return run(program("up", "--data-dir", folder, "--listen", "127.0.0.1", ...options), { env: cleanEnvironment(folder) });
  }

  test("when no node is running, with what to type as it was typed", async () => {
    const folder = newFolder();
    const ended = await run(program("status", "--data-dir", folder), { env: cleanEnvironment(folder) });
    expect(ended).toMatchObject({ code: 3, stdout: "" });
    expect(ended.stderr).toBe(
      `cider: error: no node is running here (no socket answers at ${folder}/run/node.sock)\n` +
        `cider: hint: start it with "node ${program()[1]} up", or name a folder with --data-dir\n`,
    );
  });

  test("when it was killed and left its socket", async () => {
    const daemon = await daemonOfTest();
    await daemon.kill();
    expect(await daemon.cli("token", "list")).toMatchObject({ code: 3, stdout: "" });
  });

  test("when the port is taken: by which node, or how to find out by whom", async () => {
    const daemon = await daemonOfTest();
    const byNode = await up(newFolder(), "--port", String(daemon.port));
    expect(byNode.code).toBe(75);
    expect(byNode.stderr).toMatch(new RegExp(`port ${daemon.port} .*${daemon.nodeId}`));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
    });
    const { port } = server.address() as { port: number };
    const byOther = await up(newFolder(), "--port", String(port));
    expect(byOther.code).toBe(75);
    expect(byOther.stderr).toContain(
      process.platform === "darwin" ? `lsof -nP -iTCP:${port} -sTCP:LISTEN` : `ss -ltnp 'sport = :${port}'`,
    );
  });

  test("when the folder is in use: by which process and node", async () => {
    const daemon = await daemonOfTest();
    const ended = await up(daemon.folder, "--port", "0");
    expect(ended.code).toBe(75);
    expect(ended.stderr).toContain(
      `process ${daemon.pid} (node ${daemon.nodeId.slice(0, 6)}, port ${daemon.port}) owns ${daemon.folder}`,
    );
  });

  test("when the folder is open to others: the command that closes it", async () => {
    const folder = newFolder();
    chmodSync(folder, 0o755);
    const ended = await up(folder, "--port", "0");
    expect(ended.code).toBe(78);
    expect(ended.stderr).toContain(`is open to other accounts (mode 0755): chmod 700 '${folder}'`);
  });

  test.each([
    [
      "an unknown key",
      'name = "a"\n[tokens]\ndefaultExpirey = "30d"\n',
      "3:1: there is no setting tokens.defaultExpirey; did you mean tokens.defaultExpiry?",
    ],
    ["a wrong value", "port = 99999\n", "1:1: port must be a whole number from 0 to 65535 (0: any free port)"],
    ["no TOML", 'name = "a\n', "1:"],
  ])("when the configuration has %s: file, line and column", async (_, text, expected) => {
    const folder = newFolder();
    const file = join(folder, "cider-fleet.toml");
    writeFileSync(file, text);
    const ended = await up(folder, "--config", file);
    expect(ended.code).toBe(78);
    expect(ended.stderr).toContain(`cider: error: ${file}:${expected}`);
  });

  test("when the key was damaged: nothing is replaced", async () => {
    const daemon = await daemonOfTest();
    await daemon.stop();
    const path = join(daemon.folder, "identity.key");
    const key = readFileSync(path, "utf8");
    writeFileSync(path, key.replace("M", "N"));
    const ended = await up(daemon.folder, "--port", "0");
    expect(ended.code).toBe(78);
    expect(ended.stderr).toContain("restore identity.key from a backup");
    expect(readFileSync(path, "utf8")).toBe(key.replace("M", "N"));
    writeFileSync(path, key);
    await daemon.start();
  });
});

test("at a terminal without peers, up introduces the node and opens the first window by itself", async (context) => {
  requirePrograms(context, "script");
  const folder = newFolder();
  const port = await freePort();
  const words = program("up", "--data-dir", folder, "--listen", "127.0.0.1", "--port", String(port));
  const command = `exec ${words.map((word) => `'${word}'`).join(" ")}`;
  const screen = new Process(["script", "-qefc", command, "/dev/null"], { env: { ...cleanEnvironment(folder), TERM: "xterm" } });
  onTestFinished(async () => {
    if (!screen.hasEnded) await screen.end("SIGKILL");
  });
  const code = await screen.line("stdout", (line) => /code +([0-9]{6})\s*$/.exec(line)?.[1], "a code");
  for (const word of ["name", "node id", "fingerprint", "addresses"]) expect(screen.stdout).toContain(word);
  const { responderNodeId } = await FleetClient.pair("127.0.0.1", code, "first", port, { store: memoryStore() });
  expect(screen.stdout).toContain(responderNodeId);
  await screen.line("stdout", (line) => (line.includes("paired as admin") ? line : undefined), "the word that somebody paired");
  screen.write("\u0003", { more: true });
  expect(await screen.finish()).toMatchObject({ code: 0 });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
