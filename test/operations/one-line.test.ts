/** Every change of the table leaves exactly one line, with who asked and the request's id. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPERATION_NAMES, type OperationName, operationOf } from "../../src/catalogue/operations.ts";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { toHex } from "../../src/foundation/bytes.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { pairAsClient } from "../../src/pairing/asking.ts";
import type { JsonObject } from "../../src/wire/parse.ts";
import { type Answer, asLocal, rpc, textIn } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { newKey, pair } from "../support/peers.ts";
import { linesOf } from "../support/record.ts";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode({ env: { CIDER_TOKENS_SELF_ROTATION: "true" } });
});
afterAll(() => node.end());

const CHANGES = OPERATION_NAMES.filter((name) => operationOf(name).kind === "change" && operationOf(name).missing === undefined);

interface Done {
  readonly answer: Answer;
  /** The label of who did it; `local` unless the operation itself proves another. */
  readonly actor?: string;
}
type Way = (operation: OperationName) => Promise<Done>;

const ask = async (operation: OperationName, input: JsonObject = {}): Promise<Done> => ({
  answer: await rpc(node, operation, input, { via: "socket" }),
});
const issue = async () => {
  const issued = await asLocal(node, "GenerateAPIToken", { name: "one" });
  return { id: textIn(issued, "id"), text: textIn(issued, "token") };
};
/** A token as the input of an operation that takes its id. */
const onToken: Way = async (operation) => ask(operation, { id: (await issue()).id });
const withText: Way = async (operation) => {
  const { id, text } = await issue();
  return { ...(await ask(operation, { token: text })), actor: `token:${id}` };
};

/** Pairs and returns the answer of one of the two messages. */
async function message(wanted: "begin" | "finish"): Promise<Done> {
  const window = await asLocal(node, "OpenPairing", {});
  const answers = new Map<string, Answer>();
  const send = (name: "begin" | "finish", operation: OperationName) => async (body: object) => {
    const answer = await rpc(node, operation, { ...body }, { via: "socket" });
    answers.set(name, answer);
    return answer.json;
  };
  const exchange = { begin: send("begin", "BeginPairing"), finish: send("finish", "FinishPairing") };
  const options = { secret: textIn(window, "code"), way: "code", name: "one", kind: "sdk", channel: "loopback" } as const;
  await pairAsClient({ ...options, signer: newKey(), random: systemRandom, exchange });
  const answer = answers.get(wanted);
  if (answer === undefined) throw new Error(`no ${wanted} was sent`);
  return { answer };
}

/** How each is carried out once, so that it changes something. */
const WAYS: Readonly<Partial<Record<OperationName, Way>>> = {
  RenameNode: (name) => ask(name, { name: "renamed" }),
  OpenPairing: async (name) => {
    await asLocal(node, "ClosePairing");
    return ask(name);
  },
  RenewPairingCode: async (name) => {
    await asLocal(node, "ClosePairing");
    await asLocal(node, "OpenPairing");
    return ask(name);
  },
  ClosePairing: (name) => ask(name),
  BeginPairing: () => message("begin"),
  FinishPairing: () => message("finish"),
  AddPeer: (name) => ask(name, { publicKey: publicKeyToHex(newKey().publicKey), name: "one", role: "viewer" }),
  UpdatePeer: async (name) => ask(name, { id: (await pair(node, "viewer")).id, role: "operator" }),
  RemovePeer: async (name) => ask(name, { id: (await pair(node, "viewer")).id }),
  GenerateAPIToken: (name) => ask(name, { name: "one" }),
  RegisterAPIToken: (name) => ask(name, { name: "one", hash: toHex(systemRandom.bytes(32)) }),
  CreateProjectToken: (name) => ask(name, { fleetId: node.fleetId, name: "one" }),
  UpdateAPIToken: async (name) => ask(name, { id: (await issue()).id, name: "two" }),
  RotateAPIToken: onToken,
  RotateSelf: async (name) => {
    const { id, text } = await issue();
    return { answer: await rpc(node, name, {}, { via: "socket", token: text }), actor: `token:${id}` };
  },
  RevokeAPITokens: async (name) => {
    await issue();
    return ask(name, { all: true });
  },
  BurnAPIToken: withText,
  BurnToken: withText,
  RevokeAPIToken: onToken,
  DeleteAPIToken: onToken,
};

describe("a change", () => {
  it.each(CHANGES)("by %s", async (operation) => {
    const { actor = "local", answer } = (await WAYS[operation]?.(operation)) ?? {};
    expect(answer?.status, answer?.text).toBeLessThan(300);
    const lines = linesOf(node).filter(({ request }) => request === answer?.headers["x-request-id"]);
    expect(lines).toMatchObject([{ actor, operation }]);
    expect(lines[0]?.changes.length).toBeGreaterThan(0);
  });
});
