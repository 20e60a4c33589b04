/** A port or local socket on which every request is answered with where it came from. */

import type { IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { Connections } from "../../src/api/connections.ts";
import type { Handlers } from "../../src/api/http-server.ts";
import { LIMITS, type Limits } from "../../src/api/limits.ts";
import { openPort, type Port, type PortOptions } from "../../src/api/port.ts";
import { systemClock } from "../../src/foundation/clock.ts";
import { silentLogger } from "../../src/foundation/logger.ts";
import type { Source } from "../../src/foundation/source.ts";
import { isLoopback, networkOf, plainAddress } from "../../src/host/addresses.ts";
import { type TestNode, testNode } from "../identity/certificates.ts";

/** Every source a handler was called with, by handler. */
export interface Seen {
  readonly requests: Source[];
  readonly upgrades: Source[];
  readonly clientErrors: (string | undefined)[];
  readonly refused: Source[];
}

/** Handlers that answer `<via> <method> <body length>` and note what they saw. */
export function echo(): { handlers: Handlers; seen: Seen } {
  const seen: Seen = { requests: [], upgrades: [], clientErrors: [], refused: [] };
  const handlers: Handlers = {
    onRequest(request, response, source) {
      seen.requests.push(source);
      let length = 0;
      request.on("data", (chunk: Buffer) => {
        length += chunk.length;
      });
      request.on("end", () => response.end(`${source.via} ${request.method ?? ""} ${length}`));
    },
    onUpgrade(_, socket, __, source) {
      seen.upgrades.push(source);
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello");
      socket.on("data", (chunk) => socket.write(chunk));
    },
    onClientError(error, socket) {
      seen.clientErrors.push(error.code);
      socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    },
    onPlainRefused(_, response, source) {
      seen.refused.push(source);
      response.writeHead(426, { "Content-Type": "application/json" }).end('{"code":"TLS_REQUIRED"}');
    },
  };
  return { handlers, seen };
}

type TestPortOptions = Partial<Omit<PortOptions, "limits">> & { readonly limits?: Partial<Limits>; readonly node?: TestNode };

export interface TestPort extends Port {
  readonly node: TestNode;
  readonly seen: Seen;
  readonly connections: Connections;
}

/** Opens a port of the system's choice on loopback, closed when the test is over. */
export async function testPort({ limits, node, ...options }: TestPortOptions = {}): Promise<TestPort> {
  const own = node ?? (await testNode());
  const all = { ...LIMITS, stopTime: 200, ...limits };
  const { handlers, seen } = echo();
  const connections = new Connections(systemClock, all);
  const port = await openPort({
    listen: ["127.0.0.1"],
    port: 0,
    certificates: own.certificates,
    plaintext: "loopback",
    connections,
    addressing: { isLoopback, networkOf, plainAddress },
    handlers,
    logger: silentLogger,
    ...options,
    limits: all,
  });
  onTestFinished(() => port.close());
  return { ...port, node: own, seen, connections };
}

/** An Addressing to which 127.0.0.1 is another host on the LAN. */
export const asLanHost = { isLoopback: () => false, networkOf, plainAddress };

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

interface AskOptions {
  readonly method?: string;
  readonly host?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ca?: string;
  readonly servername?: string;
  readonly socketPath?: string;
}

/** Resolves to the answer of one request on a connection of its own. */
export function ask(
  scheme: "http" | "https",
  port: number,
  { body, host = "127.0.0.1", ...options }: AskOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const start = scheme === "https" ? httpsRequest : httpRequest;
    const request = start({ host, port, path: "/", agent: false, ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** Returns a bare connection, ended with the test. */
export async function dial(port: number, host = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return socket;
}

/** Resolves to everything the other side sends until the connection is closed. */
export function untilClosed(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.setEncoding("latin1").on("data", (part: string) => {
      text += part;
    });
    socket.once("end", () => socket.end());
    socket.once("close", () => resolve(text));
  });
}

/** Resolves once `condition` holds; the test's own time limit ends a wait in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
