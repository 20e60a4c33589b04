/** Answers that are no operation: files that must not be JSON. Each is its own route, with its reason. */

import type { ServerResponse } from "node:http";
import { FleetError } from "../foundation/errors.ts";

export interface OwnRoutes {
  /** Answers and returns true when the path is one of these; throws METHOD_NOT_ALLOWED for a method it does not take. */
  answer(method: string, path: string, response: ServerResponse, requestId: string): boolean;
}

/** `GET /v1/node/ca.pem`: public, for `curl --cacert`; a certificate is no secret, and PEM is what every tool reads. */
export function ownRoutes(caPem: () => string): OwnRoutes {
  return {
    answer(method, path, response, requestId) {
      if (path !== "/v1/node/ca.pem") return false;
      if (method !== "GET") throw new FleetError("METHOD_NOT_ALLOWED", undefined, { allow: "GET" });
      const pem = caPem();
      response.writeHead(200, [
        "Content-Type",
        "application/x-pem-file",
        "Content-Length",
        String(Buffer.byteLength(pem)),
        "Cache-Control",
        "no-store",
        "X-Content-Type-Options",
        "nosniff",
        "X-Request-Id",
        requestId,
      ]);
      response.end(pem);
      return true;
    },
  };
}
