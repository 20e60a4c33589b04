/** Requests that two packages from npm sign, sent to the built daemon; and what becomes of them when somebody changes them. */

import { createHash } from "node:crypto";
import { createSignature } from "http-message-sig";
import { httpbis } from "http-message-signatures";
import { beforeAll, describe, expect, test } from "vitest";
import { type Answer, ask, textIn } from "../support/http.ts";
import { freshCreated, newNonce, pair, type TestPeer } from "../support/peers.ts";
import { Daemon } from "./support/daemon.ts";

const COVER = ["@method", "@authority", "@path", "@query", "cider-node"];
const WITH_BODY = [...COVER, "content-digest", "content-type"];
const TAG = "cider-fleet-v1";

let daemon: Daemon;
let peer: TestPeer;

beforeAll(async () => {
  daemon = await new Daemon().start();
  peer = await pair(daemon.place, "admin");
  return () => daemon.end();
});

interface Message {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cover: readonly string[];
  readonly created: number;
}

type Sign = (message: Message) => Promise<Record<string, string>>;

const authority = (): string => `127.0.0.1:${daemon.port}`;

const bySignatures: Sign = async ({ method, target, headers, cover, created }) => {
  const signed = await httpbis.signMessage(
    {
      key: { id: peer.id, alg: "ecdsa-p256-sha256", sign: (data) => Promise.resolve(Buffer.from(peer.key.sign(data))) },
      fields: [...cover],
      params: ["created", "expires", "nonce", "keyid", "alg", "tag"],
      paramValues: { created: new Date(created * 1000), expires: new Date((created + 60) * 1000), nonce: newNonce(), tag: TAG },
    },
    { method, url: `https://${authority()}${target}`, headers: { ...headers } },
  );
  return signed.headers;
};

const bySig: Sign = async ({ method, target, headers, cover, created }) => {
  const fields = Object.entries(headers).map(([name, value]) => ({ name, value }));
  const { signature, signatureInput } = await createSignature(
    { kind: "request", method, targetUri: `https://${authority()}${target}`, requestTarget: target, fields },
    {
      label: "theirs",
      components: [...cover],
      parameters: { created, expires: created + 60, nonce: newNonce(), keyid: peer.id, tag: TAG },
      signer: { algorithm: "ecdsa-p256-sha256", sign: (data) => peer.key.sign(data) },
    },
  );
  return { ...headers, Signature: signature, "Signature-Input": signatureInput };
};

/** Returns the message of a request that is to be signed. */
async function messageOf(what: string, body?: string): Promise<Message> {
  const [method = "", target = ""] = what.split(" ");
  const headers = { Host: authority(), "Cider-Node": daemon.nodeId };
  const created = await freshCreated(daemon.place);
  if (body === undefined) return { method, target, headers, cover: COVER, created };
  const digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
  const fields = { ...headers, "Content-Type": "application/json", "Content-Digest": digest };
  return { method, target, headers: fields, cover: WITH_BODY, created };
}

const outcome = ({ status, json }: Answer): string => `${status} ${status < 300 ? "OK" : textIn(json, "code")}`;

describe.each([
  ["http-message-signatures", bySignatures],
  ["http-message-sig", bySig],
])("what %s signs", (_, sign) => {
  test.each([
    ["GET /v1/node", undefined],
    ["GET /v1/audit?limit=1&operation=FinishPairing", undefined],
    ["POST /v1/tokens", '{"name":"by a partner"}'],
    ["POST /rpc/GetNodeInfo", "{}"],
  ])("%s is answered, once", async (what, body) => {
    const headers = await sign(await messageOf(what, body));
    const send = async () => outcome(await ask(daemon.place, what, { headers, body, via: "tls" }));
    expect([await send(), await send()]).toEqual([what.includes("tokens") ? "201 OK" : "200 OK", "401 SIGNATURE_REPLAYED"]);
  });

  test("is refused when somebody changed the query, the body, the node, or left the digest out", async () => {
    const headers = await sign(await messageOf("GET /v1/audit?limit=1"));
    expect(outcome(await ask(daemon.place, "GET /v1/audit?limit=2", { headers }))).toBe("401 SIGNATURE_INVALID");
    const message = await messageOf("POST /rpc/RenameNode", '{"name":"a"}');
    const rename = (fields: Record<string, string>) =>
      ask(daemon.place, "POST /rpc/RenameNode", { headers: fields, body: '{"name":"b"}' });
    expect(outcome(await rename(await sign(message)))).toBe("401 DIGEST_MISMATCH");
    expect(outcome(await rename(await sign({ ...message, cover: COVER })))).toBe("400 SIGNATURE_MALFORMED");
    const elsewhere = { ...message, headers: { ...message.headers, "Cider-Node": peer.id } };
    expect(outcome(await rename(await sign(elsewhere)))).toBe("421 WRONG_NODE");
  });
});
