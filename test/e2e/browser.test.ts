/** The browser SDK of the installed package in Chromium, against the built node: over TLS, and on the node's own machine. */

import { createHash, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { toBase64url } from "../../src/foundation/bytes.ts";
import { appFolder, inApp, type Told } from "./support/app-page.ts";
import { newKey } from "./support/clients.ts";
import { type Daemon, daemonOfTest } from "./support/daemon.ts";
import { openWindow } from "./support/pairing.ts";
import { requirePrograms } from "./support/requirements.ts";

const HOST = "127.0.0.1";

async function nodeWithApp(): Promise<Daemon> {
  return daemonOfTest({ options: ["--listen", HOST, "--pages", await appFolder()] });
}

/** Opens the page that the node serves. */
async function openApp(daemon: Daemon, scheme: "http" | "https"): Promise<Page> {
  const page = await newPage(daemon);
  await page.goto(`${scheme}://${HOST}:${daemon.port}/pages/`);
  return page;
}

/** Opens a page in a browser that trusts this node's authority, as one does into which `ca.pem` was taken. */
async function newPage({ place }: Daemon): Promise<Page> {
  const spki = new X509Certificate(place.ca).publicKey.export({ type: "spki", format: "der" });
  const trusted = createHash("sha256").update(spki).digest("base64");
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", `--ignore-certificate-errors-spki-list=${trusted}`],
  });
  onTestFinished(() => browser.close());
  return browser.newPage();
}

const given = ({ value, code }: Told): Readonly<Record<string, unknown>> => {
  if (value === undefined) throw new Error(`the page was refused: ${String(code)}`);
  return value as Readonly<Record<string, unknown>>;
};

describe.each([
  { scheme: "https", channel: "blind", leave: ["--allow", "blind"] },
  { scheme: "http", channel: "loopback", leave: [] },
] as const)("a page at $scheme", ({ scheme, channel, leave }) => {
  test("pairs, signs, issues a token, uses it by fetch and WebSocket, hears events, and is cut off", async (context) => {
    requirePrograms(context, "chromium");
    const daemon = await nodeWithApp();
    const { port } = daemon;
    const page = await openApp(daemon, scheme);
    const { code } = await openWindow(daemon, ...leave);
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, "0");
    expect(await inApp(page, "pair", HOST, port, wrong)).toEqual({ code: "PAIRING_WRONG_CODE" });
    const { nodeId, ...paired } = given(await inApp(page, "pair", HOST, port, code));
    expect(paired).toMatchObject({ responderNodeId: daemon.nodeId, role: "admin" });
    expect(paired).not.toHaveProperty("privateKeyHex");
    expect((await daemon.local().listPeers()).peers).toMatchObject([{ id: nodeId, kind: "browser", channel, name: "a page" }]);

    const byKey = { host: HOST, port, nodeId };
    const { token, id } = given(await inApp(page, "generate", byKey, "made in a page"));
    const byToken = { host: HOST, port, apiToken: token };
    expect(given(await inApp(page, "call", byToken, "getNodeInfo"))).toMatchObject({ nodeId: daemon.nodeId });
    expect(await inApp(page, "listen", byToken)).toEqual({ value: daemon.nodeId });
    await daemon.local().renameNode({ name: "orchard" });
    await expect.poll(() => inApp(page, "heard")).toMatchObject([{ topic: "node", data: { type: "node.renamed" } }]);
    const [{ seq = 0 } = {}] = await inApp<readonly { readonly seq?: number }[]>(page, "heard");
    expect(await inApp(page, "firstEvent", byKey, seq - 1)).toMatchObject({ value: { topic: "node", seq } });

    expect(given(await inApp(page, "revoke", byKey, String(id)))).toMatchObject({ connectionsClosed: 1 });
    expect(await inApp<string>(page, "ended")).toBe("CREDENTIAL_ENDED");
    expect(await inApp(page, "call", byToken, "getNodeInfo")).toEqual({ code: "TOKEN_REVOKED" });
  });

  test("has its key after a reload, and one of its own where it brings one", async (context) => {
    requirePrograms(context, "chromium");
    const daemon = await nodeWithApp();
    const page = await openApp(daemon, scheme);
    const { code, command } = await openWindow(daemon, ...leave);
    const { nodeId } = given(await inApp(page, "pair", HOST, daemon.port, code));
    await command.line("paired");
    await page.reload();
    const byKey = { host: HOST, port: daemon.port, nodeId };
    expect(given(await inApp(page, "call", byKey, "getSelf"))).toMatchObject({ actor: `peer:${String(nodeId)}` });

    const second = await openWindow(daemon, ...leave);
    const self = given(await inApp(page, "pairWithOwnKey", HOST, daemon.port, second.code));
    expect(self).toMatchObject({ name: "own key" });
    expect(self["actor"]).not.toBe(`peer:${String(nodeId)}`);
    await daemon.local().removePeer(String(nodeId));
    expect(await inApp(page, "call", byKey, "getSelf")).toEqual({ code: "PEER_UNKNOWN" });
  });
});

test("a page follows a node over its end and start, and is told on its console that its token ends", async (context) => {
  requirePrograms(context, "chromium");
  const daemon = await nodeWithApp();
  const page = await openApp(daemon, "https");
  const said: string[] = [];
  page.on("console", (message) => void said.push(`${message.type()} ${message.text()}`));
  const { token } = await daemon.local().generateAPIToken("ends soon", "readOnly", { expires: "9d" });
  const byToken = { host: HOST, port: daemon.port, apiToken: token };
  for (let call = 0; call < 2; call++) expect(given(await inApp(page, "call", byToken, "getNodeInfo"))).toHaveProperty("name");
  expect(said.filter((line) => line.startsWith("warning API token"))).toEqual([
    expect.stringMatching(/^warning API token csk_\w{8}… ends at \S+Z, in [89] days; rotate it/),
  ]);

  await inApp(page, "follow", byToken);
  const lastName = async (): Promise<unknown> =>
    (await inApp<readonly { readonly data: { readonly name: string } }[]>(page, "heard")).at(-1)?.data.name;
  await expect.poll(() => daemon.local().renameNode({ name: "before" }).then(lastName)).toBe("before");
  await daemon.kill();
  await daemon.start();
  await daemon.local().renameNode({ name: "after" });
  await expect.poll(lastName, { timeout: 30_000 }).toBe("after");
});

test("a page over TLS is not paired with unless the opener allowed it, and reaches no node it does not trust", async (context) => {
  requirePrograms(context, "chromium");
  const daemon = await nodeWithApp();
  const page = await openApp(daemon, "https");
  const { code } = await openWindow(daemon);
  expect(await inApp(page, "pair", HOST, daemon.port, code)).toEqual({ code: "PAIRING_CHANNEL" });
  expect(await inApp(page, "pair", HOST, daemon.port, "12345")).toEqual({ code: "INVALID_REQUEST" });
  const other = await nodeWithApp();
  await expect(page.goto(`https://${HOST}:${other.port}/pages/`)).rejects.toThrow("ERR_CERT");
});

test("what a page signs is good for the node it was paired with, and for no other at its address", async (context) => {
  requirePrograms(context, "chromium");
  const app = await appServer();
  const env = { CIDER_ORIGINS: `http://${HOST}:${app}` };
  const [daemon, other] = [await daemonOfTest({ env }), await daemonOfTest({ env })];
  const page = await newPage(daemon);
  await page.goto(`http://${HOST}:${app}`);
  const { link } = await openWindow(daemon);
  await openWindow(other);
  expect(await inApp(page, "pair", link, other.port, undefined)).toEqual({ code: "NODE_MISMATCH" });
  const { nodeId } = given(await inApp(page, "pair", link, daemon.port, undefined));
  const byKey = { host: HOST, port: daemon.port, nodeId };
  expect(given(await inApp(page, "call", byKey, "getNodeInfo"))).toMatchObject({ nodeId: daemon.nodeId });
  expect(await inApp(page, "call", { ...byKey, port: other.port }, "getNodeInfo")).toEqual({ code: "WRONG_NODE" });
  expect(await inApp(page, "listen", { ...byKey, port: other.port })).toEqual({ code: "NODE_MISMATCH" });
});

test("a page is told by codes what its browser tells: gone, silent, too much", async (context) => {
  requirePrograms(context, "chromium");
  const app = await appServer();
  const daemon = await daemonOfTest({ env: { CIDER_ORIGINS: `http://${HOST}:${app}` } });
  const page = await newPage(daemon);
  await page.goto(`http://${HOST}:${app}`);
  const { link } = await openWindow(daemon);
  const { nodeId } = given(await inApp(page, "pair", link, daemon.port, undefined));
  const silent = await serverOfTest(() => undefined);
  const talkative = await serverOfTest((_, response) => {
    for (const name of ["Origin", "Headers"]) response.setHeader(`Access-Control-Allow-${name}`, "*");
    response.end(Buffer.alloc(16 * 1024 * 1024 + 1));
  });
  const at = (port: number) => ({ host: HOST, port, nodeId, timeout: 2000, retries: 0 });

  expect(await inApp(page, "call", at(silent), "getNodeInfo")).toEqual({ code: "TIMEOUT" });
  expect(await inApp(page, "listen", at(silent))).toEqual({ code: "TIMEOUT" });
  expect(await inApp(page, "call", at(talkative), "getNodeInfo")).toEqual({ code: "INVALID_ANSWER" });
  expect(await inApp(page, "listen", at(talkative))).toEqual({ code: "CONNECTION_FAILED" });
  const { port } = daemon;
  expect(await inApp(page, "listen", at(port))).toEqual({ value: daemon.nodeId });
  await daemon.stop();
  expect(await inApp<string>(page, "ended")).toBe("SHUTTING_DOWN");
  expect(await inApp(page, "call", at(port), "getNodeInfo")).toEqual({ code: "CONNECTION_FAILED" });
  expect(await inApp(page, "listen", at(port))).toEqual({ code: "CONNECTION_FAILED" });
});

test("a page sends its token to nobody who does not prove to know it", async (context) => {
  requirePrograms(context, "chromium");
  const app = await appServer();
  const daemon = await daemonOfTest({ env: { CIDER_ORIGINS: `http://${HOST}:${app}` } });
  const page = await newPage(daemon);
  await page.goto(`http://${HOST}:${app}`);
  const { token } = await daemon.local().generateAPIToken("page", "readOnly");
  const asked: string[] = [];
  const answer = { nodeKey: toBase64url(newKey().publicKey), proof: toBase64url(new Uint8Array(32)) };
  const stranger = await serverOfTest(async (request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""} ${JSON.stringify(request.headers)} ${await textOf(request)}`);
    response.setHeader("Content-Type", "application/json");
    for (const name of ["Origin", "Headers"]) response.setHeader(`Access-Control-Allow-${name}`, "*");
    response.end(JSON.stringify(answer));
  });
  const byToken = { host: HOST, port: stranger, apiToken: token };
  expect(await inApp(page, "call", byToken, "getNodeInfo")).toEqual({ code: "NODE_UNPROVEN" });
  expect(await inApp(page, "call", { ...byToken, responderNodeId: daemon.nodeId }, "getNodeInfo")).toEqual({
    code: "NODE_UNPROVEN",
  });
  expect(asked.filter((text) => text.startsWith("POST /v1/tokens/prove"))).toHaveLength(2);
  expect(asked.join("\n")).not.toContain(token);
  expect(
    await inApp(page, "call", { ...byToken, port: daemon.port, responderNodeId: daemon.nodeId }, "getNodeInfo"),
  ).toMatchObject({
    value: { nodeId: daemon.nodeId },
  });
});

/** Serves the app at an origin of its own; returns its port. */
async function appServer(): Promise<number> {
  const folder = await appFolder();
  return serverOfTest((request, response) => {
    const name = readdirSync(folder).find((file) => request.url === `/${file}`) ?? "index.html";
    response.setHeader("Content-Type", name.endsWith(".js") ? "text/javascript" : "text/html");
    response.end(readFileSync(join(folder, name)));
  });
}

/** Returns the port of a server on this machine that ends with the test. */
async function serverOfTest(answer: (...args: Parameters<RequestListener>) => void | Promise<void>): Promise<number> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
