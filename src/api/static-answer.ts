/**
 * Writes files: of the node's own pages, of its browser SDK, of the owner's pages. A page may ask this node for everything
 * and nobody else for anything, and its policy makes the browser see to that.
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { StaticFile } from "./static-folder.ts";

/** No script, style or request but this node's own; nothing frames a page, and it sends no form anywhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const FIELDS = [
  "Cache-Control",
  "no-cache",
  "Content-Security-Policy",
  POLICY,
  "Referrer-Policy",
  "no-referrer",
  "X-Content-Type-Options",
  "nosniff",
  "Cross-Origin-Resource-Policy",
  "same-origin",
] as const;

/** What is needed of a request for a file. */
export interface FileRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
}

/** Answers with the file, or 304 to whoever has it; resolves when it is on its way or the caller is gone. Closes the file. */
export async function answerFile({ request, requestId, response }: FileRequest, file: StaticFile): Promise<void> {
  const { handle, size, tag, type } = file;
  try {
    if (response.destroyed) return; // the caller went while the file was opened
    // Set beforehand, for it may be there already: unlike other answers this one may be kept, and then not for all alike.
    response.setHeader("Vary", "Origin");
    const fields = [...FIELDS, "ETag", tag, "X-Request-Id", requestId];
    if (hasIt(request.headers["if-none-match"], tag)) {
      response.writeHead(304, fields).end();
      return;
    }
    response.writeHead(200, [...fields, "Content-Type", type, "Content-Length", String(size)]);
    if (request.method === "HEAD" || size === 0) response.end();
    else await pipeline(contentOf(file), response).catch(() => response.destroy());
  } finally {
    await handle.close();
  }
}

/** Yields exactly `size` bytes, or throws: what was promised as the length must not end early and look whole. */
async function* contentOf({ handle, size }: StaticFile): AsyncGenerator<Buffer> {
  let left = size;
  for await (const chunk of handle.createReadStream({ start: 0, end: size - 1, autoClose: false })) {
    if (!Buffer.isBuffer(chunk)) throw new Error("a stream without encoding yields buffers");
    left -= chunk.length;
    yield chunk;
  }
  if (left > 0) throw new Error("the file became shorter while it was sent");
}

/** RFC 9110 §13.1.2, by weak comparison. */
function hasIt(known: string | undefined, tag: string): boolean {
  if (known === undefined) return false;
  const opaque = (text: string): string => text.trim().replace(/^W\//, "");
  return known.trim() === "*" || known.split(",").some((one) => opaque(one) === opaque(tag));
}
