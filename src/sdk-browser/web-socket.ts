/** A WebSocket of the page. It sends no fields of its own, so the credential follows on the open socket. */

import { NORMAL_CLOSURE } from "../sdk/close-codes.ts";
import { reasonOf } from "../sdk/deadline.ts";
import type { SocketLike, SocketListener } from "../sdk/transport.ts";
import { SUBPROTOCOL } from "../wire/frames.ts";

/** Beside NORMAL_CLOSURE a page may send the close codes of applications, which begin here (RFC 6455 §7.4.2). */
const FIRST_PRIVATE = 3000;

/** Resolves when the socket is open; frames reach `listener` from the first one on. Rejects when it does not open. */
export function openWebSocket(url: URL, listener: SocketListener, signal: AbortSignal): Promise<SocketLike> {
  const socket = new WebSocket(url, SUBPROTOCOL);
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "string") listener.text(data);
    else socket.close();
  };
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(reasonOf(signal));
      socket.close();
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.onclose = () => reject(new Error("the socket did not open"));
    socket.onopen = () => {
      signal.removeEventListener("abort", abort);
      socket.onclose = ({ code, reason }) => listener.closed(code, reason);
      resolve({ send: (frame) => socket.send(frame), close: (code, reason) => close(socket, code, reason) });
    };
    if (signal.aborted) abort();
  });
}

/** Other codes are the browser's to send: without one it says that the page gave none. */
function close(socket: WebSocket, code: number, reason: string): void {
  if (code === NORMAL_CLOSURE || code >= FIRST_PRIVATE) socket.close(code, reason);
  else socket.close();
}
