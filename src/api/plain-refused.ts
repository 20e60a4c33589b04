/**
 * Refusing plain HTTP where only TLS is served: 426 with `Upgrade: TLS/1.2` (RFC 9110 §15.5.22, RFC 2817 §4.2).
 *
 * The answer goes out at once. Then what the client is still sending is read and dropped for a moment: closing with
 * unread bytes would reset the connection and could destroy the answer on its way.
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Limits } from "./limits.ts";

type DiscardLimits = Pick<Limits, "discardBytes" | "discardTime">;

/** Lets `answer` send the refusal, with the fields of a 426 set, and closes the connection when the client is done or a limit is reached. */
export function refusePlain(request: IncomingMessage, response: ServerResponse, limits: DiscardLimits, answer: () => void): void {
  const { socket } = request;
  const timer = setTimeout(() => socket.destroySoon(), limits.discardTime).unref();
  const close = () => {
    clearTimeout(timer);
    socket.destroySoon();
  };
  let waiting = 2;
  const done = () => {
    waiting -= 1;
    if (waiting === 0) close();
  };
  let discarded = 0;
  request.on("data", (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > limits.discardBytes) close();
  });
  request.once("end", done);
  response.once("finish", done);
  response.setHeader("Connection", "Upgrade");
  response.setHeader("Upgrade", "TLS/1.2");
  answer();
}
