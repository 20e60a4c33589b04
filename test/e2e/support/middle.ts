/** Machines in the middle: one that passes bytes on under a certificate of its own, one that also changes what is said. */

import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer, request as httpRequest, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createHttpsServer, request as httpsRequest } from "node:https";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer as createTlsServer } from "node:tls";
import { onTestFinished } from "vitest";
import { SecretKey } from "../../../src/crypto/secret-key.ts";
import { systemClock } from "../../../src/foundation/clock.ts";
import { silentLogger } from "../../../src/foundation/logger.ts";
import { systemRandom } from "../../../src/foundation/random.ts";
import { nodeIdOf } from "../../../src/identity/node-id.ts";
import { NodeCertificates } from "../../../src/identity/tls.node.ts";
import { isJsonObject, type JsonObject } from "../../../src/wire/parse.ts";
import type { Daemon } from "./daemon.ts";
import { succeed } from "./processes.ts";

/** What a TLS server shows. */
interface Chain {
  readonly key: string;
  readonly cert: string;
}

export interface Middle {
  readonly port: number;
  /** Everything clients sent, as it was inside TLS. */
  readonly received: string;
}

/** Returns a certificate as a proxy that looks into TLS makes it: right name, no fleet node behind it. */
export async function proxyChain(): Promise<Chain> {
  const folder = mkdtempSync(join(tmpdir(), "cider-proxy-"));
  try {
    const key = join(folder, "key.pem");
    const names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const kind = ["-newkey", "rsa:2048", "-nodes", "-keyout", key];
    const cert = await succeed(["openssl", "req", "-x509", ...kind, ...names]);
    return { key: readFileSync(key, "utf8"), cert };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the chain of a fleet node that is somebody else's, and that node's key. */
export async function strangerChain({
  configured = [],
}: {
  readonly configured?: readonly string[];
} = {}): Promise<Chain & { readonly nodeKey: SecretKey }> {
  const folder = mkdtempSync(join(tmpdir(), "cider-stranger-"));
  try {
    const nodeKey = SecretKey.generate(systemRandom);
    const names = { names: [], addresses: ["127.0.0.1"], configured };
    const parts = { folder, clock: systemClock, random: systemRandom, logger: silentLogger, names: () => names };
    const certificates = await NodeCertificates.open({ ...parts, key: nodeKey, nodeId: nodeIdOf(nodeKey.publicKey) });
    return { ...certificates.context(), nodeKey };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the chain that a daemon shows, as only who holds its folder can. */
export function chainOf(daemon: Daemon): Chain {
  const text = readFileSync(join(daemon.folder, "tls.pem"), "utf8");
  const start = text.indexOf("-----BEGIN CERTIFICATE-----");
  return { key: text.slice(0, start), cert: text.slice(start) + readFileSync(join(daemon.folder, "ca.pem"), "utf8") };
}

/** Opens a relay with this chain before a daemon; it goes with the test. */
export async function openRelay(chain: Chain, daemon: Daemon): Promise<Middle> {
  const chunks: Buffer[] = [];
  const server = createTlsServer({ ...chain, ALPNProtocols: ["http/1.1"] }, (client) => {
    const node = connect({ host: "127.0.0.1", port: daemon.port, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] });
    client.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      node.write(chunk);
    });
    node.pipe(client);
    for (const [one, other] of [
      [client, node],
      [node, client],
    ] as const) {
      one.on("error", () => undefined);
      one.on("close", () => other.destroy());
    }
  });
  return listening(server, chunks);
}

/** Opens a proxy that is never to be asked; `env` tells of it in all ways that programs look for one. */
export async function openProxy(): Promise<{ readonly env: Readonly<Record<string, string>>; readonly asked: () => number }> {
  let asked = 0;
  const server = createServer((client) => {
    asked++;
    client.destroy();
  });
  const { port } = await listening(server, []);
  const names = ["http_proxy", "https_proxy", "all_proxy"].flatMap((name) => [name, name.toUpperCase()]);
  const env = Object.fromEntries(names.map((name) => [name, `http://127.0.0.1:${port}`]));
  return { env: { ...env, NODE_USE_ENV_PROXY: "1" }, asked: () => asked };
}

/** What a relay makes of the messages, by their paths: of what clients send, and of what the node answers. */
export interface Changes {
  readonly asked?: Readonly<Record<string, (message: JsonObject) => JsonObject>>;
  readonly answered?: Readonly<Record<string, (message: JsonObject) => JsonObject>>;
}

/** Opens a relay that rewrites JSON: over TLS with this chain, else over plain HTTP at both sides. */
export async function openRewriter(daemon: Daemon, changes: Changes, chain?: Chain): Promise<Middle> {
  const chunks: Buffer[] = [];
  const relay = async (incoming: IncomingMessage): Promise<{ readonly status: number; readonly body: Buffer }> => {
    const { method = "GET", url = "/" } = incoming;
    const sent = await bytesOf(incoming);
    chunks.push(Buffer.from(`${method} ${url}\n${JSON.stringify(incoming.rawHeaders)}\n`), sent, Buffer.from("\n"));
    const body = changed(sent, changes.asked?.[url]);
    const headers = { "content-type": "application/json", "content-length": body.length };
    const options = { host: "127.0.0.1", port: daemon.port, method, path: url, headers };
    const request = chain === undefined ? httpRequest(options) : httpsRequest({ ...options, rejectUnauthorized: false });
    request.end(body);
    const [answer] = (await once(request, "response")) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, body: changed(await bytesOf(answer), changes.answered?.[url]) };
  };
  const listener: RequestListener = (incoming, response) => {
    void relay(incoming).then(
      ({ status, body }) => response.writeHead(status, { "content-type": "application/json" }).end(body),
      () => response.destroy(),
    );
  };
  return listening(chain === undefined ? createHttpServer(listener) : createHttpsServer(chain, listener), chunks);
}

async function listening(server: Server, chunks: readonly Buffer[]): Promise<Middle> {
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get received() {
      return Buffer.concat(chunks).toString("latin1");
    },
  };
}

async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function changed(body: Buffer, change: ((message: JsonObject) => JsonObject) | undefined): Buffer {
  if (change === undefined) return body;
  const message: unknown = JSON.parse(body.toString("utf8"));
  return isJsonObject(message) ? Buffer.from(JSON.stringify(change(message))) : body;
}
