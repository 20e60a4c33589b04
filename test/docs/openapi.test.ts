/** What `/openapi.json` says: an independent linter finds nothing, it has the whole table, and its examples are requests that work. */

import { createConfig, lintFromString } from "@redocly/openapi-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openapi } from "../../src/api/openapi/document.ts";
import { EXAMPLES, PLACEHOLDERS } from "../../src/api/openapi/examples.ts";
import { OPERATION_NAMES, type OperationName, operationOf } from "../../src/catalogue/operations.ts";
import { ERRORS } from "../../src/foundation/errors.ts";
import { isJsonObject, type JsonObject } from "../../src/wire/parse.ts";
import { type Answer, ask, asLocal, listIn, rpc, textIn } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { askSigned, pair, type TestPeer } from "../support/peers.ts";

const document = openapi("0.1.0");

/** Returns the member of a member …, which must be an object. */
function at(object: JsonObject, ...path: readonly string[]): JsonObject {
  return path.reduce<JsonObject>((inner, name) => {
    const value = inner[name];
    if (!isJsonObject(value)) throw new Error(`no object ${name} in ${Object.keys(inner).join(", ")}`);
    return value;
  }, object);
}

/** Every operation of the document as `METHOD path`. */
const described = Object.entries(at(document, "paths")).flatMap(([path, item]) =>
  Object.keys(isJsonObject(item) ? item : {}).map((method) => `${method.toUpperCase()} ${path}`),
);

async function problemsOf(value: JsonObject): Promise<readonly string[]> {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const problems = await lintFromString({ source: JSON.stringify(value), absoluteRef: "/openapi.json", config });
  return problems.map(({ location, message, ruleId }) => `${ruleId} ${location[0]?.pointer ?? ""} ${message}`);
}

describe("an independent linter", () => {
  it("finds nothing", async () => {
    expect(await problemsOf(document)).toEqual([]);
  });

  it("finds what is wrong in a worse one: the document's form, a reference, an example", async () => {
    const { info: _, ...nameless } = document;
    expect((await problemsOf(nameless)).join("\n")).toContain("struct");
    const text = JSON.stringify(document);
    const lost = JSON.parse(text.replace("#/components/schemas/NodeInfo", "#/components/schemas/Nowhere")) as JsonObject;
    expect((await problemsOf(lost)).join("\n")).toContain("no-unresolved-refs");
    const wrong = JSON.parse(text.replace('"example":{"name":"studio"}', '"example":{"name":1}')) as JsonObject;
    expect((await problemsOf(wrong)).join("\n")).toContain("no-invalid-media-type-examples");
  });
});

describe("the document", () => {
  it("has every route of every operation that is built, and what the node answers beside them", () => {
    const expected = OPERATION_NAMES.flatMap((name) => {
      const { kind, missing, oauth = [], rest } = operationOf(name);
      if (missing !== undefined || kind === "stream") return [];
      const routes = [...(rest === null ? [] : [rest]), ...oauth];
      return [...routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`), `POST /rpc/${name}`];
    });
    const own = ["GET /v1/node/ca.pem", "GET /.well-known/oauth-authorization-server", "GET /openapi.json"];
    expect(described.toSorted()).toEqual([...expected, ...own].sort());
  });

  it("names what is not built yet", () => {
    const text = JSON.stringify(document["tags"]);
    for (const name of OPERATION_NAMES.filter((candidate) => operationOf(candidate).missing !== undefined))
      expect(text).toContain(name);
  });

  it("asks for the scope the table asks for, and for nothing where it is public", () => {
    expect(at(document, "paths", "/v1/tokens", "post")["security"]).toEqual([
      { bearer: ["tokens:manage"] },
      { signature: ["tokens:manage"] },
    ]);
    expect(at(document, "paths", "/api/health", "get")["security"]).toEqual([]);
  });

  it("splits an input into path, query and body", () => {
    const update = at(document, "paths", "/v1/peers/{id}", "patch");
    expect(update["parameters"]).toMatchObject([
      { name: "id", in: "path", required: true },
      { $ref: expect.any(String) as string },
    ]);
    const { properties } = at(update, "requestBody", "content", "application/json", "schema");
    expect(Object.keys(isJsonObject(properties) ? properties : {})).toEqual(["name", "role"]);
    const remove = at(document, "paths", "/v1/peers/{id}", "delete");
    expect(remove["parameters"]).toMatchObject([{ in: "path" }, { name: "withCreated", in: "query" }, {}]);
    expect(remove["requestBody"]).toBeUndefined();
  });

  it("lists every code a node answers, and none that only clients raise", () => {
    const codes = Object.entries(ERRORS).flatMap(([code, { kind }]) => (kind === "answer" ? [code] : []));
    expect(at(document, "components", "schemas", "ErrorCode")["enum"]).toEqual(codes);
  });
});

/** What they take is computed, or they take a WebSocket: no text that could be copied shows them. */
const WITHOUT_EXAMPLE: readonly OperationName[] = ["BeginPairing", "FinishPairing", "ProveToken", "Subscribe"];

describe("the examples", () => {
  let node: TestNode;
  let admin: TestPeer;

  beforeAll(async () => {
    node = await startTestNode();
    admin = await pair(node, "admin");
  });
  afterAll(() => node.end());

  it("are there for every operation that takes something", () => {
    const taking = OPERATION_NAMES.filter((name) => {
      const { input, missing } = operationOf(name);
      return (
        missing === undefined &&
        name !== "ListVMs" &&
        !WITHOUT_EXAMPLE.includes(name) &&
        "shape" in input &&
        hasMembers(input.shape)
      );
    });
    expect(Object.keys(EXAMPLES).sort()).toEqual(taking.toSorted());
  });

  it.each(Object.keys(EXAMPLES) as OperationName[])("%s does by REST and by RPC what it shows", async (name) => {
    const { output, rest } = operationOf(name);
    if (rest !== null) {
      const path = rest.path.replaceAll(/:(\w+)/g, "{$1}");
      const shown = await prepared(node, name);
      const answer = await send(shown, rest.method, path);
      expect(answer.status, answer.text).toBe(rest.status);
      if (operationOf(name).bare === undefined) expect(output.safeParse(answer.json).error).toBeUndefined();
    }
    const shown = await prepared(node, name);
    const body = at(shown, "paths", `/rpc/${name}`, "post", ...BODY);
    const answer = await askSigned(node, admin, `POST /rpc/${name}`, { body });
    expect(answer.status, answer.text).toBe(200);
    const { message: _, success: __, ...data } = answer.json;
    expect(output.safeParse(data).error).toBeUndefined();
  });

  it.each(["/oauth/token", "/login", "/oauth/introspect", "/oauth/revoke"])("of %s are forms that work", async (path) => {
    const [name = "GetHealth"] = OPERATION_NAMES.filter((candidate) =>
      operationOf(candidate).oauth?.some((route) => route.path === path),
    );
    const { token } = await asLocal(node, "GenerateAPIToken", { name: "caller" });
    const shown = await prepared(node, name);
    const form = at(shown, "paths", path, "post", "requestBody", "content", "application/x-www-form-urlencoded", "example");
    const body = new URLSearchParams(form as Record<string, string>).toString();
    const answer = await ask(node, `POST ${path}`, {
      token: String(token),
      body,
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
    expect(answer.status, answer.text).toBe(200);
    expect(operationOf(name).output.safeParse(answer.json).error).toBeUndefined();
  });

  /** Sends what the document shows at a path: its parameters' and its body's examples. */
  function send(shown: JsonObject, method: string, path: string): Promise<Answer> {
    const operation = at(shown, "paths", path, method.toLowerCase());
    const query = new URLSearchParams();
    let target = path;
    for (const parameter of Array.isArray(operation["parameters"]) ? operation["parameters"].filter(isJsonObject) : []) {
      const { example } = parameter;
      if (typeof example !== "string" && typeof example !== "number" && typeof example !== "boolean") continue;
      if (parameter["in"] === "query") query.set(textIn(parameter, "name"), String(example));
      else target = target.replace(`{${textIn(parameter, "name")}}`, String(example));
    }
    const suffix = query.size === 0 ? "" : `?${query.toString()}`;
    const takesBody = operation["requestBody"] !== undefined;
    const content = takesBody ? at(operation, "requestBody", "content", "application/json") : {};
    const body = takesBody ? { body: content["example"] ?? {} } : {};
    return askSigned(node, admin, `${method} ${target}${suffix}`, body);
  }
});

const BODY = ["requestBody", "content", "application/json", "example"] as const;

function hasMembers(shape: unknown): boolean {
  return isJsonObject(shape) && Object.keys(shape).length > 0;
}

/** Brings the node to where the example is in place; returns the document with the node's own ids in it. */
async function prepared(node: TestNode, name: OperationName): Promise<JsonObject> {
  const made = await asLocal(node, "GenerateAPIToken", { name: "ci" });
  const { headers } = await rpc(node, "RenameNode", { name: "workshop" }, { via: "socket" });
  if (name === "OpenPairing") await asLocal(node, "ClosePairing");
  const peers = await asLocal(node, "ListPeers", { q: EXAMPLES.AddPeer?.name });
  for (const { id } of listIn(peers, "peers")) await asLocal(node, "RemovePeer", { id });
  if (name === "UpdatePeer" || name === "RemovePeer") await asLocal(node, "AddPeer", { ...EXAMPLES.AddPeer });
  const own: Record<keyof typeof PLACEHOLDERS, string> = {
    tokenId: textIn(made, "id"),
    token: textIn(made, "token"),
    fleetId: node.fleetId,
    requestId: String(headers["x-request-id"]),
  };
  const text = Object.entries(PLACEHOLDERS).reduce(
    (whole, [placeholder, value]) => whole.replaceAll(value, own[placeholder as keyof typeof PLACEHOLDERS]),
    JSON.stringify(openapi("0.1.0")),
  );
  return JSON.parse(text) as JsonObject;
}
