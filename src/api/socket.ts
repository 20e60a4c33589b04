/**
 * `GET /v1/ws`: JSON-RPC 2.0 over a WebSocket (docs/protocol/07-websocket.md). The upgrade is a list of guards in reading order;
 * after it, every call takes the same way as an HTTP request from *match* on.
 */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { FleetError } from "../foundation/errors.ts";
import { LOCAL_SOURCE, type Source } from "../foundation/source.ts";
import type { Credential } from "../policy/actor.ts";
import { SUBPROTOCOL } from "../wire/frames.ts";
import { answerable } from "./answer.ts";
import { bearerToken } from "./bearer.ts";
import { NO_BODY } from "./body.ts";
import { type Fields, readFields } from "./fields.ts";
import { type OwnNames, requireOwnHost, requireOwnOrigin } from "./host.ts";
import { LIMITS } from "./limits.ts";
import { rawAnswer } from "./raw-answer.ts";
import { FleetSocket, type SessionParts } from "./socket-session.ts";
import { parseTarget } from "./target.ts";

/** The one path that is upgraded. */
export const SOCKET_PATH = "/v1/ws";

/** What upgrades and sockets work with. */
export interface SocketParts extends SessionParts {
  readonly own: OwnNames;
}

/** Upgrades connections to WebSockets, or answers why not. */
export class SocketApi {
  readonly #parts: SocketParts;
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: LIMITS.socketMessageBytes,
    maxFragments: LIMITS.socketFragments,
    maxBufferedChunks: LIMITS.socketPieces,
    handleProtocols: () => SUBPROTOCOL,
  });

  /** Where upgrades come from, for those that `ws` refuses. */
  readonly #sources = new WeakMap<Duplex, Source>();

  constructor(parts: SocketParts) {
    this.#parts = parts;
    this.#server.on("wsClientError", ({ message }, socket) => {
      const error = new FleetError("INVALID_REQUEST", `the upgrade is not RFC 6455: ${message}`);
      void this.#refuse(socket, error, this.#sources.get(socket) ?? LOCAL_SOURCE, this.#parts.requestId());
    });
  }

  /** Upgrades the connection, or answers why not and closes it. Never rejects. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, source: Source): Promise<void> {
    const lost = (): void => undefined;
    const requestId = this.#parts.requestId();
    socket.on("error", lost);
    this.#sources.set(socket, source);
    try {
      const credential = await this.#admit(request, source);
      if (socket.destroyed) return;
      if (credential !== undefined) this.#requireLive(credential, source, requestId);
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        socket.off("error", lost);
        new FleetSocket(webSocket, socket, source, credential, this.#parts).greet();
      });
    } catch (error) {
      await this.#refuse(socket, error, source, requestId);
    }
  }

  /** Resolves to the credential sent with the upgrade; undefined when `authenticate` is still to come. */
  async #admit(request: IncomingMessage, source: Source): Promise<Credential | undefined> {
    const { path } = parseTarget(request.url ?? "");
    const fields = readFields(request.rawHeaders);
    requireOwnHost(fields, this.#parts.own);
    requireOwnOrigin(fields, this.#parts.own);
    if (path !== SOCKET_PATH) throw new FleetError("NOT_FOUND", "there is no WebSocket at this path");
    if (request.method !== "GET") throw new FleetError("METHOD_NOT_ALLOWED", undefined, { allow: "GET" });
    requireSubprotocol(fields);
    return this.#credential(request, fields, source);
  }

  /** Called in the tick in which the socket begins to live: what ends the credential later ends the socket too. */
  #requireLive(credential: Credential, source: Source, requestId: string): void {
    this.#parts.operations.admit({ credential, source, requestId, operation: "Connect" });
    this.#parts.onProven(source);
  }

  /** Over plain HTTP to another host no credential is taken: whoever listens could take the connection over. */
  async #credential(request: IncomingMessage, fields: Fields, source: Source): Promise<Credential | undefined> {
    const { credentials } = this.#parts.operations;
    const { authorization, isSigned } = fields;
    const message = { method: request.method ?? "", target: request.url ?? "", rawHeaders: request.rawHeaders };
    const claim = isSigned ? credentials.claim(message) : undefined;
    if (authorization === undefined && claim === undefined)
      return source.via === LOCAL_SOURCE.via ? { kind: "local" } : undefined;
    if (source.via === "plain") throw new FleetError("TLS_REQUIRED", "an authenticated WebSocket goes over TLS only");
    if (claim === undefined) return credentials.bearer(bearerToken(authorization ?? ""));
    if (authorization !== undefined) throw new FleetError("TWO_CREDENTIALS");
    return credentials.confirm(claim, NO_BODY);
  }

  /** Nothing watches this connection any more, so it is not left to the other side to end it. */
  async #refuse(socket: Duplex, thrown: unknown, source: Source, requestId: string): Promise<void> {
    const error = answerable(await this.#parts.operations.judge(thrown, source));
    if (error.code === "INTERNAL") this.#parts.logger.error({ err: error.cause, requestId }, "upgrade failed");
    socket.end(rawAnswer(error, requestId));
    setTimeout(() => socket.destroy(), LIMITS.discardTime).unref();
  }
}

function requireSubprotocol(fields: Fields): void {
  const offered = (fields["sec-websocket-protocol"] ?? "").split(",").map((protocol) => protocol.trim());
  if (!offered.includes(SUBPROTOCOL))
    throw new FleetError("INVALID_REQUEST", `the upgrade must offer the subprotocol ${SUBPROTOCOL}`);
}
