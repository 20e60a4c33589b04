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
   * @param issuer returns scheme and authority as the client asked under
   */
  answer(method: string, path: string, response: ServerResponse, requestId: string, issuer: () => string): boolean;
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
  const documents = new Map<string, (issuer: () => string) => Document>([
    ["/v1/node/ca.pem", () => ({ type: "application/x-pem-file", text: caPem() })],
    [METADATA_PATH, (issuer) => ({ type: "application/json", text: JSON.stringify(oauthMetadata(issuer())) })],
    [OPENAPI_PATH, () => ({ type: "application/json", text: openapi() })],
    ...docsPage(),
  ]);
  return {
    answer(method, path, response, requestId, issuer) {
      const documentFor = documents.get(path);
      if (documentFor === undefined) return false;
      if (method !== "GET") throw new FleetError("METHOD_NOT_ALLOWED", undefined, { allow: "GET" });
      const { type, text, headers } = documentFor(issuer);
      answerText(response, 200, type, text, requestId, headers);
      return true;
    },
  };
}
