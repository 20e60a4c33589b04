/** A secret that was pasted where a name belongs: refused everywhere, repeated nowhere, never on disk. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { OPERATION_NAMES, type OperationName, operationOf } from "../../src/catalogue/operations.ts";
import { name as nameSchema } from "../../src/catalogue/schemas.ts";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { toBase64url } from "../../src/foundation/bytes.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import type { JsonObject } from "../../src/wire/parse.ts";
import { BEARER_PREFIX, makeTokenText, TOKEN_PREFIX } from "../../src/wire/token.ts";
import { asLocal, rpc, textIn } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { newKey, pair } from "../support/peers.ts";

let node: TestNode;

beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.end());

const point = (): string => toBase64url(newKey().publicKey);

/** What each operation takes beside the name. An operation with a name that is missing here fails the test below. */
const INPUTS: Readonly<Partial<Record<OperationName, () => Promise<JsonObject> | JsonObject>>> = {
  RenameNode: () => ({}),
  BeginPairing: () => {
    const message = { version: 1, maxVersion: 1, kind: "sdk", way: "code", channel: "loopback" };
    return { ...message, clientKey: point(), share: point() };
  },
  AddPeer: () => ({ publicKey: publicKeyToHex(newKey().publicKey), role: "viewer" }),
  UpdatePeer: async () => ({ id: (await pair(node, "viewer")).id }),
  GenerateAPIToken: () => ({}),
  RegisterAPIToken: () => ({ hash: "ab".repeat(32) }),
  CreateProjectToken: () => ({ fleetId: node.fleetId }),
  UpdateAPIToken: async () => ({ id: textIn(await asLocal(node, "GenerateAPIToken", { name: "ci" }), "id") }),
};

const members = (operation: OperationName): Readonly<Record<string, unknown>> => {
  const { def } = operationOf(operation).input;
  return "shape" in def ? (def.shape as Readonly<Record<string, unknown>>) : {};
};

const pasted = [TOKEN_PREFIX, BEARER_PREFIX].map((prefix) => makeTokenText(systemRandom, prefix));

it("is tried on every operation that takes a name", () => {
  const naming = OPERATION_NAMES.filter((operation) => {
    const { name } = members(operation);
    return name === nameSchema || (name as { unwrap?: () => unknown } | undefined)?.unwrap?.() === nameSchema;
  });
  expect(Object.keys(INPUTS).sort()).toEqual([...naming].sort());
});

it.each(Object.entries(INPUTS))("%s says what is wrong, without repeating it", async (operation, input) => {
  const rest = await input();
  for (const text of pasted) {
    const { json, status, text: answer } = await rpc(node, operation, { ...rest, name: `ci ${text} x` }, { via: "socket" });
    expect([status, json["code"]]).toEqual([400, "INVALID_REQUEST"]);
    expect(json["error"]).toMatch(/^name\b.* must be free of secrets: this one holds the text of a token/);
    expect(answer).not.toContain(text.slice(4));
  }
  const near = `ci ${pasted[0]?.slice(0, -1) ?? ""}`;
  expect((await rpc(node, operation, { ...rest, name: near }, { via: "socket" })).json["error"] ?? "").not.toContain("secrets");
});

it("is nowhere on disk and in no log", () => {
  const files = readdirSync(node.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const kept = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
  expect(kept.length).toBeGreaterThan(3);
  for (const text of pasted) for (const written of [...kept, ...node.log]) expect(written).not.toContain(text);
});
