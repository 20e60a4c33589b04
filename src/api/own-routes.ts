/** Answers that are no operation: what a file or a standard prescribes and no state decides. Each is its own route, with its reason. */

import type { ServerResponse } from "node:http";
import { FleetError } from "../foundation/errors.ts";
import { answerText } from "./answer.ts";
import { docsPage } from "./docs-page.ts";
import { METADATA_PATH, oauthMetadata } from "./oauth-metadata.ts";
import { OPENAPI_PATH, openapiText } from "./openapi.ts";

export interface OwnRoutes {
  /**
   * Answers and returns true when the path is one of these; throws METHOD_NOT_ALLOWED for a method it does not take.
   * @param issuer scheme and authority as the client asked under
   */
  answer(method: string, path: string, response: ServerResponse, requestId: string, issuer: string): boolean;
}

interface Document {
  readonly type: string;
  readonly text: string;
  /** Fields beside those every answer has. */
  readonly headers?: readonly string[];
}

/**
 * `GET /v1/node/ca.pem`: public, for `curl --cacert`; a certificate is no secret, and PEM is what every tool reads.
 * `GET /.well-known/oauth-authorization-server`: public, where OAuth clients look.
 * `GET /openapi.json`, `GET /docs` and the page's files: public, for they say what every node of this version says, and
 * whoever wants to know how to get a credential has none yet.
 */
export function ownRoutes(caPem: () => string, version: string): OwnRoutes {
  const openapi = openapiText(version);
  const docs = docsPage();
  const documentAt = (path: string, issuer: string): Document | undefined => {
    if (path === "/v1/node/ca.pem") return { type: "application/x-pem-file", text: caPem() };
    if (path === METADATA_PATH) return { type: "application/json", text: JSON.stringify(oauthMetadata(issuer)) };
    if (path === OPENAPI_PATH) return { type: "application/json", text: openapi() };
    return docs(path);
  };
  return {
    answer(method, path, response, requestId, issuer) {
      const found = documentAt(path, issuer);
      if (found === undefined) return false;
      if (method !== "GET") throw new FleetError("METHOD_NOT_ALLOWED", undefined, { allow: "GET" });
      answerText(response, 200, found.type, found.text, requestId, found.headers);
      return true;
    },
  };
}
