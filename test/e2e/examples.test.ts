/** docs/examples: every program as it stands, against the built daemon. disk-report.py is run by the tests of the Python client, page in page.test.ts. */

import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { parseObject, parseString } from "../../src/wire/parse.ts";
import { cleanEnvironment, daemonOfTest } from "./support/daemon.ts";
import { openWindow, PairCommand } from "./support/pairing.ts";
import { Process, run, succeed } from "./support/processes.ts";
import { requirePrograms } from "./support/requirements.ts";

const ROOT = join(import.meta.dirname, "../..");
const EXAMPLES = join(ROOT, "docs/examples");
const TSX = pathToFileURL(join(ROOT, "node_modules/tsx/dist/esm/index.mjs")).href;

function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), "cider-example-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Returns the words that run an example beside the installed package. */
function example(name: string, ...args: readonly string[]): readonly string[] {
  const path = join(inject("installed"), name);
  copyFileSync(join(EXAMPLES, name), path);
  return [process.execPath, "--import", TSX, path, ...args];
}

/** Compiles files beside the installed package; returns what tsc says. */
function compile(...files: readonly string[]): string {
  const installed = inject("installed");
  const types = { types: ["node"], typeRoots: [join(ROOT, "node_modules/@types")] };
  const compilerOptions = { strict: true, noEmit: true, target: "es2023", module: "nodenext", ...types };
  writeFileSync(join(installed, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  return spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", installed]).stdout.toString();
}

test("all are here, and the TypeScript ones compile against the installed package", () => {
  expect(readdirSync(EXAMPLES).toSorted()).toEqual(["ci-script.mts", "disk-report.py", "menu-bar.mts", "node-info.sh", "page"]);
  const installed = inject("installed");
  for (const name of ["ci-script.mts", "menu-bar.mts"]) copyFileSync(join(EXAMPLES, name), join(installed, name));
  expect(compile("ci-script.mts", "menu-bar.mts")).toBe("");
});

describe("ci-script.mts", () => {
  const check = (env: Readonly<Record<string, string>>) =>
    run(example("ci-script.mts"), { cwd: inject("installed"), env: { ...cleanEnvironment(folderOfTest()), ...env } });

  test("ends by what the node has room for", async () => {
    const daemon = await daemonOfTest();
    const { token } = await daemon.local().generateAPIToken("ci-pipeline");
    const CIDER_FLEET_URL = `cider-fleet://${token}@127.0.0.1:${daemon.port}?n=${daemon.nodeId}`;
    expect(await check({ CIDER_FLEET_URL, MIN_FREE_GB: "0" })).toMatchObject({ code: 0, stderr: "" });
    const full = await check({ CIDER_FLEET_URL, MIN_FREE_GB: "1e9" });
    expect(full).toMatchObject({ code: 1, stderr: "" });
    expect(full.stdout).toMatch(/^.+: \d+ GB free, CPU \d+ %\n$/);
  });

  test("names what is wrong, and never the token", async () => {
    const [daemon, other] = [await daemonOfTest(), await daemonOfTest()];
    const { token } = await daemon.local().generateAPIToken("misdirected");
    const wrong = await check({ CIDER_FLEET_URL: `cider-fleet://${token}@127.0.0.1:${other.port}?n=${daemon.nodeId}` });
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toMatch(/^NODE_MISMATCH: /);
    expect(wrong.stderr).not.toContain(token);
    expect((await check({})).stderr).toMatch(/^INVALID_OPTIONS: set CIDER_FLEET_URL/);
  });
});

describe("menu-bar.mts", () => {
  const lineWith = (text: string) => (line: string) => (line.includes(text) ? line : undefined);

  test("pairs by link, shows changes, comes back after a restart with what it missed, and ends with its key", async () => {
    const daemon = await daemonOfTest();
    const env = cleanEnvironment(folderOfTest());
    const start = (...args: readonly string[]): Process => {
      const app = new Process(example("menu-bar.mts", "127.0.0.1", String(daemon.port), ...args), {
        cwd: inject("installed"),
        env,
      });
      onTestFinished(async () => {
        if (!app.hasEnded) await app.end("SIGKILL");
      });
      return app;
    };
    const unpaired = await start().finish();
    expect(unpaired).toMatchObject({ code: 1, stdout: "" });
    expect(unpaired.stderr).toMatch(/^NO_KEY_FOR_NODE_ID: /);

    const command = new PairCommand(daemon, "--link", "--role", "viewer");
    const link = parseString(await command.line("open"), "link");
    const app = start("--pair");
    app.write(`${link}\n`);
    expect(await command.line("paired")).toMatchObject({ name: "menu bar", role: "viewer" });
    await app.line("stdout", lineWith("CPU "), "the first figures");
    await daemon.local().renameNode({ name: "renamed" });
    await app.line("stdout", lineWith("● renamed"), "the new name");
    await daemon.kill();
    await app.line("stdout", lineWith("○ away"), "that the node is away");
    await daemon.start();
    await daemon.local().renameNode({ name: "again" });
    await app.line("stdout", lineWith("● again"), "the name after the restart");

    const [peer] = (await daemon.local().listPeers()).peers;
    await daemon.local().removePeer(peer?.id ?? "");
    const ended = await app.finish();
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^(CREDENTIAL_ENDED|PEER_UNKNOWN|PEER_REMOVED): /);
    expect(ended.stdout + ended.stderr).not.toContain(link);
  });
});

describe("the program of docs/typescript.md", () => {
  const [, SNIPPET = ""] = /^```ts\n(.*?)^```/ms.exec(readFileSync(join(ROOT, "docs/typescript.md"), "utf8")) ?? [];
  const start = (env: Readonly<Record<string, string>>) => {
    const path = join(inject("installed"), "typescript-page.mts");
    writeFileSync(path, SNIPPET);
    const words = [process.execPath, "--import", TSX, path];
    return run(words, { cwd: inject("installed"), env: { ...cleanEnvironment(folderOfTest()), ...env } });
  };

  test("finds its node by a private file, follows it, and hears that its token ends", async () => {
    const daemon = await daemonOfTest();
    const { token } = await daemon.local().generateAPIToken("page", "readOnly", { expires: "9d" });
    const CIDER_FLEET_URL_FILE = join(folderOfTest(), "url");
    writeFileSync(CIDER_FLEET_URL_FILE, `cider-fleet://${token}@127.0.0.1:${daemon.port}?n=${daemon.nodeId}\n`, { mode: 0o600 });
    const said = await start({ CIDER_FLEET_URL_FILE });
    expect(compile("typescript-page.mts")).toBe("");
    expect(said).toMatchObject({ code: 0, stdout: `${(await daemon.local().getNodeInfo()).name}\n` });
    expect(said.stderr).toMatch(
      /^\(node:\d+\) \[CIDER_TOKEN_ENDS\] CiderFleetWarning: API token csk_\w{8}… ends at \S+Z, in [89] days; /,
    );
    expect(said.stderr.match(/CiderFleetWarning/g)).toHaveLength(1);
    expect(said.stderr).not.toContain(token);

    chmodSync(CIDER_FLEET_URL_FILE, 0o644);
    const open = await start({ CIDER_FLEET_URL_FILE });
    expect(open.code).toBe(1);
    expect(open.stderr).toContain(`run: chmod 600 '${CIDER_FLEET_URL_FILE}'`);
  });

  test("says which scope it lacks", async () => {
    const daemon = await daemonOfTest();
    const { token } = await daemon.local().generateAPIToken({ name: "page", permissions: "custom", scopes: ["audit:read"] });
    const CIDER_FLEET_URL = `cider-fleet://${token}@127.0.0.1:${daemon.port}?n=${daemon.nodeId}`;
    const refused = await start({ CIDER_FLEET_URL });
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^needs machines:read\nINSUFFICIENT_SCOPE: /);
  });
});

describe("an app that keeps its key elsewhere, as docs/apps.md shows it", () => {
  const [, SNIPPET = ""] = /^```ts\n(.*?)^```/ms.exec(readFileSync(join(ROOT, "docs/apps.md"), "utf8")) ?? [];
  // What the system brings in a real app: a keychain, and a key that nobody can read.
  const SYSTEM = `
    import { generateKeyPairSync, sign } from "node:crypto";
    const { host, link, port } = JSON.parse(process.env["INPUT"] ?? "") as { host: string; link: string; port: number };
    const items = new Map<string, string>();
    const keychain = {
      read: async (name: string): Promise<string | undefined> => items.get(name),
      write: async (name: string, text: string): Promise<void> => void items.set(name, text),
    };
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x = "", y = "" } = privateKey.export({ format: "jwk" });
    const point = Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
    const enclave = {
      point,
      sign: async (message: Uint8Array): Promise<Uint8Array> =>
        sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }),
    };
  `;
  const SHOW = `
    console.log(JSON.stringify({ self: await client.getSelf(), creds, kept: [...items.keys()] }));
    client.close();
  `;

  test("compiles, pairs and calls, and stores no key", async () => {
    const installed = inject("installed");
    writeFileSync(join(installed, "app.mts"), `${SYSTEM}${SNIPPET}${SHOW}`);
    expect(compile("app.mts")).toBe("");
    const daemon = await daemonOfTest();
    const { link } = await openWindow(daemon);
    const INPUT = JSON.stringify({ host: "127.0.0.1", link, port: daemon.port });
    const words = [process.execPath, "--import", TSX, join(installed, "app.mts")];
    const said = await succeed(words, { cwd: installed, env: { ...cleanEnvironment(folderOfTest()), INPUT } });
    const { creds, kept, self } = parseObject(JSON.parse(said), "answer");
    expect(self).toMatchObject({ actor: `peer:${parseString(parseObject(creds, "creds"), "nodeId")}` });
    expect(creds).not.toHaveProperty("privateKeyHex");
    expect(kept).toEqual([`nodes/${daemon.nodeId}`, "nodes"]);
  });
});

describe("node-info.sh", () => {
  const SCRIPT = join(EXAMPLES, "node-info.sh");
  const ask = (port: number, nodeId: string, TOKEN: string) =>
    run(["sh", SCRIPT, "127.0.0.1", String(port), nodeId], { env: { ...cleanEnvironment(folderOfTest()), TOKEN } });

  test("asks the node with that id, and sends no other one a token", async (context) => {
    requirePrograms(context, "sh", "curl", "openssl");
    const [daemon, other] = [await daemonOfTest(), await daemonOfTest()];
    const { token, id } = await daemon.local().generateAPIToken("shell");
    const answer = await ask(daemon.port, daemon.nodeId, token);
    expect(answer).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(answer.stdout)).toMatchObject({ nodeId: daemon.nodeId });

    const wrong = await ask(other.port, daemon.nodeId, token);
    expect(wrong).toMatchObject({ code: 3, stdout: "" });
    expect(wrong.stderr).toContain(`is ${other.nodeId}, not ${daemon.nodeId}; nothing was sent`);

    await daemon.local().revokeAPIToken(id);
    const revoked = await ask(daemon.port, daemon.nodeId, token);
    expect(revoked.code).toBe(22);
    expect(revoked.stdout).toContain("TOKEN_REVOKED");
  });

  test("is not misled by who shows the node's certificate and one of their own", async (context) => {
    requirePrograms(context, "sh", "curl", "openssl");
    const daemon = await daemonOfTest();
    const folder = folderOfTest();
    const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out", "own.pem"];
    const named = ["-subj", "/CN=stranger", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"];
    await run(["openssl", "req", "-x509", ...made, ...named], { cwd: folder });
    const [key, cert] = ["key.pem", "own.pem"].map((name) => readFileSync(join(folder, name), "utf8"));
    const heard: string[] = [];
    const stranger = createServer({ key, cert }, (request, response) => {
      heard.push(`${request.url ?? ""} ${request.headers.authorization ?? "nothing"}`);
      response.end(`${daemon.place.ca}${cert ?? ""}`);
    });
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void stranger.close());
    const { port } = stranger.address() as AddressInfo;
    expect(await ask(port, daemon.nodeId, "csk_secret")).toMatchObject({ code: 60, stdout: "" });
    expect(heard).toEqual(["/v1/node/ca.pem nothing"]);
  });
});
