/** Joins the listeners to the surfaces: one set of handlers for the port and the Unix socket. */

import { type ErrorCode, FleetError } from "../foundation/errors.ts";
import type { HttpApi } from "./http.ts";
import type { Handlers } from "./http-server.ts";
import { rawAnswer } from "./raw-answer.ts";
import type { SocketApi } from "./socket.ts";

/** Returns what the listeners call for each request, upgrade and broken request. */
export function handlersFor(http: HttpApi, sockets: SocketApi, requestId: () => string): Handlers {
  return {
    onRequest: (request, response, source) => http.handle(request, response, source),
    onUpgrade: (request, socket, head, source) => void sockets.upgrade(request, socket, head, source),
    onClientError: (error, socket) => void socket.end(rawAnswer(parserError(error), requestId())),
    onPlainRefused: (request, response) => http.refusePlain(request, response),
  };
}

/** Codes of node:http's parser that have a code of ours; whatever else it refuses is INVALID_REQUEST. */
const PARSER_ERRORS: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: "HEADERS_TOO_LARGE",
  ERR_HTTP_REQUEST_TIMEOUT: "REQUEST_TIMEOUT",
};

/** Returns what the parser refused in our words: the same JSON and codes as everywhere else. */
function parserError({ code = "" }: NodeJS.ErrnoException): FleetError {
  const known = PARSER_ERRORS[code];
  return known === undefined
    ? new FleetError("INVALID_REQUEST", "the request is not well-formed HTTP/1.1")
    : new FleetError(known);
}
