/** Signed requests against the running daemon: replayed, edited, late, for another node, in another encoding. */

import { createPrivateKey, sign } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { toPkcs8Pem } from "../../src/identity/pkcs8.node.ts";
import { FleetClient } from "../../src/sdk-node/index.ts";
import { type Answer, ask, textIn } from "../support/http.ts";
import { askSigned, freshCreated, newKey, newNonce, pair, signedHeaders, type TestPeer } from "../support/peers.ts";
import { openSocket, refusedUpgrade } from "../support/sockets.ts";
import { memoryStore } from "./support/clients.ts";
import { Daemon, daemonOfTest } from "./support/daemon.ts";

const GET = "GET /v1/node";
const CALL = "POST /rpc/GetNodeInfo";

let daemon: Daemon;
let peer: TestPeer;
let startedAt: number;

beforeAll(async () => {
  daemon = await new Daemon().start();
  startedAt = Math.floor(Date.now() / 1000);
  peer = await pair(daemon.place, "admin");
  return () => daemon.end();
});

/** Returns status and code, which is all that differs between refusals. */
function outcome({ status, json }: Answer): string {
  return `${status} ${status === 200 ? "OK" : textIn(json, "code")}`;
}

function replace(field: string, edit: (value: string) => string) {
  return (headers: Record<string, string>): Record<string, string> => ({ ...headers, [field]: edit(headers[field] ?? "") });
}

/** Returns an edit that takes a second from a parameter. */
function oneLess(name: "created" | "expires") {
  const form = new RegExp(`(${name}=)(\\d+)`);
  return replace("signature-input", (text) => text.replace(form, (_, start: string, value) => `${start}${Number(value) - 1}`));
}

const parameter = (from: RegExp, to: string) => replace("signature-input", (text) => text.replace(from, to));

describe("a signed request", () => {
  test("is accepted once, over plain HTTP, TLS and the upgrade of a socket", async () => {
    for (const via of ["loopback", "tls"] as const) {
      const headers = await signedHeaders(daemon.place, peer, CALL, { body: {} });
      const send = async () => outcome(await ask(daemon.place, CALL, { headers, body: {}, via }));
      expect([await send(), await send()]).toEqual(["200 OK", "401 SIGNATURE_REPLAYED"]);
    }
    const headers = await signedHeaders(daemon.place, peer, "GET /v1/ws");
    const socket = await openSocket(daemon.place, { via: "loopback", headers });
    expect(await socket.call("GetNodeInfo")).toMatchObject({ nodeId: daemon.nodeId });
    socket.raw.close();
    expect(outcome(await refusedUpgrade(daemon.place, { via: "loopback", headers }))).toBe("401 SIGNATURE_REPLAYED");
  });

  test.each<[string, string, string]>([
    ["the method", "DELETE /v1/pairing", "GET /v1/pairing"],
    ["the path", "GET /v1/node/stats", GET],
    ["the query", "GET /v1/node?a=2", "GET /v1/node?a=1"],
    ["the query, taken away", GET, "GET /v1/node?a=1"],
    ["the spelling of the path", "GET /v1/nod%65", GET],
  ])("is refused when somebody changed %s", async (_, sent, signed) => {
    const headers = await signedHeaders(daemon.place, peer, signed);
    expect(outcome(await ask(daemon.place, sent, { headers }))).toBe("401 SIGNATURE_INVALID");
  });

  test.each<[string, (headers: Record<string, string>) => Record<string, string>, string]>([
    ["the authority", replace("Host", (host) => host.replace("127.0.0.1", "localhost")), "401 SIGNATURE_INVALID"],
    ["the type of the body", replace("Content-Type", (type) => `${type}; charset=utf-8`), "401 SIGNATURE_INVALID"],
    ["the digest", replace("content-digest", (text) => text.replace("sha-256", "sha-512")), "401 SIGNATURE_INVALID"],
    ["the audience", replace("cider-node", () => "6f3ed7c1-9f02-8b1c-a2a4-1c3e5f708192"), "421 WRONG_NODE"],
    ["the nonce", parameter(/nonce="[^"]*"/, `nonce="${newNonce()}"`), "401 SIGNATURE_INVALID"],
    ["the end", oneLess("expires"), "401 SIGNATURE_INVALID"],
    ["the algorithm", parameter(/alg="[^"]*"/, 'alg="ed25519"'), "400 SIGNATURE_MALFORMED"],
    ["the tag", parameter(/tag="[^"]*"/, 'tag="other"'), "401 AUTHENTICATION_REQUIRED"],
    ["the cover", parameter(/ "@query"/, ""), "400 SIGNATURE_MALFORMED"],
    ["the cover of the digest", parameter(/ "content-digest"/, ""), "400 SIGNATURE_MALFORMED"],
    ["the signature", replace("signature", (text) => text.replace(/:(..)/, ":AA")), "401 SIGNATURE_INVALID"],
  ])("with %s changed is refused with its own code", async (_, edit, expected) => {
    const headers = edit(await signedHeaders(daemon.place, peer, CALL, { body: {} }));
    expect(outcome(await ask(daemon.place, CALL, { headers, body: {} }))).toBe(expected);
  });

  test("with another body is refused by its digest, and with a digest for that body by its signature", async () => {
    const headers = await signedHeaders(daemon.place, peer, "PATCH /v1/node", { body: { name: "a" } });
    const other = await signedHeaders(daemon.place, peer, "PATCH /v1/node", { body: { name: "b" } });
    const send = async (fields: Record<string, string>) =>
      outcome(await ask(daemon.place, "PATCH /v1/node", { headers: fields, body: { name: "b" } }));
    expect(await send(headers)).toBe("401 DIGEST_MISMATCH");
    expect(await send({ ...headers, "content-digest": other["content-digest"] ?? "" })).toBe("401 SIGNATURE_INVALID");
  });

  test("for another node is refused, at the node it was not meant for", async () => {
    const other = await daemonOfTest();
    await pair(other.place, "admin", peer.key);
    const answer = await askSigned(other.place, peer, GET, { signing: { nodeId: daemon.nodeId } });
    expect(outcome(answer)).toBe("421 WRONG_NODE");
  });

  test("of a key nobody paired is refused", async () => {
    const stranger = { key: newKey(), id: peer.id };
    expect(outcome(await askSigned(daemon.place, stranger, GET))).toBe("401 PEER_UNKNOWN");
    const impostor = parameter(/keyid="[^"]*"/, `keyid="${peer.id}"`)(await signedHeaders(daemon.place, stranger, GET));
    expect(outcome(await ask(daemon.place, GET, { headers: impostor }))).toBe("401 SIGNATURE_INVALID");
  });

  test("in DER is told what to send instead", async () => {
    const headers = await signedHeaders(daemon.place, peer, GET);
    const key = createPrivateKey(toPkcs8Pem(peer.key));
    const der = sign("sha256", Buffer.from("any text: the form is refused before the signature is verified"), {
      key,
      dsaEncoding: "der",
    });
    const answer = await ask(daemon.place, GET, { headers: { ...headers, signature: `sig1=:${der.toString("base64")}:` } });
    expect(outcome(answer)).toBe("400 SIGNATURE_MALFORMED");
    expect(answer.json["message"]).toContain("r||s");
  });
});

describe("a clock", () => {
  test.each([-600, 600])("that is %i s off is told the time", async (seconds) => {
    const created = Math.floor(Date.now() / 1000) + seconds;
    const { status, json } = await askSigned(daemon.place, peer, GET, { signing: { created } });
    expect({ status, ...json }).toMatchObject({ status: 401, code: "CLOCK_SKEW" });
    expect(Math.abs(Number(json["serverTime"]) - Date.now() / 1000)).toBeLessThan(5);
    expect(Number(json["earliest"])).toBeLessThanOrEqual(startedAt + 16);
  });

  test.each([-600_000, 600_000])("that is %i ms off costs the client exactly one more signature, once", async (offset) => {
    let signed = 0;
    const { publicKey } = peer.key;
    const signer = {
      publicKey,
      sign: (message: Uint8Array) => {
        signed++;
        return peer.key.sign(message);
      },
    };
    const clock = { now: () => Date.now() + offset, elapsed: () => performance.now() };
    const place = { host: "127.0.0.1", port: daemon.port, responderNodeId: daemon.nodeId };
    const client = new FleetClient({ ...place, nodeId: peer.id, signer, clock, store: memoryStore() });
    expect(await client.getNodeInfo()).toMatchObject({ nodeId: daemon.nodeId });
    expect(signed).toBe(2);
    await client.getNodeStats();
    expect(signed).toBe(3);
    client.close();
  });
});

test("a request that was answered before a restart is too old after it", async () => {
  const brief = await daemonOfTest();
  await pair(brief.place, "admin", peer.key);
  const headers = await signedHeaders(brief.place, peer, GET);
  expect(outcome(await ask(brief.place, GET, { headers }))).toBe("200 OK");
  await brief.restart();
  expect(outcome(await ask(brief.place, GET, { headers }))).toBe("401 CLOCK_SKEW");
  expect(outcome(await askSigned(brief.place, peer, GET))).toBe("200 OK");
});

test("ten seconds after its end a request is still known as replayed, then it is expired", async () => {
  const earliest = await freshCreated(daemon.place);
  // The end must lie ten seconds back, and the beginning not before the node's own.
  await pause(Math.max(0, (earliest + 12) * 1000 - Date.now()));
  const now = Math.floor(Date.now() / 1000);
  const sooner = oneLess("created")(await signedHeaders(daemon.place, peer, GET, { signing: { created: now, lifetime: 30 } }));
  expect(outcome(await ask(daemon.place, GET, { headers: sooner }))).toBe("401 SIGNATURE_INVALID");
  const headers = await signedHeaders(daemon.place, peer, GET, { signing: { created: now - 11, lifetime: 1 } });
  const send = async () => outcome(await ask(daemon.place, GET, { headers }));
  expect([await send(), await send()]).toEqual(["200 OK", "401 SIGNATURE_REPLAYED"]);
  await pause((now + 6) * 1000 - Date.now());
  expect(await send()).toBe("401 SIGNATURE_EXPIRED");
});
