/** The operations of the table as OpenAPI describes them: by REST, by RPC and by OAuth. */

import type { Need, Operation, Route } from "../../catalogue/operation.ts";
import { type OperationName, operationOf } from "../../catalogue/operations.ts";
import { isJsonObject, type JsonObject } from "../../wire/parse.ts";
import { RPC_PREFIX } from "../rpc.ts";
import { errorResponses } from "./errors.ts";
import { EXAMPLES } from "./examples.ts";
import type { ObjectSchema, Schemas } from "./schemas.ts";

/** One operation of OpenAPI and where it stands. */
export interface PathEntry {
  readonly path: string;
  readonly method: string;
  readonly operation: JsonObject;
}

const REQUEST_ID = { "X-Request-Id": { $ref: "#/components/headers/RequestId" } };

/** Returns what `name` is reached by: REST and RPC, or OAuth's paths and RPC. A stream has none. */
export function pathEntries(name: OperationName, schemas: Schemas): readonly PathEntry[] {
  const { kind, oauth = [], rest } = operationOf(name);
  if (kind === "stream") return [];
  return [
    ...(rest === null ? [] : [restEntry(name, rest, schemas)]),
    ...oauth.map((route) => oauthEntry(name, route, schemas)),
    rpcEntry(name, schemas),
  ];
}

function restEntry(name: OperationName, { method, path, status }: Route, schemas: Schemas): PathEntry {
  const entry = operationOf(name);
  const input = schemas.object(entry.input);
  const example = EXAMPLES[name];
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, member = ""]) => member);
  const others = Object.keys(input.properties).filter((member) => !inPath.includes(member));
  const hasBody = method !== "GET" && method !== "DELETE" && others.length > 0;
  const inQuery = hasBody ? [] : others;
  const parameters = [
    ...inPath.map((member) => parameter(name, input, member, "path")),
    ...inQuery.map((member) => parameter(name, input, member, "query")),
    ...(takesKey(entry) ? [{ $ref: "#/components/parameters/IdempotencyKey" }] : []),
  ];
  const operation = {
    operationId: name.charAt(0).toLowerCase() + name.slice(1),
    ...described(entry),
    ...(parameters.length > 0 && { parameters }),
    ...(hasBody && { requestBody: body("application/json", part(input, others), example && pick(example, others)) }),
    responses: { [status]: restAnswer(entry, schemas), ...errorResponses("RestError") },
  };
  return { path: path.replaceAll(/:(\w+)/g, "{$1}"), method: method.toLowerCase(), operation };
}

/** Members that RPC takes beside the input. */
const RPC_CREDENTIALS = {
  apiToken: { type: "string", description: "A token, in the place of the Authorization field." },
  callerNodeID: { $ref: "#/components/schemas/NodeId" },
};

function rpcEntry(name: OperationName, schemas: Schemas): PathEntry {
  const entry = operationOf(name);
  const { additionalProperties, properties, required } = schemas.object(entry.input);
  const aliases = Object.entries(entry.aliases ?? {});
  const old = Object.fromEntries(aliases.map(([alias, member]) => [alias, properties[member] ?? {}]));
  const example = Object.keys(properties).length === 0 ? {} : EXAMPLES[name];
  const replaceable = aliases.map(([, member]) => member);
  const schema = {
    type: "object",
    properties: {
      ...properties,
      ...old,
      ...(entry.need !== "public" && RPC_CREDENTIALS),
      ...(takesKey(entry) && { idempotencyKey: { $ref: "#/components/schemas/IdempotencyKey" } }),
    },
    required: required.filter((member) => !replaceable.includes(member)),
    ...(aliases.length > 0 && { oneOf: aliases.flat().map((member) => ({ required: [member] })) }),
    additionalProperties,
  };
  const operation = {
    operationId: `rpc${name}`,
    ...described(entry),
    requestBody: { ...body("application/json", schema, example), required: true },
    responses: { 200: jsonAnswer(rpcOutput(entry, schemas)), ...errorResponses("RpcError") },
  };
  return { path: RPC_PREFIX + name, method: "post", operation };
}

function rpcOutput({ message, output }: Operation, schemas: Schemas): JsonObject {
  const data = schemas.reference(output);
  if (message === undefined) return data;
  const success = { success: { const: true }, message: { const: message } };
  return { allOf: [{ type: "object", properties: success, required: ["success", "message"] }, data] };
}

/** A client that authenticates by neither field sends one of these (RFC 6749 §2.3.1, RFC 7523 §2.2). */
const CLIENT = {
  client_id: { type: "string", description: "Id of the token or peer; may be left out beside an assertion." },
  client_secret: { type: "string", description: "The token's text." },
  client_assertion_type: { const: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" },
  client_assertion: { type: "string", description: "A JWT that the peer's key signed with ES256 (RFC 7523)." },
};

function oauthEntry(name: OperationName, { method, path, status }: Route, schemas: Schemas): PathEntry {
  const entry = operationOf(name);
  const { properties, required } = schemas.object(entry.input);
  const schema = { type: "object", properties: { ...properties, ...(entry.need !== "public" && CLIENT) }, required };
  const operation = {
    operationId: path.slice(1).replaceAll(/\/(\w)/g, (_, letter: string) => letter.toUpperCase()),
    ...described(entry),
    ...(entry.need !== "public" && { security: [{ basic: [] }, { bearer: [] }, { signature: [] }, {}] }),
    requestBody: body("application/x-www-form-urlencoded", schema, EXAMPLES[name]),
    responses: { [status]: jsonAnswer(schemas.reference(entry.output)), ...errorResponses("OAuthError") },
  };
  return { path, method: method.toLowerCase(), operation };
}

/** Whether an idempotency key means anything to it. */
function takesKey({ kind, need }: Operation): boolean {
  return kind === "change" && need !== "public";
}

function described({ need, secret, since, summary }: Operation): JsonObject {
  const answer = secret === true ? " The answer holds a secret and leaves over plain HTTP to this machine only." : "";
  return { summary, description: `${needText(need)}${answer} Since ${since}.`, security: securityOf(need) };
}

function needText(need: Need): string {
  if (need === "public") return "Public; no credential is read.";
  return need === "self" ? "Any credential." : `Needs the scope \`${need}\`.`;
}

function securityOf(need: Need): readonly JsonObject[] {
  if (need === "public") return [];
  const scopes = need === "self" ? [] : [need];
  return [{ bearer: scopes }, { signature: scopes }];
}

function parameter(name: OperationName, { properties, required }: ObjectSchema, member: string, place: string): JsonObject {
  const example = pick(EXAMPLES[name], [member])[member];
  return {
    name: member,
    in: place,
    ...(place === "path" || required.includes(member) ? { required: true } : {}),
    schema: properties[member] ?? {},
    ...(example !== undefined && { example }),
  };
}

/** Returns the schema of an object with these members of `input` only. */
function part({ additionalProperties, properties, required }: ObjectSchema, members: readonly string[]): JsonObject {
  return {
    type: "object",
    properties: pick(properties, members),
    required: required.filter((member) => members.includes(member)),
    additionalProperties,
  };
}

function pick(object: unknown, members: readonly string[]): JsonObject {
  return isJsonObject(object) ? Object.fromEntries(Object.entries(object).filter(([name]) => members.includes(name))) : {};
}

function body(type: string, schema: JsonObject, example: unknown): JsonObject {
  const isRequired = Array.isArray(schema["required"]) && schema["required"].length > 0;
  return { required: isRequired, content: { [type]: { schema, ...(example !== undefined && { example }) } } };
}

function restAnswer({ bare, mediaType = "application/json", output }: Operation, schemas: Schemas): JsonObject {
  if (bare === undefined) return jsonAnswer(schemas.reference(output));
  const { properties } = schemas.object(output);
  const next = { Link: { description: "The next page (RFC 8288).", schema: { type: "string" } } };
  return {
    description: "Done.",
    headers: { ...REQUEST_ID, ...("cursor" in properties && next) },
    content: { [mediaType]: { schema: properties[bare] ?? {} } },
  };
}

function jsonAnswer(schema: JsonObject): JsonObject {
  return { description: "Done.", headers: REQUEST_ID, content: { "application/json": { schema } } };
}
