/** Pairing windows and peers, as a running node answers about them. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { publicKeyToHex } from "../../src/crypto/p256.ts";
import { FleetError, isAnswerCode } from "../../src/foundation/errors.ts";
import { systemRandom } from "../../src/foundation/random.ts";
import { type PairingOptions, pairAsClient } from "../../src/pairing/asking.ts";
import { parsePairingLink } from "../../src/wire/links.ts";
import { rejection } from "../foundation/refusal.ts";
import { SettableClock } from "../support/clock.ts";
import { type Answer, ask, asLocal, listIn, rpc, textIn, type Way as Via } from "../support/http.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { askSigned, newKey, pair, type TestPeer } from "../support/peers.ts";
import { knownCode } from "../support/random.ts";

const clock = new SettableClock();
let node: TestNode;
let admin: TestPeer;

beforeAll(async () => {
  node = await startTestNode({ clock, random: knownCode });
  admin = await pair(node, "admin");
});
afterAll(() => node.end());
beforeEach(() => {
  clock.passed += 25 * 3_600_000; // a day without guesses
});
afterEach(() => asLocal(node, "ClosePairing"));

const gist = ({ json, status }: Answer): string => `${status} ${String(json["code"])}`;

/** Pairs by whatever of the window is given, over this kind of connection. */
function join(secret: string, via: Via = "tls", options: Partial<PairingOptions> = {}) {
  const post = async (path: string, body: object) => {
    const { json, status } = await ask(node, `POST ${path}`, { via, body });
    const code = json["code"];
    if (status !== 200 && isAnswerCode(code)) throw new FleetError(code, String(json["message"]), json);
    return json;
  };
  return pairAsClient({
    secret,
    way: secret.length === 6 ? "code" : "link",
    name: "laptop",
    kind: "cli",
    channel: via === "tls" ? "pinned" : "loopback",
    signer: newKey(),
    random: systemRandom,
    exchange: {
      begin: (message) => post("/v1/pairing/begin", message),
      finish: (message) => post("/v1/pairing/finish", message),
    },
    requireChain: () => undefined, // identity/pin.test.ts
    ...options,
  });
}

describe("a window", () => {
  it("is opened by local and by admins: 201 with code, link, role and times", async () => {
    const answer = await ask(node, "POST /v1/pairing", { via: "socket", body: {} });
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ code: "904817", role: "admin", secondsLeft: 120, attemptsLeft: 5, addresses: [] });
    const link = parsePairingLink(textIn(answer.json, "link"));
    expect(link).toMatchObject({ nodeId: node.nodeId, port: node.port });
    expect((await ask(node, "GET /v1/pairing", { via: "socket" })).json).toMatchObject({
      code: "904817",
      link: answer.json["link"],
    });
    expect((await ask(node, "GET /api/health")).json["pairing"]).toBe("open");
    await asLocal(node, "ClosePairing");
    expect((await askSigned(node, admin, "POST /v1/pairing", { body: { role: "viewer", seconds: 30 } })).json).toMatchObject({
      role: "viewer",
    });
  });

  it("is one at a time", async () => {
    await asLocal(node, "OpenPairing");
    expect(gist(await ask(node, "POST /v1/pairing", { via: "socket", body: {} }))).toBe("409 PAIRING_OPEN");
    expect((await asLocal(node, "ClosePairing"))["closed"]).toBe(true);
    expect((await asLocal(node, "ClosePairing"))["closed"]).toBe(false);
    expect(gist(await ask(node, "GET /v1/pairing", { via: "socket" }))).toBe("410 PAIRING_CLOSED");
  });

  it.each([
    { role: "owner" },
    { ways: [] },
    { ways: ["qr"] },
    { seconds: 29 },
    { seconds: 601 },
    { ways: ["link"], seconds: 86_401 },
    { channels: ["pinned"] },
    { forKey: "04" },
    { forKey: `04${"0".repeat(128)}` },
    { code: "123456" },
  ])("does not open with %j", async (input) => {
    expect(gist(await ask(node, "POST /v1/pairing", { via: "socket", body: input }))).toBe("400 INVALID_REQUEST");
    expect((await ask(node, "GET /api/health")).json["pairing"]).toBe("closed");
  });

  it("closes by time, and says so in the record", async () => {
    await asLocal(node, "OpenPairing", { seconds: 30 });
    clock.passed += 30_000;
    expect((await ask(node, "GET /api/health")).json["pairing"]).toBe("closed");
    expect(gist(await ask(node, "GET /v1/pairing", { via: "socket" }))).toBe("410 PAIRING_CLOSED");
    expect((await rejection(join("904817"))).code).toBe("PAIRING_CLOSED");
  });

  it("shows new digits on demand", async () => {
    await asLocal(node, "OpenPairing", { ways: ["code"] });
    expect((await ask(node, "POST /v1/pairing/code", { via: "socket" })).json).toMatchObject({ attemptsLeft: 5 });
    await asLocal(node, "ClosePairing");
    expect(gist(await ask(node, "POST /v1/pairing/code", { via: "socket" }))).toBe("410 PAIRING_CLOSED");
  });
});

describe("pairing", () => {
  it("registers the key with the window's role, over TLS and from this machine", async () => {
    for (const via of ["tls", "loopback", "socket"] as const) {
      await asLocal(node, "OpenPairing", { role: "operator" });
      const paired = await join("904817", via);
      expect(paired).toMatchObject({ role: "operator", responderNodeId: node.nodeId, responderName: node.name });
      const peer = listIn(await asLocal(node, "ListPeers"), "peers").find(({ id }) => id === paired.nodeId);
      expect(peer).toMatchObject({
        name: "laptop",
        kind: "cli",
        role: "operator",
        way: "code",
        pairedFrom: via === "socket" ? "" : "127.0.0.1",
      });
      expect((await ask(node, "GET /api/health")).json["pairing"]).toBe("closed");
    }
  });

  it("by link, for less than the window would give", async () => {
    const { link } = await asLocal(node, "OpenPairing", { ways: ["link"], seconds: 3600 });
    const { secret } = parsePairingLink(String(link));
    expect((await join(secret, "tls", { role: "viewer" })).role).toBe("viewer");
    expect((await rejection(join(secret))).code).toBe("PAIRING_CLOSED");
  });

  it("with wrong codes spends the digits; the link still pairs, and the opener sees who it was", async () => {
    const { link } = await asLocal(node, "OpenPairing");
    for (let left = 4; left >= 2; left--) {
      expect(await rejection(join("000000"))).toMatchObject({ code: "PAIRING_WRONG_CODE", details: { attemptsLeft: left } });
      clock.passed += 30_000; // unfinished exchanges are over
    }
    const busy = await rejection(join("904817"));
    expect([busy.code, Number(busy.details["retryAfter"]) > 0]).toEqual(["PAIRING_BUSY", true]);
    for (let left = 1; left >= 0; left--) await rejection(join("000000", "socket"));
    expect(await asLocal(node, "GetPairing")).toMatchObject({
      attemptsLeft: 0,
      addresses: [
        { address: "127.0.0.1", attempts: 3 },
        { address: "", attempts: 2 },
      ],
    });
    expect(await asLocal(node, "GetPairing")).not.toHaveProperty("code");
    expect((await rejection(join("904817", "socket"))).code).toBe("PAIRING_CLOSED");
    expect((await join(parsePairingLink(String(link)).secret)).role).toBe("admin");
  });

  it("on a channel that is not what the connection is, or not allowed, is refused uncounted", async () => {
    await asLocal(node, "OpenPairing");
    for (const [via, channel] of [
      ["tls", "loopback"],
      ["loopback", "pinned"],
      ["tls", "blind"],
      ["loopback", "plain"],
    ] as const)
      expect((await rejection(join("904817", via, { channel }))).code).toBe("PAIRING_CHANNEL");
    expect(await asLocal(node, "GetPairing")).toMatchObject({ attemptsLeft: 5 });
    expect((await join("904817")).role).toBe("admin");
  });

  it("in a window for one key takes no other, uncounted", async () => {
    const key = newKey();
    await asLocal(node, "OpenPairing", { forKey: publicKeyToHex(key.publicKey) });
    expect((await rejection(join("904817"))).code).toBe("PAIRING_CLOSED");
    expect(await asLocal(node, "GetPairing")).toMatchObject({ attemptsLeft: 5 });
    expect((await join("904817", "tls", { signer: key })).role).toBe("admin");
  });

  it("messages that are none are refused before anything is counted", async () => {
    await asLocal(node, "OpenPairing");
    for (const body of [{}, { version: 2 }, { version: 1, maxVersion: 1, clientKey: "AA" }])
      expect((await ask(node, "POST /v1/pairing/begin", { body })).status).toBe(400);
    expect((await ask(node, "POST /v1/pairing/finish", { body: {} })).status).toBe(400);
    expect((await rpc(node, "BeginPairing", {})).status).toBe(400);
    expect(await asLocal(node, "GetPairing")).toMatchObject({ attemptsLeft: 5 });
  });
});

describe("peers", () => {
  it("are listed with key and fingerprint, and removed for good", async () => {
    const key = newKey();
    const { id } = await pair(node, "viewer", key, "phone");
    const [peer] = listIn((await askSigned(node, admin, "GET /v1/peers")).json, "peers").filter((each) => each["id"] === id);
    expect(peer).toMatchObject({ name: "phone", publicKey: publicKeyToHex(key.publicKey), role: "viewer", channel: "loopback" });
    expect(peer?.["fingerprint"]).toMatch(/^([0-9A-HJKMNP-TV-Z]{4} ?-?){8}$/);
    const removed = await ask(node, `DELETE /v1/peers/${id}`, { via: "socket" });
    expect([removed.status, removed.json]).toEqual([200, { id, tokensRevoked: 0, connectionsClosed: 0 }]);
    expect((await askSigned(node, { key, id }, "GET /v1/node")).json["code"]).toBe("PEER_UNKNOWN");
    expect((await ask(node, `DELETE /v1/peers/${id}`, { via: "socket" })).status).toBe(404);
    expect((await ask(node, "DELETE /v1/peers/x", { via: "socket" })).status).toBe(400);
  });

  it("paired again keep one record, with the new role, name and tokens", async () => {
    const first = await pair(node, "admin", newKey(), "old name");
    const token = await askSigned(node, first, "POST /v1/tokens", { body: { name: "own", owner: `node:${first.id}` } });
    const before = listIn(await asLocal(node, "ListPeers"), "peers").length;
    await pair(node, "viewer", first.key, "new name");
    const peers = listIn(await asLocal(node, "ListPeers"), "peers");
    expect(peers.length).toBe(before);
    expect(peers.find(({ id }) => id === first.id)).toMatchObject({ name: "new name", role: "viewer" });
    expect((await ask(node, "GET /v1/node", { token: textIn(token.json, "token") })).status).toBe(200);
    expect(gist(await askSigned(node, first, "GET /v1/peers"))).toBe("403 INSUFFICIENT_SCOPE");
  });
});
