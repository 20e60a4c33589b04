/** Every change of the table leaves exactly one line, and so does every refused one: asked of a running node. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPERATION_NAMES, type OperationName, operationOf } from "../../src/catalogue/operations.ts";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { pairAsClient } from "../../src/pairing/asking.ts";
import type { JsonObject } from "../../src/wire/parse.ts";
import { type Answer, ask, asLocal, listIn, rpc, textIn } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { askSigned, newKey, pair, type TestPeer } from "../support/peers.ts";

let node: TestNode;
let admin: TestPeer;
let viewer: TestPeer;

beforeAll(async () => {
  node = await startTestNode({ env: { CIDER_TOKENS_SELF_ROTATION: "true" } });
  admin = await pair(node, "admin");
  viewer = await pair(node, "viewer");
  for (const peer of [admin, viewer]) await askSigned(node, peer, "GET /v1/self"); // heard from here: not what is asked below
});
afterAll(() => node.end());

/** Who did it, by whom the line must say it was done, and the whole answer. */
interface Done {
  readonly actor: string;
  readonly answer: Answer;
}

const byAdmin = async (operation: OperationName, input: JsonObject = {}): Promise<Done> => ({
  actor: `peer:${admin.id}`,
  answer: await askSigned(node, admin, `POST /rpc/${operation}`, { via: "tls", body: input }),
});

const issued = (): Promise<JsonObject> => asLocal(node, "GenerateAPIToken", { name: "spare", permissions: "fullAccess" });
const spareId = async (): Promise<JsonObject> => ({ id: (await issued())["id"] });
const closed = (): Promise<JsonObject> => asLocal(node, "ClosePairing");
const opened = (): Promise<JsonObject> => asLocal(node, "OpenPairing");

/** Burns a token: the actor is whom the input proves. */
async function burnt(operation: OperationName): Promise<Done> {
  const { id, token } = await issued();
  return { actor: `token:${String(id)}`, answer: await rpc(node, operation, { token }) };
}

/** Pairs, and returns the answer to one of the two messages. */
async function paired(which: "begin" | "finish"): Promise<Done> {
  const code = textIn(await closed().then(opened), "code");
  let kept: Answer | undefined;
  const post = async (path: string, body: object): Promise<unknown> => {
    const answer = await ask(node, `POST /v1/pairing/${path}`, { body });
    if (path === which) kept = answer;
    return answer.json;
  };
  const exchange = { begin: (message: object) => post("begin", message), finish: (message: object) => post("finish", message) };
  const client = { name: "laptop", kind: "cli", channel: "loopback", signer: newKey(), random: systemRandom } as const;
  await pairAsClient({ secret: code, way: "code", ...client, exchange });
  if (kept === undefined) throw new Error("nothing was paired");
  return { actor: "nobody", answer: kept };
}

/** How each change is carried out. A change that is missing here fails the test below. */
const CHANGES: Readonly<Partial<Record<OperationName, () => Promise<Done>>>> = {
  RenameNode: () => byAdmin("RenameNode", { name: "beta" }),
  OpenPairing: () => closed().then(() => byAdmin("OpenPairing")),
  RenewPairingCode: () =>
    closed()
      .then(opened)
      .then(() => byAdmin("RenewPairingCode")),
  ClosePairing: () => byAdmin("ClosePairing"),
  BeginPairing: () => paired("begin"),
  FinishPairing: () => paired("finish"),
  AddPeer: () => byAdmin("AddPeer", { publicKey: publicKeyToHex(newKey().publicKey), name: "added", role: "viewer" }),
  UpdatePeer: async () => byAdmin("UpdatePeer", { id: (await pair(node, "viewer")).id, name: "renamed" }),
  RemovePeer: async () => byAdmin("RemovePeer", { id: (await pair(node, "viewer")).id }),
  GenerateAPIToken: () => byAdmin("GenerateAPIToken", { name: "ci" }),
  RegisterAPIToken: () => byAdmin("RegisterAPIToken", { name: "vault", hash: "ab".repeat(32) }),
  CreateProjectToken: () => byAdmin("CreateProjectToken", { name: "ci", fleetId: node.fleetId }),
  UpdateAPIToken: async () => byAdmin("UpdateAPIToken", { ...(await spareId()), name: "edited" }),
  RotateAPIToken: async () => byAdmin("RotateAPIToken", await spareId()),
  RotateSelf: async () => {
    const { id, token } = await issued();
    return { actor: `token:${String(id)}`, answer: await rpc(node, "RotateSelf", {}, { token: String(token), via: "tls" }) };
  },
  RevokeAPITokens: () => issued().then(() => byAdmin("RevokeAPITokens", { name: "spare" })),
  BurnAPIToken: () => burnt("BurnAPIToken"),
  BurnToken: () => burnt("BurnToken"),
  RevokeAPIToken: async () => byAdmin("RevokeAPIToken", await spareId()),
  DeleteAPIToken: async () => byAdmin("DeleteAPIToken", await spareId()),
};

const entriesOf = async (request: unknown): Promise<readonly JsonObject[]> =>
  listIn(await asLocal(node, "ListAuditEntries", { request }), "entries");

const NAMES = OPERATION_NAMES.filter((name) => operationOf(name).kind === "change" && operationOf(name).missing === undefined);

describe("the record of changes", () => {
  it("is asked for every change of the table", () => {
    expect(Object.keys(CHANGES).sort()).toEqual([...NAMES].sort());
  });

  it.each(NAMES)("holds one line of %s, with actor and request id", async (name) => {
    const done = await CHANGES[name]?.();
    expect(done?.answer.status, done?.answer.text).toBeLessThan(300);
    const entries = await entriesOf(done?.answer.headers["x-request-id"]);
    expect(entries).toMatchObject([{ actor: done?.actor, operation: name, outcome: "done", refusal: null }]);
    expect(entries[0]?.["changes"]).not.toEqual([]);
  });

  it.each(NAMES.filter((name) => operationOf(name).need !== "public"))("holds one line of %s refused", async (name) => {
    const answer = await askSigned(node, viewer, `POST /rpc/${name}`, { via: "tls", body: {} });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const { code } = answer.json;
    expect(await entriesOf(answer.headers["x-request-id"])).toMatchObject([
      { actor: `peer:${viewer.id}`, operation: name, from: "127.0.0.1", outcome: "refused", refusal: code },
    ]);
  });
});
