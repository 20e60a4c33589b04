/** A WebSocket over a connection that is made and checked already. */

import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { WebSocket } from "ws";
import { invalidAnswer, readAnswer as readMembers } from "../sdk/answer.ts";
import { reasonOf } from "../sdk/deadline.ts";
import type { SocketLike, SocketListener, UpgradeRequest } from "../sdk/transport.ts";
import { SUBPROTOCOL } from "../wire/frames.ts";
import { readAnswer } from "./http-exchange.ts";

/** Bytes of the largest frame a client takes. */
const MAX_FRAME = 16 * 1024 * 1024;

/** Milliseconds for the other side to answer our close; who left must not be kept by a network that is gone. */
const CLOSE_TIME = 2_000;

/**
 * Upgrades `connection` and resolves when the socket is open. Frames reach `listener` from the first one on. Rejects
 * with the error of the node's answer when it refused, or of the connection as it came.
 */
export function upgrade(
  connection: Socket,
  request: UpgradeRequest,
  host: string,
  listener: SocketListener,
): Promise<SocketLike> {
  const { path, headers, signal } = request;
  // The address stands in the connection; this URL only tells ws that TLS is no concern of its own.
  const socket = new WebSocket(`ws://node${path}`, SUBPROTOCOL, {
    createConnection: () => connection,
    headers: { ...headers, host },
    perMessageDeflate: false,
    maxPayload: MAX_FRAME,
    followRedirects: false,
  });
  socket.on("message", (data, isBinary) => (isBinary ? socket.close(1003) : listener.text((data as Buffer).toString("utf8"))));
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(reasonOf(signal));
      socket.terminate();
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.on("error", reject);
    socket.on("unexpected-response", (outgoing, response) => {
      refusalOf(response)
        .then(reject, reject)
        .finally(() => outgoing.destroy());
    });
    socket.once("open", () => {
      signal.removeEventListener("abort", abort);
      socket.on("close", (code, reason) => listener.closed(code, String(reason)));
      resolve({ send: (frame) => socket.send(frame), close: (code, reason) => close(socket, code, reason) });
    });
  });
}

function close(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  setTimeout(() => socket.terminate(), CLOSE_TIME).unref();
}

async function refusalOf(response: IncomingMessage): Promise<never> {
  readMembers(await readAnswer(response));
  throw invalidAnswer("it did not take the upgrade");
}
