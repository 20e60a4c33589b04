/** docs/websocket.md: its calls are those of the table, its events those a node sends, its conversation one that took place. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TOPIC_NEEDS, TOPICS } from "../../src/catalogue/topics.ts";
import { CLOSE_CODES, FRAME_CODES } from "../../src/wire/frames.ts";
import { isJsonObject, type JsonObject } from "../../src/wire/parse.ts";
import { pairPlainly } from "../e2e/support/clients.ts";
import { ask, asLocal, textIn } from "../support/http.ts";
import { nodeOfTest, type TestNode } from "../support/node.ts";
import { newKey, pair } from "../support/peers.ts";
import { objectIn, openSocket, type TestSocket } from "../support/sockets.ts";
import { documentText, rowsUnder } from "./tables.ts";
import { reference } from "./websocket-reference.ts";

const FILE = join(import.meta.dirname, "../../docs/websocket.md");
const REFERENCE =
  "<!-- reference: written from the table of operations by UPDATE_DOCS=1 npx vitest run test/docs/websocket.test.ts -->\n";
const CONVERSATION = { begin: "<!-- conversation -->\n", end: "<!-- end of the conversation -->\n" };
const UPDATES = process.env["UPDATE_DOCS"] === "1";

const members = (text = ""): readonly string[] => text.split(", ").filter((member) => member !== "");

describe("the tables of docs/websocket.md", () => {
  it("have every call and every shape of the table of operations", () => {
    const text = documentText("websocket.md");
    const start = text.indexOf(REFERENCE) + REFERENCE.length;
    expect(start).toBeGreaterThan(REFERENCE.length);
    if (UPDATES) writeFileSync(FILE, text.slice(0, start) + reference());
    else expect(text.slice(start)).toBe(reference());
  });

  it("have every topic, close code and number of an error", () => {
    const text = documentText("websocket.md");
    const topics = rowsUnder(text, "topic").filter((row) => "takes" in row);
    expect(topics.map(({ topic, takes }) => [topic, takes])).toEqual(TOPICS.map((topic) => [topic, TOPIC_NEEDS[topic]]));
    const closes = new Set(rowsUnder(text, "close code").map((row) => Number(row["close code"])));
    expect([...closes]).toEqual(Object.values(CLOSE_CODES));
    expect(rowsUnder(text, "number").map(({ number }) => Number(number))).toEqual(Object.values(FRAME_CODES));
  });
});

describe("the notifications", () => {
  it("have these params", async () => {
    const documented = rowsUnder(documentText("websocket.md"), "method").map(({ method, params }) => [
      method,
      ...members(params),
    ]);
    const node = await nodeOfTest();
    const socket = await openSocket(node, { via: "socket" });
    await socket.call("subscribe", { topics: ["node", "node.stats"], interval: 1 });
    await asLocal(node, "RenameNode", { name: "studio" });
    await socket.frame((frame) => topicIn(frame) === "node.stats");
    expect(Object.keys(await socket.hello())).toEqual(documented[0]?.slice(1));
    const events = socket.frames.filter(({ method }) => method === "event").map(paramsOf);
    expect(membersOf(events)).toEqual(documented[1]?.slice(1).toSorted());
    expect(documented[2]).toEqual(["position", "seq"]); // test/api/socket-limits.test.ts waits for one
    socket.raw.close();
  });
});

describe("the events", () => {
  it("are those that a node sends when everything happens to it once, with these members and no other", async () => {
    const node = await nodeOfTest();
    const socket = await openSocket(node, { via: "socket" });
    await socket.call("subscribe", { topics: TOPICS, interval: 1, since: 0 });
    await letEverythingHappen(node, socket);
    const text = documentText("websocket.md");

    const documented = rowsUnder(text, "type").map(({ type, topic, ...row }) => [
      type,
      topic,
      ...members(row["members beside `type`"]),
    ]);
    expect(seenTypes(socket)).toEqual(documented.toSorted());
    const others = rowsUnder(text, "topic").filter((row) => "members of `data`" in row);
    expect(others.map(({ topic, ...row }) => [topic, ...members(row["members of `data`"])])).toEqual([
      ["node.stats", ...membersOf(dataOf(socket, "node.stats"))],
      ["audit", ...membersOf(dataOf(socket, "audit"))],
    ]);
    socket.raw.close();
  });
});

/** Makes a node send every event there is. */
async function letEverythingHappen(node: TestNode, socket: TestSocket): Promise<void> {
  await asLocal(node, "RenameNode", { name: "studio" });
  await pairInEveryWay(node);
  await endTokensInEveryWay(node);
  const expired = (frame: JsonObject): boolean => typeIn(frame) === "token.expired";
  await Promise.all([socket.frame(expired), socket.frame((frame) => topicIn(frame) === "node.stats")]);
}

async function pairInEveryWay(node: TestNode): Promise<void> {
  const key = newKey();
  await asLocal(node, "OpenPairing", { forKey: Buffer.from(key.publicKey).toString("hex") });
  await asLocal(node, "ClosePairing");
  const { id } = await pair(node, "operator", key);
  await asLocal(node, "AddPeer", { publicKey: Buffer.from(newKey().publicKey).toString("hex"), name: "by hand", role: "viewer" });
  await asLocal(node, "UpdatePeer", { id, role: "viewer" });
  await asLocal(node, "RemovePeer", { id });
  await asLocal(node, "OpenPairing");
  const wrong = "000000";
  for (const host of [2, 2, 3, 3, 4]) await pairPlainly(node.port, wrong, {}, `127.0.0.${host}`).catch(() => undefined);
  await asLocal(node, "RenewPairingCode");
  await asLocal(node, "ClosePairing");
}

async function endTokensInEveryWay(node: TestNode): Promise<void> {
  const issue = (input: JsonObject): Promise<JsonObject> => asLocal(node, "GenerateAPIToken", { name: "ci", ...input });
  const use = ({ token }: JsonObject): Promise<unknown> => ask(node, "GET /v1/node", { token: String(token) });
  await issue({ expires: "1s" });
  await use(await issue({ allowedIps: ["192.0.2.0/24"] }));
  const used = await issue({});
  await use(used);
  const id = textIn(used, "id");
  await asLocal(node, "UpdateAPIToken", { id, name: "ci of main" });
  await asLocal(node, "RotateAPIToken", { id });
  await asLocal(node, "RevokeAPIToken", { id });
  await asLocal(node, "DeleteAPIToken", { id });
}

const paramsOf = (frame: JsonObject): JsonObject => (isJsonObject(frame["params"]) ? frame["params"] : {});
const topicIn = (frame: JsonObject): unknown => paramsOf(frame)["topic"];
const typeIn = (frame: JsonObject): unknown => {
  const { data } = paramsOf(frame);
  return isJsonObject(data) ? data["type"] : undefined;
};

function dataOf({ frames }: TestSocket, topic: string, type?: string): readonly JsonObject[] {
  const fit = frames.filter((frame) => topicIn(frame) === topic && (type === undefined || typeIn(frame) === type));
  return fit.map((frame) => objectIn(paramsOf(frame), "data"));
}

/** Returns the names of all members, `type` aside, in order; `?` where some have it and others do not. */
function membersOf(data: readonly JsonObject[]): readonly string[] {
  const names = new Set(data.flatMap((one) => Object.keys(one)).filter((name) => name !== "type"));
  return [...names].sort().map((name) => (data.every((one) => name in one) ? name : `${name}?`));
}

/** Returns each type that was sent, with its topic and members. */
function seenTypes(socket: TestSocket): readonly (readonly string[])[] {
  const kinds = socket.frames
    .filter((frame) => typeIn(frame) !== undefined)
    .map((frame) => [topicIn(frame), typeIn(frame)].map(String));
  const distinct = new Map(kinds.map(([topic = "", type = ""]) => [type, topic]));
  return [...distinct].map(([type, topic]) => [type, topic, ...membersOf(dataOf(socket, topic, type))]).sort();
}

describe("the conversation", () => {
  it("took place, and takes place again", async () => {
    const spoken = await converse(await nodeOfTest());
    const text = documentText("websocket.md");
    const [before = "", rest = ""] = text.split(CONVERSATION.begin);
    const [written = "", after = ""] = rest.split(CONVERSATION.end);
    const lines = ["```", ...spoken, "```", ""].join("\n");
    if (UPDATES) writeFileSync(FILE, before + CONVERSATION.begin + lines + CONVERSATION.end + after);
    else expect(lines.split("\n").map(withoutChance)).toEqual(written.split("\n").map(withoutChance));
  });
});

/** Resolves to all frames of one socket in their order, a line for each, and how it ended. */
async function converse(node: TestNode): Promise<readonly string[]> {
  const lines: string[] = [];
  const { id, token } = await asLocal(node, "GenerateAPIToken", { name: "console", permissions: "fullAccess" });
  const socket = await openSocket(node);
  const hello = await socket.hello();
  lines.push(`← ${JSON.stringify({ jsonrpc: "2.0", method: "hello", params: hello })}`);
  socket.raw.on("message", (data: Buffer) => lines.push(`← ${data.toString("utf8")}`));
  let calls = 0;
  const call = async (method: string, params: JsonObject): Promise<void> => {
    const frame = { jsonrpc: "2.0", id: ++calls, method, params };
    lines.push(`→ ${JSON.stringify(frame).replace(String(token), "csk_…")}`);
    socket.send(frame);
    await socket.frame((answer) => answer["id"] === frame.id);
  };
  await call("authenticate", { apiToken: token });
  await call("subscribe", { topics: ["node"] });
  await call("RenameNode", { name: "studio", idempotencyKey: "rename-7" });
  await call("ListPeers", {});
  await asLocal(node, "RevokeAPIToken", { id });
  const { code, reason } = await socket.closed;
  return [...lines, `← close ${code} ${reason}`];
}

/** Members whose values are the same in every conversation. */
const CONSTANT = ["jsonrpc", "id", "method", "type", "topic", "topics", "code", "status", "scope", "scopes", "name"];

/** Returns the line with values that differ from node to node replaced by their types. */
function withoutChance(line: string): string {
  const [arrow = "", ...words] = line.split(" ");
  const text = words.join(" ");
  if (!text.startsWith("{")) return line;
  const plain = (name: string, value: unknown): unknown =>
    typeof value === "object" || CONSTANT.includes(name) ? value : typeof value;
  const keepLists = (name: string, value: unknown): unknown =>
    Array.isArray(value) && CONSTANT.includes(name) ? value.join() : plain(name, value);
  return `${arrow} ${JSON.stringify(JSON.parse(text), keepLists)}`;
}
