/**
 * One port for TLS and plain HTTP: the first byte tells them apart.
 *
 * The byte is put back before the socket is handed on, so the receiver reads the stream from its start. node:http then
 * takes the socket's handle for its own parser, as for a socket it accepted itself: only the first chunk passes through
 * JavaScript, and a request on a connection that stays open costs nothing more.
 */

import type { Socket } from "node:net";

/** A TLS record of type handshake (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 0x16;
const A = 0x41;
const Z = 0x5a;

/** What a connection turned out to speak. */
export type Protocol = "tls" | "http";

/** Returns what a connection speaks that begins with `byte`, or undefined for neither. Every HTTP method begins with A–Z. */
export function protocolOf(byte: number | undefined): Protocol | undefined {
  if (byte === TLS_HANDSHAKE) return "tls";
  return byte !== undefined && byte >= A && byte <= Z ? "http" : undefined;
}

/**
 * Calls `receive` once with what the first byte says; the socket is then paused and holds that byte again.
 * A socket that ends, fails, speaks neither or stays silent for `timeout` milliseconds is destroyed instead.
 */
export function awaitFirstByte(socket: Socket, timeout: number, receive: (protocol: Protocol) => void): void {
  const giveUp = () => socket.destroy();
  const timer = setTimeout(giveUp, timeout).unref();
  const decide = (chunk: Buffer) => {
    forget();
    socket.pause();
    socket.unshift(chunk);
    const protocol = protocolOf(chunk[0]);
    if (protocol === undefined) giveUp();
    else receive(protocol);
  };
  const forget = () => {
    clearTimeout(timer);
    socket.off("data", decide).off("end", giveUp).off("close", forget);
  };
  socket.on("data", decide).on("end", giveUp).on("close", forget);
}
