/** What nobody else may read or reach. Every daemon of these tests is looked through at its end as well, see `Daemon.end`. */

import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { FleetClient } from "../../src/sdk-node/index.ts";
import { ask, exchange } from "../support/http.ts";
import { codeOf, memoryStore } from "./support/clients.ts";
import { cleanEnvironment, type Daemon, daemonOfTest, program } from "./support/daemon.ts";
import { openWindow } from "./support/pairing.ts";
import { Process, run } from "./support/processes.ts";
import { requirePrograms, requireRoot } from "./support/requirements.ts";
import { findLeaks } from "./support/secrets.ts";

/** The account that owns nothing. */
const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** Returns a folder inside one that everybody may enter. */
function folderInTheOpen(): string {
  const parent = mkdtempSync(join(tmpdir(), "cider-open-"));
  chmodSync(parent, 0o755);
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  return join(parent, "data");
}

describe("another account", () => {
  test("reaches neither socket nor files, even when somebody opened the folders", async (context) => {
    requireRoot(context);
    requirePrograms(context, "setpriv", "curl");
    const daemon = await daemonOfTest({ folder: folderInTheOpen() });
    const call = ["curl", "-sS", "--unix-socket", daemon.socket, "http://localhost/api/health"];
    expect((await run(call)).stdout).toContain(daemon.nodeId);
    expect(await run([...NOBODY, ...call])).toMatchObject({ code: 7, stdout: "" });
    const opened = [daemon.folder, dirname(daemon.socket)];
    for (const folder of opened) chmodSync(folder, 0o755);
    expect(await run([...NOBODY, ...call])).toMatchObject({ code: 7, stdout: "" });
    for (const file of ["identity.key", "tls.pem", "ledger/000001.log"]) {
      expect((await run([...NOBODY, "cat", join(daemon.folder, file)])).stdout).toBe("");
    }
    for (const folder of opened) chmodSync(folder, 0o700);
  });

  test("is told whose node it is and how to ask, and cannot start one there", async (context) => {
    requireRoot(context);
    requirePrograms(context, "setpriv");
    const daemon = await daemonOfTest({ folder: folderInTheOpen() });
    const env = cleanEnvironment("/nonexistent");
    const status = await run([...NOBODY, ...daemon.command("status")], { env });
    expect(status).toMatchObject({ code: 4, stdout: "" });
    expect(status.stderr).toContain('belongs to "root"');
    expect(status.stderr).toContain(`hint: run: sudo cider-fleet status --data-dir ${daemon.folder}`);
    const up = await run([...NOBODY, ...daemon.command("up", "--port", "0")], { env });
    expect(up.code).toBe(78);
    expect(up.stderr).toContain(`belongs to uid 0, this is uid 65534; if it is yours: sudo chown -R 65534 '${daemon.folder}'`);
  });

  test("that runs a node of its own keeps it from others, and root may use it", async (context) => {
    requireRoot(context);
    requirePrograms(context, "setpriv");
    const folder = folderInTheOpen();
    mkdirSync(folder, { mode: 0o700 });
    expect(await run(["chown", "65534:65534", folder])).toMatchObject({ code: 0 });
    const daemon = await daemonOfTest({ folder, before: NOBODY, env: { HOME: "/nonexistent" } });
    expect(statSync(daemon.socket)).toMatchObject({ uid: 65534 });
    expect(await daemon.cliJson("status")).toMatchObject({ nodeId: daemon.nodeId });
    const third = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups", ...daemon.command("status")];
    expect(await run(third, { env: cleanEnvironment("/nonexistent") })).toMatchObject({ code: 4 });
  });
});

test("what is typed for join is listed to no other account", async (context) => {
  requirePrograms(context, "ps");
  const silent = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void silent.close());
  await once(silent, "listening");
  const connected = once(silent, "connection") as Promise<[Socket]>;
  const { port } = silent.address() as AddressInfo;
  const code = "904613";
  const home = mkdtempSync(join(tmpdir(), "cider-home-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const joining = new Process(program("join", `127.0.0.1:${port}`, code), { env: cleanEnvironment(home) });
  const [connection] = await connected;
  const listed = await run(["ps", "-ww", "-o", "args=", "-p", String(joining.pid)]);
  connection.destroy();
  await joining.finish();
  expect(listed.stdout).toContain("cider fleet join");
  expect(listed.stdout).not.toContain(code);
});

test("a careless umask opens nothing", async () => {
  const daemon = await daemonOfTest({ before: ["sh", "-c", 'umask 000; exec "$@"', "sh"] });
  const { code } = await openWindow(daemon);
  await FleetClient.pair("127.0.0.1", code, "any", daemon.port, { store: memoryStore() });
  await daemon.restart();
  expect(statSync(daemon.socket).mode & 0o777).toBe(0o600);
  expect(findLeaks(daemon.folder, daemon.said)).toEqual([]);
  await daemon.stop();
  expect(findLeaks(daemon.folder, daemon.said)).toEqual([]);
});

describe("a secret", () => {
  /** Sends a token to every place where tokens do not belong. */
  async function misplace(daemon: Daemon, token: string): Promise<void> {
    for (const path of [`/v1/node?access_token=${token}`, `/v1/tokens/${token}`, `/${token}`, `/rpc/${token}`, `//${token}`]) {
      await ask(daemon.place, `GET ${path}`);
      await ask(daemon.place, `POST ${path}`, { body: { apiToken: token, token } });
    }
    const fields: readonly Record<string, string>[] = [
      { Host: token },
      { Origin: `https://${token}` },
      { "User-Agent": token },
      { "Cider-Node": token },
      { Authorization: token },
      { Authorization: `Basic ${token}` },
      { "Signature-Input": `sig1=();tag="cider-fleet-v1";keyid="${token}"` },
    ];
    for (const headers of fields) await ask(daemon.place, "GET /v1/node", { headers });
    for (const body of [token, `"${token}"`, `{"${token}":1}`, { name: token, permissions: token }]) {
      await ask(daemon.place, "POST /v1/tokens", { body, token });
      await ask(daemon.place, "POST /v1/pairing/begin", { body });
    }
    for (const bytes of [`GET /${token} HTTP/9.9\r\n\r\n`, `${token}\r\n\r\n`, `GET / HTTP/1.1\r\n${token}\r\n\r\n`]) {
      await exchange(daemon.place, bytes);
    }
  }

  test("is written nowhere, wherever it was put by mistake, at the level that logs most", async () => {
    const daemon = await daemonOfTest({ options: ["--listen", "127.0.0.1", "--log-level", "debug"] });
    const local = daemon.local();
    const { token, id } = await local.generateAPIToken("misplaced", "fullAccess");
    await misplace(daemon, token);
    await local.revokeAPIToken(id);
    await misplace(daemon, token);
    const { code, link } = await openWindow(daemon);
    await FleetClient.pair(link, undefined, "by link", undefined, { store: memoryStore() });
    expect(await codeOf(FleetClient.pair("127.0.0.1", code, "late", daemon.port, { store: memoryStore() }))).toBe(
      "PAIRING_CLOSED",
    );
    local.close();
    await daemon.stop();
    expect(findLeaks(daemon.folder, daemon.said)).toEqual([]);
    expect(daemon.said).not.toContain(token.slice(4, 36));
  });

  test("is found where it does leak: the search sees tokens, keys and open files", async () => {
    const daemon = await daemonOfTest();
    const { token } = await daemon.local().generateAPIToken("seed", "readOnly");
    await daemon.stop();
    expect(findLeaks(daemon.folder, `token is ${token}.`)).toEqual(["the log holds a token"]);
    expect(findLeaks(daemon.folder, "cider-fleet://pair?v=1&s=0123456789abcdefABCDEF")).toEqual([
      "the log holds the secret of a link",
    ]);
    expect(findLeaks(daemon.folder, readFileSync(join(daemon.folder, "identity.key"), "utf8"))).toEqual([
      "the log holds a private key in PEM",
    ]);
    const stray = join(daemon.folder, "stray");
    writeFileSync(stray, token, { mode: 0o644 });
    expect(findLeaks(daemon.folder, "")).toEqual([`${stray} has mode 644`, "stray holds a token"]);
    rmSync(stray);
  });
});
