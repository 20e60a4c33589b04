/** The error answers of the three surfaces, with every code a node answers. */

import { ERRORS } from "../../foundation/errors.ts";
import type { JsonObject } from "../../wire/parse.ts";

const CODES = Object.entries(ERRORS).filter(([, { kind }]) => kind === "answer");

const codeTable = [
  "Codes are the contract, texts are not. Newer nodes know more of them.",
  "",
  "| code | status | what happened | what to do |",
  "| --- | --- | --- | --- |",
  ...CODES.map(([code, { meaning, remedy, status }]) => `| \`${code}\` | ${status} | ${meaning} | ${remedy} |`),
].join("\n");

const string = (description: string): JsonObject => ({ type: "string", description });

const shared = {
  code: { $ref: "#/components/schemas/ErrorCode" },
  requestId: { type: "string", format: "uuid", description: "UUIDv7; the node's log and record have it too." },
  retryAfter: { type: "integer", description: "Seconds, as in Retry-After." },
  scope: string("The scope that is missing."),
  field: string("The member of the input that is not as it should be."),
};

const object = (properties: JsonObject): JsonObject => ({
  type: "object",
  properties: { ...properties, ...shared },
  required: [...Object.keys(properties), "code", "requestId"],
});

/** By name below `components.schemas`. */
export const ERROR_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  ErrorCode: { type: "string", enum: CODES.map(([code]) => code), description: codeTable },
  RestError: object({ error: string("The status in words."), message: string("What happened, for people.") }),
  RpcError: object({ success: { const: false }, error: string("What happened, for people.") }),
  OAuthError: object({ error: string("As RFC 6749 §5.2 has it."), error_description: string("What happened, for people.") }),
};

const response = (schema: string, description: string): JsonObject => ({
  description,
  headers: { "X-Request-Id": { $ref: "#/components/headers/RequestId" } },
  content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } },
});

/** By name below `components.responses`. */
export const ERROR_RESPONSES: Readonly<Record<string, JsonObject>> = {
  RestError: response("RestError", "Refused or failed; `code` says why."),
  RpcError: response("RpcError", "Refused or failed; `code` says why."),
  OAuthError: response("OAuthError", "Refused or failed; `error` and `code` say why."),
};

/** Returns the error responses of an operation on one surface. */
export function errorResponses(surface: "RestError" | "RpcError" | "OAuthError"): JsonObject {
  const answer = { $ref: `#/components/responses/${surface}` };
  return { "4XX": answer, "5XX": answer };
}
