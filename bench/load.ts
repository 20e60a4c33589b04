/**
 * Requests over raw keep-alive sockets, one at a time on each, so that the client costs little beside the server.
 *
 * Every answer is checked for its status. Only the first is parsed; the others must have its length, which holds for
 * answers whose changing parts (dates, request ids) have a fixed width. A piece that does not is parsed like the first.
 */

import { connect, type Socket } from "node:net";

/** Where to send. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** What to send. */
export interface Load {
  readonly connections: number;
  readonly seconds: number;
  /** The next request as bytes, the same ones each time or newly signed; undefined when there are no more. */
  next(): Buffer | undefined;
}

/** One answer, as it came. */
export interface Answer {
  readonly status: number;
  /** In the order sent, names as sent. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  /** Bytes of all of it. */
  readonly length: number;
}

/** Returns an HTTP/1.1 request as bytes, with Content-Length when it has a body. */
export function requestBytes(method: string, path: string, headers: Readonly<Record<string, string>>, body = ""): Buffer {
  const all = body === "" ? headers : { ...headers, "content-length": String(Buffer.byteLength(body)) };
  const fields = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${fields.join("")}\r\n${body}`);
}

/** Sends one request and returns its answer. */
export async function ask(to: Destination, request: Buffer): Promise<Answer> {
  const socket = connect(to.port, to.host);
  try {
    return await new Promise((resolve, reject) => {
      const received = collect(socket, resolve, reject);
      received.expect();
      socket.write(request);
    });
  } finally {
    socket.destroy();
  }
}

/** Sends requests for the given time and resolves to the number answered 2xx; rejects at the first other status. */
export async function drive(to: Destination, load: Load): Promise<number> {
  const until = performance.now() + load.seconds * 1000;
  const counts = await Promise.all(Array.from({ length: load.connections }, () => driveOne(to, load, until)));
  return counts.reduce((sum, count) => sum + count, 0);
}

function driveOne(to: Destination, load: Load, until: number): Promise<number> {
  const socket = connect(to.port, to.host);
  socket.setNoDelay(true);
  return new Promise<number>((resolve, reject) => {
    let count = 0;
    const send = (): void => {
      const request = performance.now() < until ? load.next() : undefined;
      if (request === undefined) {
        resolve(count);
        return;
      }
      received.expect();
      socket.write(request);
    };
    const received = collect(
      socket,
      ({ status, body }) => {
        if (status < 200 || status > 299) return reject(new Error(`answered ${status}: ${body.toString().slice(0, 200)}`));
        count++;
        send();
      },
      reject,
    );
    send();
  }).finally(() => socket.destroy());
}

/** Collects answers from a socket: `expect` says that one is due. */
function collect(socket: Socket, onAnswer: (answer: Answer) => void, onError: (error: Error) => void): { expect(): void } {
  let first: Answer | undefined;
  let pending = Buffer.alloc(0);
  let due = false;
  socket.on("data", (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const known = first?.length === pending.length && statusOf(pending) === first.status ? first : undefined;
    const answer = known ?? parseAnswer(pending);
    if (answer === undefined) return;
    first = answer;
    pending = pending.subarray(answer.length);
    if (!due || pending.length > 0) return onError(new Error("more was answered than asked"));
    due = false;
    onAnswer(answer);
  });
  socket.on("error", onError);
  socket.on("close", () => onError(new Error("the server closed the connection")));
  return {
    expect: () => {
      due = true;
    },
  };
}

function statusOf(bytes: Buffer): number {
  return Number(bytes.toString("latin1", 9, 12));
}

/** Returns the answer that `bytes` begin with, undefined while it is incomplete. Throws when it has no Content-Length. */
export function parseAnswer(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [, ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const size = headers.find(([name]) => name.toLowerCase() === "content-length")?.[1];
  if (size === undefined) throw new Error("an answer without Content-Length cannot be counted");
  const length = end + 4 + Number(size);
  return bytes.length < length ? undefined : { status: statusOf(bytes), headers, body: bytes.subarray(end + 4, length), length };
}
