/** One request and its whole answer over node:http. Nothing is followed, decompressed or cached. */

import { type ClientRequestArgs, request as httpRequest, type IncomingMessage } from "node:http";
import { append } from "../foundation/bytes.ts";
import { FleetError } from "../foundation/errors.ts";
import type { TransportAnswer, TransportRequest } from "../sdk/transport.ts";

/** Bytes of the largest answer a client takes: a thousandfold of the largest that exists today. */
const MAX_ANSWER = 16 * 1024 * 1024;

/** Sends the request with these connection options; rejects with the error of the connection as it came. */
export function exchange(options: ClientRequestArgs, request: TransportRequest, host: string): Promise<TransportAnswer> {
  const { method, path, headers, body, signal } = request;
  const length = body === undefined ? {} : { "content-length": String(body.length) };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ ...options, method, path, headers: { ...headers, ...length, host }, signal }, (response) => {
      readAnswer(response).then(resolve, reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Reads an answer to its end; throws INVALID_ANSWER for one above 16 MiB. */
export async function readAnswer(response: IncomingMessage): Promise<TransportAnswer> {
  let gathered: Uint8Array = new Uint8Array();
  let length = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    gathered = append(gathered, length, chunk);
    length += chunk.length;
    if (length > MAX_ANSWER) throw new FleetError("INVALID_ANSWER", `the answer is larger than ${MAX_ANSWER} bytes`);
  }
  return { status: response.statusCode ?? 0, headers: singleHeaders(response), body: gathered.subarray(0, length) };
}

function singleHeaders(response: IncomingMessage): Record<string, string> {
  const entries = Object.entries(response.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : value,
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<string, string>;
}
