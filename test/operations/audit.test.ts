/** Looking things up in the record of a running node, following it, and proving that it is whole. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/wire/parse.ts";
import { ask, asLocal, listIn, rpc, textIn } from "../support/http.ts";
import { nodeOfTest, startTestNode, type TestNode } from "../support/node.ts";
import { askSigned, pair, type TestPeer } from "../support/peers.ts";
import { openSocket } from "../support/sockets.ts";

let node: TestNode;
let admin: TestPeer;
let token: JsonObject;

beforeAll(async () => {
  node = await startTestNode();
  admin = await pair(node, "admin");
  token = await asLocal(node, "GenerateAPIToken", { name: "reader", scopes: ["audit:read"], permissions: "custom" });
  for (const name of ["one", "two", "three"]) await rename(node, name);
});
afterAll(() => node.end());

const rename = (where: TestNode, name: string): Promise<JsonObject> => asLocal(where, "RenameNode", { name });
const list = async (query: JsonObject = {}): Promise<readonly JsonObject[]> =>
  listIn(await asLocal(node, "ListAuditEntries", query), "entries");
const read = (path: string) => ask(node, `GET ${path}`, { token: textIn(token, "token") });
const seqs = (entries: readonly JsonObject[]): readonly unknown[] => entries.map(({ seq }) => seq);

describe("looking things up", () => {
  it("lists newest first, in pages that join without gap or overlap", async () => {
    const all = seqs(await list({ limit: 1000 }));
    expect(all).toEqual([...all].sort((a, b) => Number(b) - Number(a)));
    const paged: unknown[] = [];
    for (let cursor: unknown; cursor !== null; ) {
      const page = await asLocal(node, "ListAuditEntries", { limit: 2, ...(cursor !== undefined && { cursor }) });
      paged.push(...seqs(listIn(page, "entries")));
      cursor = page["cursor"];
    }
    expect(paged).toEqual(all);
  });

  it("takes the same query over REST, where all values are text", async () => {
    const { status, json } = await read("/v1/audit?limit=1&operation=RenameNode");
    expect(status).toBe(200);
    expect(listIn(json, "entries")).toMatchObject([{ operation: "RenameNode", changes: [{ name: "three" }] }]);
    const refused = await read("/v1/audit?limit=many");
    expect([refused.status, refused.json["field"]]).toEqual([400, "limit"]);
  });

  it("finds by actor, token, peer, operation, outcome and address", async () => {
    const refused = await askSigned(node, admin, "POST /v1/pairing/code", { via: "tls", body: {} });
    expect(refused.status).toBe(410);
    expect(await list({ actor: `peer:${admin.id}`, outcome: "refused" })).toMatchObject([
      { operation: "RenewPairingCode", refusal: "PAIRING_CLOSED", from: "127.0.0.1" },
    ]);
    expect((await list({ outcome: "done" })).every(({ outcome }) => outcome === "done")).toBe(true);
    expect((await list({ token: token["id"] })).at(-1)).toMatchObject({ operation: "GenerateAPIToken", actor: "local" });
    expect((await list({ peer: admin.id })).at(-1)).toMatchObject({ operation: "BeginPairing" });
    expect(seqs(await list({ address: "127.0.0.1", peer: admin.id }))).not.toEqual([]);
    expect(await list({ operation: "RenameNode", actor: "nobody" })).toEqual([]);
  });

  it("finds by time, the first moment included and the last not", async () => {
    const [newest] = await list({ limit: 1 });
    const at = textIn(newest ?? {}, "at");
    expect(seqs(await list({ after: at }))).toContain(newest?.["seq"]);
    expect(seqs(await list({ before: at }))).not.toContain(newest?.["seq"]);
    expect((await rpc(node, "ListAuditEntries", { after: "yesterday" }, { via: "socket" })).json["field"]).toBe("after");
  });

  it("shows the entry of an X-Request-Id, or says why there is none", async () => {
    const change = await rpc(node, "RenameNode", { name: "four" }, { via: "socket" });
    const id = String(change.headers["x-request-id"]);
    expect((await read(`/v1/audit/${id}`)).json).toMatchObject({
      request: id,
      operation: "RenameNode",
      actor: "local",
      from: null,
    });
    const only = await read("/v1/audit?limit=1");
    const [entry] = listIn(only.json, "entries");
    expect((await read(`/v1/audit/${String(entry?.["seq"])}`)).json).toEqual(entry);
    const missing = await read(`/v1/audit/${String(only.headers["x-request-id"])}`);
    expect(missing.status).toBe(404);
    expect(missing.json["message"]).toContain("other calls are only counted");
    expect((await read("/v1/audit/first")).status).toBe(400);
    expect((await read("/v1/audit/999999")).status).toBe(404);
  });

  it("shows no hash of a token", async () => {
    const { changes } = (await list({ token: token["id"] })).at(-1) ?? {};
    expect(JSON.stringify(changes)).toContain("token.issued");
    expect(JSON.stringify(changes)).not.toContain('"hash"');
  });

  it("counts what has no entry, also before it is written down", async () => {
    await read("/v1/audit/head");
    const { rows } = (await read("/v1/audit/activity?operation=GetAuditHead")).json;
    expect(rows).toMatchObject([
      { operation: "GetAuditHead", actor: `token:${String(token["id"])}`, from: "127.0.0.1", count: 1 },
    ]);
    await ask(node, "GET /v1/node", { token: `csk_${"0".repeat(38)}` });
    const refused = await asLocal(node, "ListActivity", { actor: "nobody", operation: "TOKEN_INVALID" });
    expect(listIn(refused, "rows")).toMatchObject([{ count: 1 }]);
  });

  it("is refused to whoever does not hold audit:read", async () => {
    const viewer = await pair(node, "viewer");
    for (const path of ["/v1/audit", "/v1/audit/1", "/v1/audit/head", "/v1/audit/activity"]) {
      const { json, status } = await askSigned(node, viewer, `GET ${path}`, { via: "tls" });
      expect([path, status, json["scope"]]).toEqual([path, 403, "audit:read"]);
    }
  });
});

describe("a peer in a new network", () => {
  it("leaves one entry, whatever it asked, and none the next time", async () => {
    const peer = await pair(node, "viewer"); // over the local socket, which is nowhere
    const first = await askSigned(node, peer, "GET /v1/self", { via: "tls" });
    await askSigned(node, peer, "GET /v1/self", { via: "tls" });
    expect(await list({ actor: `peer:${peer.id}` })).toMatchObject([
      {
        operation: "GetSelf",
        request: first.headers["x-request-id"],
        from: "127.0.0.1",
        changes: [{ type: "address.first_used", credential: `peer:${peer.id}`, address: "127.0.0.1" }],
      },
    ]);
  });
});

describe("refused changes", () => {
  it("have an entry each up to 60 a minute, and are counted beyond", async () => {
    const peer = await pair(node, "viewer");
    for (let index = 0; index < 65; index++) await askSigned(node, peer, "POST /v1/pairing", { via: "tls", body: {} });
    expect(await list({ actor: `peer:${peer.id}`, outcome: "refused", limit: 1000 })).toHaveLength(60);
    const counted = await asLocal(node, "ListActivity", { actor: `peer:${peer.id}`, operation: "INSUFFICIENT_SCOPE" });
    expect(listIn(counted, "rows")).toMatchObject([{ count: 5 }]);
  });

  it("of nobody leave none", async () => {
    const before = await list({ limit: 1 });
    expect((await ask(node, "POST /v1/tokens", { body: { name: "x" } })).status).toBe(401);
    expect(seqs(await list({ limit: 1 }))).toEqual(seqs(before));
  });
});

describe("following", () => {
  it("resumes where it left off, without gap or repeat, and goes on live", async () => {
    const socket = await openSocket(node, { via: "socket" });
    const { seq } = await socket.call("subscribe", { topics: ["audit"] });
    for (const name of ["a", "b", "c"]) await rename(node, name);
    socket.raw.terminate();
    const again = await openSocket(node, { via: "socket" });
    const resumed = again.call("subscribe", { topics: ["audit", "node"], since: seq });
    await rename(node, "d");
    await resumed;
    await rename(node, "e");
    const names: unknown[] = [];
    for (let index = 0; index < 5; index++) names.push(((await again.event("node"))["data"] as JsonObject)["name"]);
    expect(names).toEqual(["a", "b", "c", "d", "e"]);
    const lines: unknown[] = [];
    for (let index = 0; index < 5; index++) lines.push((await again.event("audit"))["seq"]);
    expect(lines).toEqual([1, 2, 3, 4, 5].map((index) => Number(seq) + index));
    again.raw.terminate();
  });

  it("says RESUME_GONE of what is too long ago, or not of this record", async () => {
    const busy = await nodeOfTest();
    for (let batch = 0; batch < 11; batch++)
      await Promise.all(Array.from({ length: 100 }, (_, index) => rename(busy, `n${batch * 100 + index}`)));
    const socket = await openSocket(busy, { via: "socket" });
    expect(await socket.refused("subscribe", { topics: ["audit"], since: 1 })).toMatchObject({
      code: "RESUME_GONE",
      status: 410,
    });
    expect(await socket.refused("subscribe", { topics: ["audit"], since: 99_999 })).toMatchObject({ code: "RESUME_GONE" });
    expect(await socket.call("subscribe", { topics: ["audit"], since: 900 })).toMatchObject({ seq: 900 });
    socket.raw.terminate();
  });
});

describe("the signed head", () => {
  it("is accepted as long as the record only grows", async () => {
    const head = await asLocal(node, "GetAuditHead");
    await rename(node, "later");
    expect(await asLocal(node, "VerifyAudit", { head })).toMatchObject({ ok: true, from: 1, fault: null, segments: 1 });
  });

  it("is refused when this node did not sign it", async () => {
    const head = await asLocal(node, "GetAuditHead");
    const forged = await rpc(node, "VerifyAudit", { head: { ...head, seq: Number(head["seq"]) + 1 } }, { via: "socket" });
    expect([forged.status, forged.json["field"]]).toEqual([400, "head"]);
    const other = await asLocal(await nodeOfTest(), "GetAuditHead");
    expect((await rpc(node, "VerifyAudit", { head: other }, { via: "socket" })).json["error"]).toContain("another node");
  });

  it("proves a cut tail after a restart, when nothing in the folder remembers it", async () => {
    const first = await startTestNode();
    const folder = first.dataDir;
    for (const name of ["kept", "cut"]) await rename(first, name);
    const head = await asLocal(first, "GetAuditHead");
    await first.stop();
    const path = join(folder, "ledger/000001.log");
    writeFileSync(path, `${readFileSync(path, "utf8").split("\n").slice(0, -2).join("\n")}\n`);
    writeFileSync(join(folder, "state.json"), "");
    const second = await nodeOfTest({ folder });
    expect(await asLocal(second, "VerifyAudit")).toMatchObject({ ok: true });
    const { ok, fault } = await asLocal(second, "VerifyAudit", { head });
    expect(ok).toBe(false);
    expect(fault).toMatchObject({ file: "ledger/000001.log", seq: head["seq"] });
    expect(textIn(fault as JsonObject, "reason")).toContain("cut off");
  });

  it("is not needed to find what was changed under a running node", async () => {
    const other = await nodeOfTest();
    for (const name of ["x", "y", "z"]) await rename(other, name);
    const path = join(other.dataDir, "ledger/000001.log");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace('"name":"y"', '"name":"q"'));
    expect(await asLocal(other, "VerifyAudit")).toMatchObject({
      ok: false,
      fault: { file: "ledger/000001.log", line: 4, seq: 3, reason: "does not match its hash" },
    });
    writeFileSync(path, text);
  });
});
