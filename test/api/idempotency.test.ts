import { describe, expect, it } from "vitest";
import { idempotencyKey } from "../../src/api/idempotency.ts";
import { refusal } from "../foundation/refusal.ts";
import { ask, asLocal, listIn, rpc, textIn } from "../support/http.ts";
import { nodeOfTest } from "../support/node.ts";
import { askSigned, pair } from "../support/peers.ts";
import { openSocket } from "../support/sockets.ts";

const TOKEN = { name: "ci" };
const keyed = (key: string, body: object = TOKEN) => ({ via: "socket", headers: { "Idempotency-Key": key }, body }) as const;

describe("Idempotency-Key", () => {
  it("makes one change of many requests, even of those that run together", async () => {
    const node = await nodeOfTest();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(node, "POST /v1/tokens", keyed("one"))));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(listIn(await asLocal(node, "ListAPITokens"), "tokens")).toHaveLength(1);
    expect((await ask(node, "POST /v1/tokens", keyed('"one"'))).text).toBe(answers[0]?.text);
  });

  it("is one key over REST, RPC and WebSocket, and each actor's own", async () => {
    const node = await nodeOfTest();
    const first = await ask(node, "POST /v1/tokens", keyed("one"));
    const second = await rpc(node, "GenerateAPIToken", { ...TOKEN, idempotencyKey: "one" }, { via: "socket" });
    const socket = await openSocket(node, { via: "socket" });
    const third = await socket.call("GenerateAPIToken", { ...TOKEN, idempotencyKey: "one" });
    expect([second.json["id"], third["id"]]).toEqual([first.json["id"], first.json["id"]]);
    const peer = await pair(node, "admin");
    const other = await askSigned(node, peer, "POST /rpc/GenerateAPIToken", {
      body: { ...TOKEN, idempotencyKey: "one" },
      via: "socket",
    });
    expect(other.status).toBe(200);
    expect(other.json["id"]).not.toBe(first.json["id"]);
  });

  it("is refused with another input, or malformed, or twice", async () => {
    const node = await nodeOfTest();
    await ask(node, "POST /v1/tokens", keyed("one"));
    const other = await ask(node, "POST /v1/tokens", keyed("one", { name: "cd" }));
    expect([other.status, other.json["code"]]).toEqual([422, "IDEMPOTENCY_MISMATCH"]);
    expect((await ask(node, "POST /v1/tokens", keyed("a b"))).status).toBe(400);
    const two = await rpc(node, "GenerateAPIToken", { ...TOKEN, idempotencyKey: "two" }, keyed("one"));
    expect(two.json).toMatchObject({ code: "INVALID_REQUEST", field: "idempotencyKey" });
  });

  it("is not asked of who did not prove who they are, and means nothing to a read", async () => {
    const node = await nodeOfTest();
    expect((await ask(node, "GET /v1/node", { via: "socket", headers: { "Idempotency-Key": "one" } })).status).toBe(200);
    expect((await ask(node, "POST /v1/tokens", keyed("one"))).status).toBe(201);
  });

  it("does not outlive the right to make the change", async () => {
    const node = await nodeOfTest();
    const peer = await pair(node, "admin");
    const body = { ...TOKEN, idempotencyKey: "one" };
    expect((await askSigned(node, peer, "POST /rpc/GenerateAPIToken", { body, via: "socket" })).status).toBe(200);
    await asLocal(node, "RemovePeer", { id: peer.id });
    const gone = await askSigned(node, peer, "POST /rpc/GenerateAPIToken", { body, via: "socket" });
    expect(gone.json["code"]).toBe("PEER_UNKNOWN");
  });

  it("is known after a restart by its ids, without the secret", async () => {
    const node = await nodeOfTest();
    const first = await ask(node, "POST /v1/tokens", keyed("one"));
    const revoked = { via: "socket", headers: { "Idempotency-Key": "two" } } as const;
    const id = textIn(first.json, "id");
    await ask(node, `POST /v1/tokens/${id}/revoke`, revoked);
    await node.stop();
    const again = await nodeOfTest({ folder: node.dataDir });
    for (const repeat of [
      await ask(again, "POST /v1/tokens", keyed("one")),
      await ask(again, `POST /v1/tokens/${id}/revoke`, revoked),
    ]) {
      expect(repeat).toMatchObject({ status: 409, json: { code: "IDEMPOTENCY_KNOWN", ids: [id] } });
      expect(repeat.text).not.toContain("csk_");
    }
  });
});

describe("idempotencyKey", () => {
  it("takes a field, bare or as a structured string, or a member", () => {
    expect(idempotencyKey(undefined, undefined)).toBeUndefined();
    expect([idempotencyKey("a", undefined), idempotencyKey('"a"', "a"), idempotencyKey(undefined, "a")]).toEqual(["a", "a", "a"]);
    for (const bad of ["", " ", '"', "ä", "x".repeat(256), 7, null]) {
      expect(refusal(() => idempotencyKey(undefined, bad)).code).toBe("INVALID_REQUEST");
    }
  });
});
