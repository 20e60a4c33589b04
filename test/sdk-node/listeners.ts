/** Small honest ends of a TLS connection: one that answers requests, one that only listens, one that relays. */

import { constants } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import { type TestNode, testNode } from "../identity/certificates.ts";

export interface Seen {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** Port of the client's end: the same for requests of one connection. */
  readonly from: number | undefined;
}

export interface Listening {
  readonly port: number;
  /** Everything that was decrypted here, as text. */
  readonly read: () => string;
  /** Names asked for in the handshakes (SNI). */
  readonly names: string[];
  /** Cuts all connections. */
  readonly cut: () => void;
  /** Shows another node's certificates from the next handshake on. */
  readonly become: (node: TestNode) => void;
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** Listens with the node's certificates and hands each connection, once its handshake is done, to `serve`. */
async function listen(node: TestNode, serve: (socket: TLSSocket, record: (chunk: Buffer) => void) => void): Promise<Listening> {
  const chunks: Buffer[] = [];
  const names: string[] = [];
  const sockets = new Set<TLSSocket>();
  const server = createTlsServer({
    ...node.certificates.context(),
    ALPNProtocols: ["http/1.1"],
    secureOptions: constants.SSL_OP_NO_TICKET,
    SNICallback: (name, done) => {
      names.push(name);
      done(null);
    },
  });
  server.on("secureConnection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket, (chunk) => chunks.push(chunk));
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const port = await open(server);
  onTestFinished(cut);
  const become = (other: TestNode): void => server.setSecureContext(other.certificates.context());
  return { port, names, cut, become, read: () => Buffer.concat(chunks).toString("latin1") };
}

/** A node that answers every request as `answer` says. */
export async function answering(
  answer: (seen: Seen) => Reply | Promise<Reply> | undefined,
  node?: TestNode,
): Promise<Listening & { readonly node: TestNode; readonly seen: Seen[] }> {
  const known = node ?? (await testNode());
  const seen: Seen[] = [];
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers, socket } = request;
      const one = { line: `${method} ${url}`, headers, body: Buffer.concat(chunks).toString("utf8"), from: socket.remotePort };
      seen.push(one);
      void Promise.resolve(answer(one)).then((reply) => {
        if (reply !== undefined) response.writeHead(reply.status, { "content-type": "application/json" }).end(reply.body);
      });
    });
  });
  const listening = await listen(known, (socket) => http.emit("connection", socket));
  return { ...listening, node: known, seen };
}

/** Whoever took the node's address: has certificates of its own, reads whatever comes, says nothing. */
export async function stranger(): Promise<Listening> {
  return listen(await testNode(), (socket, record) => socket.on("data", record));
}

/** Passes everything on to the node at `port` and back, under its own chain, and reads along. */
export async function relayTo(port: number): Promise<Listening> {
  return listen(await testNode(), (socket, record) => {
    const upstream = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false });
    upstream.on("error", () => socket.destroy());
    socket.on("close", () => upstream.destroy());
    socket.on("data", record);
    socket.pipe(upstream).pipe(socket);
  });
}

/** A plain TCP listener; returns its port. */
export async function plainListener(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return open(server);
}

async function open(server: Server): Promise<number> {
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "::", resolve));
  return (server.address() as AddressInfo).port;
}
