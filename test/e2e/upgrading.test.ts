/** docs/upgrading.md: its commands are run as they stand, but for ports and addresses. pip's line is run by `npm run test:python`. */

import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { systemRandom } from "../../src/foundation/random.ts";
import { pairAsClient } from "../../src/pairing/asking.ts";
import { type JsonObject, parseObject } from "../../src/wire/parse.ts";
import { ask } from "../support/http.ts";
import { newKey } from "./support/clients.ts";
import { cleanEnvironment, daemonOfTest } from "./support/daemon.ts";
import { twoHosts } from "./support/network.ts";
import { openWindow } from "./support/pairing.ts";
import { run, succeed } from "./support/processes.ts";
import { requirePrograms, requireRoot } from "./support/requirements.ts";

const TEXT = readFileSync(join(import.meta.dirname, "../../docs/upgrading.md"), "utf8");
const COMMANDS = [...TEXT.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = ""]) => block.trim().split("\n"));
const [ALIAS = "", FROM_FILE = "", PIP, CERT = "", CURL = "", UP = "", GENERATE = "", PAIR = ""] = COMMANDS;
const [IMPORT = ""] = /^import .*fleet-sdk";$/m.exec(TEXT) ?? [];
const TARBALL = "cider-fleet-0.1.0.tgz";

function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), "cider-upgrade-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Returns the address of a registry that has this package and no other. */
async function registryOfTest(tarball: string): Promise<string> {
  const path = join(inject("installed"), "node_modules/cider-fleet/package.json");
  const manifest = parseObject(JSON.parse(readFileSync(path, "utf8")), "manifest");
  const version = String(manifest["version"]);
  const server: Server = createServer((request, response) => {
    const here = `http://${request.headers.host ?? ""}`;
    if (request.url === "/cider-fleet") {
      const versions = { [version]: { ...manifest, dist: { tarball: `${here}/${TARBALL}` } } };
      response.end(JSON.stringify({ name: "cider-fleet", "dist-tags": { latest: version }, versions }));
    } else if (request.url === `/${TARBALL}`) response.end(readFileSync(tarball));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test("every command of the page is run here", () => {
  expect(PIP).toBe('pip install "./clients/python[pairing]"');
  expect(COMMANDS).toEqual([ALIAS, FROM_FILE, PIP, CERT, CURL, UP, GENERATE, PAIR]);
  expect([ALIAS, FROM_FILE, UP, GENERATE, PAIR].map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
    "npm i @ciderstack/fleet-sdk@npm:cider-fleet",
    `npm i @ciderstack/fleet-sdk@file:${TARBALL}`,
    "cider fleet up",
    "cider fleet token",
    "cider fleet pair",
  ]);
});

test.each([ALIAS, FROM_FILE])("%s leaves old import lines as they are", async (line) => {
  const [packed = ""] = readdirSync(inject("installed")).filter((name) => name.endsWith(".tgz"));
  const tarball = join(inject("installed"), packed);
  const folder = folderOfTest();
  copyFileSync(tarball, join(folder, TARBALL));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "old", private: true, type: "module" }));
  const daemon = await daemonOfTest();
  const { token } = await daemon.local().generateAPIToken("old");
  const env = { ...cleanEnvironment(folder), npm_config_registry: await registryOfTest(tarball), npm_config_audit: "false" };
  await succeed(["sh", "-c", line], { cwd: folder, env });
  const call = `const client = new FleetClient({ host: "127.0.0.1", port: ${daemon.port}, apiToken: process.env.TOKEN });`;
  writeFileSync(
    join(folder, "old.js"),
    `${IMPORT}\n${call}\nconsole.log((await client.getNodeInfo()).nodeId);\nclient.close();\n`,
  );
  const said = await succeed([process.execPath, "old.js"], { cwd: folder, env: { ...env, TOKEN: token } });
  expect(said.trim()).toBe(daemon.nodeId);
});

test("the old calls are answered in the old form, and who only names himself is nobody", async (context) => {
  requirePrograms(context, "sh", "curl");
  const daemon = await daemonOfTest();
  const { token } = await daemon.local().generateAPIToken("old");
  const rpc = async (method: string, body: JsonObject) => (await ask(daemon.place, `POST /rpc/${method}`, { body })).json;
  expect(await rpc("GetNodeInfo", { apiToken: token })).toMatchObject({ nodeId: daemon.nodeId });
  expect(await rpc("ListVMs", { apiToken: token })).toEqual({ vms: [] });
  expect(await rpc("GetTasks", { apiToken: token })).toMatchObject({ success: false, code: "OPERATION_UNAVAILABLE" });
  expect(await rpc("GetNodeInfo", { callerNodeID: daemon.nodeId })).toMatchObject({
    success: false,
    code: "AUTHENTICATION_REQUIRED",
  });
  const folder = folderOfTest();
  const pem = await succeed(daemon.command(...CERT.replace(/ > .*/, "").split(" ").slice(2)), {
    env: cleanEnvironment(daemon.home),
  });
  writeFileSync(join(folder, "ca.pem"), pem);
  const line = CURL.replace("curl", "curl -sS").replace(":9473", `:${daemon.port}`);
  const answer = await succeed(["sh", "-c", line], { cwd: folder, env: { ...cleanEnvironment(folder), TOKEN: token } });
  expect(JSON.parse(answer)).toMatchObject({ nodeId: daemon.nodeId });
});

test("plain HTTP on the LAN takes the token of the page from its address, and gives no secret", async (context) => {
  requireRoot(context);
  requirePrograms(context, "curl", "ip");
  const [node, other] = await twoHosts("192.168.1.100/24", "192.168.1.50/24");
  const [, , , ...flags] = UP.split(" ");
  const daemon = await daemonOfTest({ options: flags, port: 9473, before: node.before });
  const { token } = await daemon.cliJson(...GENERATE.split(" ").slice(2));
  const post = async (path: string, body: JsonObject, before = other.before): Promise<JsonObject> => {
    const words = ["curl", "-sS", "-H", "Content-Type: application/json", "-d", JSON.stringify(body)];
    const { stdout } = await run([...before, ...words, `http://192.168.1.100:9473${path}`]);
    return parseObject(JSON.parse(stdout), "answer");
  };
  const apiToken = String(token);
  expect(await post("/rpc/GetNodeInfo", { apiToken })).toMatchObject({ nodeId: daemon.nodeId });
  expect(await post("/rpc/GetNodeInfo", { apiToken }, node.before)).toMatchObject({ code: "TOKEN_ADDRESS_REFUSED" });
  expect(await post("/rpc/RotateSelf", { apiToken })).toMatchObject({ success: false, code: "TLS_REQUIRED" });
  const upgrade = [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Protocol: cider-fleet.v1",
  ];
  const headers = [...upgrade, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", `Authorization: Bearer ${apiToken}`];
  const words = ["curl", "-sS", ...headers.flatMap((field) => ["-H", field]), "http://192.168.1.100:9473/v1/ws"];
  const { stdout } = await run([...other.before, ...words]);
  expect(stdout).toContain("TLS_REQUIRED");
  const { stdout: status } = await daemon.cli("status");
  expect(status).toMatch(/plain HTTP .*network/);
});

test("plain HTTP pairs in a window that allows it, and else names the command that opens one", async (context) => {
  requireRoot(context);
  requirePrograms(context, "curl", "ip");
  const [node, other] = await twoHosts("192.168.1.100/24", "192.168.1.50/24");
  const [, , , ...flags] = UP.split(" ");
  const daemon = await daemonOfTest({ options: flags, port: 9473, before: node.before });
  const post = (path: string) => async (message: object) => {
    const words = ["curl", "-sS", "-H", "Content-Type: application/json", "-d", JSON.stringify(message)];
    const answer = parseObject(JSON.parse(await other.succeed(...words, `http://192.168.1.100:9473${path}`)), "answer");
    if (answer["code"] !== undefined) throw new Error(JSON.stringify(answer));
    return answer;
  };
  const exchange = { begin: post("/v1/pairing/begin"), finish: post("/v1/pairing/finish") };
  const client = { name: "old display", kind: "sdk", way: "code", channel: "plain", random: systemRandom, exchange } as const;
  const pair = (secret: string) => pairAsClient({ ...client, secret, signer: newKey() });

  const strict = await openWindow(daemon);
  await expect(pair(strict.code)).rejects.toThrow(/\\"cider fleet pair --allow plain\\" opens one that does.*PAIRING_CHANNEL/);
  await daemon.cli("pair", "--close");

  const [, , , ...options] = PAIR.split(" ");
  const { code, command } = await openWindow(daemon, ...options);
  expect(await command.line("open")).toMatchObject({ channels: ["plain"] });
  await pair(code);
  expect(await command.line("paired")).toMatchObject({ name: "old display", role: "viewer" });
  expect((await daemon.local().listPeers()).peers).toMatchObject([{ name: "old display", channel: "plain" }]);
});
