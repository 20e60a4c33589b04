/**
 * `GET /openapi.json`: OpenAPI 3.1 of the one table. It is made when first asked for and kept as text, for most
 * nodes are never asked.
 */

import { OPERATION_NAMES, operationOf } from "../../catalogue/operations.ts";
import type { JsonObject } from "../../wire/parse.ts";
import { KEY } from "../idempotency.ts";
import { METADATA_PATH } from "../oauth-metadata.ts";
import { ERROR_RESPONSES, ERROR_SCHEMAS, errorResponses } from "./errors.ts";
import { type PathEntry, pathEntries } from "./operations.ts";
import { tableSchemas } from "./schemas.ts";

/** Where the document is. */
export const OPENAPI_PATH = "/openapi.json";

interface Tag {
  readonly name: string;
  readonly description: string;
  /** What the paths it covers begin with. */
  readonly paths: readonly string[];
}

/** The last that fits a path is its tag. */
const TAGS: readonly Tag[] = [
  { name: "Node", description: "The node, its machine, and who the caller is.", paths: ["/"] },
  { name: "Pairing", description: "Windows, and the two messages of an exchange.", paths: ["/v1/pairing"] },
  { name: "Peers", description: "The keys this node trusts.", paths: ["/v1/peers"] },
  { name: "Tokens", description: "API tokens.", paths: ["/v1/tokens", "/v1/scopes", "/v1/self/rotate", "/v1/projects"] },
  { name: "Audit", description: "The record of what was changed and refused.", paths: ["/v1/audit"] },
  { name: "Monitoring", description: "For monitors.", paths: ["/api", "/metrics"] },
  { name: "OAuth", description: "Token exchange in the form of OAuth 2.0.", paths: ["/oauth", "/login", METADATA_PATH] },
  { name: "RPC", description: rpcText(), paths: ["/rpc"] },
];

const SECURITY_SCHEMES: Readonly<Record<string, JsonObject>> = {
  bearer: { type: "http", scheme: "bearer", description: "An API token (`csk_…`), or a bearer exchanged for one." },
  basic: { type: "http", scheme: "basic", description: "OAuth paths only: the token's id and its text (RFC 6749 §2.3.1)." },
  signature: {
    type: "apiKey",
    in: "header",
    name: "Signature",
    description:
      "An HTTP message signature (RFC 9421) by a paired P-256 key: tag `cider-fleet-v1`, with `Signature-Input`, `Cider-Node` (this node's id) and, with a body, `Content-Digest`. A signature is for one request and cannot be typed in here; docs/protocol/04-signed-requests.md has the bytes, and the SDKs sign by themselves.",
  },
};

const IDEMPOTENCY_KEY = {
  type: "string",
  pattern: KEY.source,
  description: "Made anew for each change; the same key with the same input is given the first outcome for ten minutes.",
};

/** Returns a function that answers the document, made at its first call. */
export function openapiText(version: string): () => string {
  let text: string | undefined;
  return () => {
    text ??= JSON.stringify(openapi(version));
    return text;
  };
}

/** Returns the document of this version of the package. */
export function openapi(version: string): JsonObject {
  const schemas = tableSchemas();
  const paths = pathsOf([...built().flatMap((name) => pathEntries(name, schemas)), ...DOCUMENTS]);
  return {
    openapi: "3.1.1",
    info: {
      title: "cider-fleet node",
      version,
      summary: "A fleet node: pairing, signed requests, API tokens.",
      description:
        "One table of operations, by REST and by RPC. Events and calls over WebSocket are at `/v1/ws` (docs/protocol/07-websocket.md). Over the local socket no credential is needed.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "This node." }],
    tags: TAGS.map(({ description, name }) => ({ name, description })),
    paths,
    components: {
      schemas: { ...schemas.referredFrom(paths), ...ERROR_SCHEMAS, IdempotencyKey: IDEMPOTENCY_KEY },
      responses: ERROR_RESPONSES,
      headers: { RequestId: { description: "UUIDv7 of the request.", schema: { type: "string", format: "uuid" } } },
      parameters: {
        IdempotencyKey: { name: "Idempotency-Key", in: "header", schema: { $ref: "#/components/schemas/IdempotencyKey" } },
      },
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

/** The operations that can be performed; the others are named in the text of RPC. */
function built() {
  return OPERATION_NAMES.filter((name) => operationOf(name).missing === undefined);
}

function rpcText(): string {
  const missing = OPERATION_NAMES.filter((name) => operationOf(name).missing !== undefined);
  return `The interface of the discontinued product: flat JSON, the token in the header or as \`apiToken\`. Known, and answered 501 \`OPERATION_UNAVAILABLE\` by this version: ${missing.join(", ")}.`;
}

/** What a node answers beside its operations. */
const DOCUMENTS: readonly PathEntry[] = [
  documentEntry("/v1/node/ca.pem", "getCertificate", "The certificate TLS clients of this node trust.", "application/x-pem-file"),
  documentEntry(METADATA_PATH, "getOAuthMetadata", "What the OAuth paths take (RFC 8414).", "application/json"),
  documentEntry(OPENAPI_PATH, "getOpenAPI", "This document.", "application/json"),
];

function documentEntry(path: string, operationId: string, summary: string, type: string): PathEntry {
  const schema = { type: type === "application/json" ? "object" : "string" };
  const done = { description: "Done.", content: { [type]: { schema } } };
  return {
    path,
    method: "get",
    operation: { operationId, summary, security: [], responses: { 200: done, ...errorResponses("RestError") } },
  };
}

function pathsOf(entries: readonly PathEntry[]): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const { method, operation, path } of entries) {
    const item = paths[path] ?? {};
    const tag = TAGS.findLast((candidate) => candidate.paths.some((beginning) => path.startsWith(beginning)));
    item[method] = { tags: [tag?.name], ...operation };
    paths[path] = item;
  }
  return paths;
}
