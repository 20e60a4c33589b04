/** Who is asking: every way to prove it over HTTP, and every way to fail. */

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { timestamp } from "../../src/foundation/clock.ts";
import { SignatureVerifier } from "../../src/signatures/verify.node.ts";
import { anyNumber, anyText, objectWith } from "../support/anything.ts";
import { SettableClock } from "../support/clock.ts";
import { type Answer, ask, asLocal, begin, collect, raw, rpc, textIn } from "../support/http.ts";
import { nodeOfTest, startTestNode, type TestNode } from "../support/node.ts";
import { askSigned, freshCreated, newKey, newNonce, pair, signedHeaders, type TestPeer } from "../support/peers.ts";

const CHALLENGE = 'Bearer realm="cider-fleet"';
const UNKNOWN = "csk_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL2CB5HI";

const clock = new SettableClock();
let node: TestNode;
let admin: TestPeer;
let viewer: TestPeer;
let token: string;

beforeAll(async () => {
  node = await startTestNode({ clock });
  admin = await pair(node, "admin");
  viewer = await pair(node, "viewer");
  token = await newToken({ permissions: "fullAccess" });
});
afterAll(() => node.end());
// The minute in which failures are counted is over.
beforeEach(() => {
  clock.passed += 60_000;
});

async function newToken(input: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return textIn(await asLocal(node, "GenerateAPIToken", { name: "ci", ...input }), "token");
}

async function endedToken(): Promise<string> {
  const { id, token: text } = await asLocal(node, "GenerateAPIToken", { name: "ended" });
  await asLocal(node, "RevokeAPIToken", { id });
  return String(text);
}

/** Status, code and challenge of an answer. */
function gist({ headers, json, status }: Answer): readonly unknown[] {
  return [status, json["code"], headers["www-authenticate"]];
}

describe("nothing sent", () => {
  it("is 401 with a bare challenge", async () => {
    for (const what of ["GET /v1/node", "POST /rpc/GetNodeInfo", "GET /v1/self"])
      expect(gist(await ask(node, what))).toEqual([401, "AUTHENTICATION_REQUIRED", CHALLENGE]);
  });

  it("is what a signature of another profile, or a token in the query, counts as", async () => {
    const headers = { "Signature-Input": 'sig1=("@method");tag="other"', Signature: "sig1=:AA==:" };
    expect(gist(await ask(node, "GET /v1/node", { headers }))).toEqual([401, "AUTHENTICATION_REQUIRED", CHALLENGE]);
    for (const member of ["apiToken", "access_token"])
      expect(gist(await ask(node, `GET /v1/node?${member}=${token}`))).toEqual([401, "AUTHENTICATION_REQUIRED", CHALLENGE]);
  });

  it("is all there is on the local socket, and all that is needed", async () => {
    expect((await ask(node, "GET /v1/self", { via: "socket" })).json).toMatchObject({ actor: "local", expiresAt: null });
  });
});

describe("a bearer token", () => {
  it("is taken from the header over TLS, from this machine and on the socket, and from the body of RPC", async () => {
    for (const via of ["tls", "loopback", "socket"] as const) {
      const { json } = await ask(node, "GET /v1/self", { token, via });
      expect(json["actor"]).toMatch(/^token:/);
    }
    expect((await rpc(node, "GetNodeInfo", { apiToken: token })).status).toBe(200);
    expect((await ask(node, "GET /v1/node", { headers: { Authorization: `bearer  ${token}` } })).status).toBe(200);
  });

  it("is refused with the reason only its holder may know", async () => {
    const revoked = await endedToken();
    const expiring = await newToken({ expiresAt: timestamp(clock.now() + 5_000) });
    clock.ahead += 5_000;
    const elsewhere = await newToken({ allowedIps: ["192.0.2.0/24"] });
    const invalid = `${CHALLENGE}, error="invalid_token"`;
    for (const bad of ["x", "csk_short", UNKNOWN, `${token.slice(0, -1)}0`, `${token}0`])
      expect(gist(await ask(node, "GET /v1/node", { token: bad }))).toEqual([401, "TOKEN_INVALID", invalid]);
    expect(gist(await ask(node, "GET /v1/node", { token: revoked }))).toEqual([401, "TOKEN_REVOKED", invalid]);
    expect(gist(await ask(node, "GET /v1/node", { token: expiring }))).toEqual([401, "TOKEN_EXPIRED", invalid]);
    expect(gist(await ask(node, "GET /v1/node", { token: elsewhere }))).toEqual([403, "TOKEN_ADDRESS_REFUSED", undefined]);
    expect((await ask(node, "GET /v1/node", { token: elsewhere, via: "socket" })).status).toBe(200);
  });

  it("that is malformed is answered like one that is unknown", async () => {
    const strip = ({ json: { requestId: _, ...rest }, status }: Answer) => ({ status, ...rest });
    const [malformed, unknown] = [
      await ask(node, "GET /v1/node", { token: "csk_x" }),
      await ask(node, "GET /v1/node", { token: UNKNOWN }),
    ];
    expect(strip(malformed)).toEqual(strip(unknown));
  });

  it("of another scheme is none of ours", async () => {
    for (const Authorization of ["Basic eDp5", "Bearer", "Bearer a b", `Token ${token}`])
      expect((await ask(node, "GET /v1/node", { headers: { Authorization } })).json["code"]).toBe("TOKEN_INVALID");
  });

  it("that may not do it is 403, with the scope", async () => {
    const answer = await ask(node, "PATCH /v1/node", { token: await newToken(), body: { name: "x" } });
    expect(gist(answer)).toEqual([403, "INSUFFICIENT_SCOPE", `${CHALLENGE}, error="insufficient_scope", scope="machines:write"`]);
    expect(answer.json["scope"]).toBe("machines:write");
  });

  it("is not read by what is public, so a bad one spoils nothing", async () => {
    expect((await ask(node, "GET /api/health", { token: "nonsense" })).status).toBe(200);
    expect((await rpc(node, "GetHealth", { apiToken: "nonsense", callerNodeID: "nobody" })).status).toBe(200);
  });

  it("in the body of REST is an unknown member", async () => {
    const answer = await ask(node, "PATCH /v1/node", { token, body: { name: "x", apiToken: token } });
    expect([answer.status, answer.json["code"]]).toEqual([400, "INVALID_REQUEST"]);
  });

  it("appears in no answer to a request it came with", async () => {
    for (const bad of [UNKNOWN, "csk_secret"]) {
      expect((await ask(node, "GET /v1/node", { token: bad })).text).not.toContain(bad);
      expect((await rpc(node, "RenameNode", { apiToken: bad })).text).not.toContain(bad);
      expect((await rpc(node, "GetAPIToken", { id: bad }, { via: "socket" })).text).not.toContain(bad);
    }
  });
});

describe("two credentials", () => {
  const two = async (answer: Promise<Answer>): Promise<void> => {
    const { json, status } = await answer;
    expect([status, json["code"]]).toEqual([400, "TWO_CREDENTIALS"]);
  };

  it("a token in header and body", async () => {
    await two(rpc(node, "GetNodeInfo", { apiToken: token }, { token }));
    await two(rpc(node, "GetNodeInfo", { apiToken: UNKNOWN }, { token }));
  });

  it("a token and a signature", async () => {
    await two(askSigned(node, viewer, "GET /v1/node", { headers: { Authorization: `Bearer ${token}` } }));
    await two(askSigned(node, viewer, "POST /rpc/GetNodeInfo", { body: { apiToken: token } }));
  });

  it("but a token beside somebody else's signature is one", async () => {
    const headers = { "Signature-Input": 'sig1=("@method");tag="other"', Signature: "sig1=:AA==:" };
    expect((await ask(node, "GET /v1/node", { token, headers })).status).toBe(200);
  });
});

describe("callerNodeID", () => {
  it("needs the signature of that very key", async () => {
    const call = (peer: TestPeer, callerNodeID: unknown) =>
      askSigned(node, peer, "POST /rpc/GetNodeInfo", { body: { callerNodeID } });
    expect((await call(admin, admin.id)).status).toBe(200);
    expect((await call(admin, viewer.id)).json["code"]).toBe("AUTHENTICATION_REQUIRED");
    expect((await call(admin, 7)).json["code"]).toBe("INVALID_REQUEST");
  });

  it("proves nothing by itself, nor beside a token, nor on the local socket", async () => {
    expect(gist(await rpc(node, "GetNodeInfo", { callerNodeID: admin.id }))).toEqual([401, "AUTHENTICATION_REQUIRED", CHALLENGE]);
    expect((await rpc(node, "GetNodeInfo", { callerNodeID: admin.id, apiToken: token })).status).toBe(401);
    expect((await rpc(node, "GetNodeInfo", { callerNodeID: admin.id }, { via: "socket" })).status).toBe(401);
  });
});

describe("a signed request", () => {
  it("is the peer, over TLS, from this machine and on the socket", async () => {
    for (const via of ["tls", "loopback", "socket"] as const)
      expect((await askSigned(node, viewer, "GET /v1/self", { via })).json["actor"]).toBe(`peer:${viewer.id}`);
    expect((await askSigned(node, admin, "PATCH /v1/node", { body: { name: "mini" } })).json["name"]).toBe("mini");
    expect((await askSigned(node, viewer, "PATCH /v1/node", { body: { name: "mini" } })).json["code"]).toBe("INSUFFICIENT_SCOPE");
  });

  /** Status and code of a signed GET with something changed. */
  async function signed(question: Parameters<typeof askSigned>[3], what = "GET /v1/node"): Promise<readonly unknown[]> {
    const { json, status } = await askSigned(node, viewer, what, question);
    return [status, json["code"]];
  }

  it("is accepted once", async () => {
    const signing = { nonce: newNonce() };
    expect((await askSigned(node, viewer, "GET /v1/node", { signing })).status).toBe(200);
    expect(await signed({ signing })).toEqual([401, "SIGNATURE_REPLAYED"]);
  });

  it("by a clock that is off is told the node's time, and when it is too old", async () => {
    const late = await freshCreated(node);
    const answer = await askSigned(node, viewer, "GET /v1/node", { signing: { created: late - 600 } });
    expect(gist(answer)).toEqual([401, "CLOCK_SKEW", CHALLENGE]);
    expect(answer.json).toMatchObject({ serverTime: anyNumber, earliest: anyNumber });
  });

  it("is too old a while after it was made, when nobody's clock is off", async () => {
    const later = new SettableClock();
    const own = await nodeOfTest({ clock: later });
    const peer = await pair(own, "viewer");
    later.ahead = 200_000;
    const now = Math.floor(later.now() / 1000);
    const at = async (created: number) => (await askSigned(own, peer, "GET /v1/node", { signing: { created } })).json["code"];
    expect(await at(now - 100)).toBe("SIGNATURE_EXPIRED");
    expect(await at(now - 70)).toBeUndefined();
    expect(await at(now + 100)).toBe("CLOCK_SKEW");
  });

  it("for another node, by a stranger, and over other bytes is refused, each with its code", async () => {
    expect(await signed({ signing: { nodeId: viewer.id } })).toEqual([421, "WRONG_NODE"]);
    const stranger = { key: newKey(), id: viewer.id };
    expect((await askSigned(node, stranger, "GET /v1/node")).json["code"]).toBe("PEER_UNKNOWN");
    const headers = await signedHeaders(node, viewer, "GET /v1/node");
    expect((await ask(node, "GET /v1/self", { headers })).json["code"]).toBe("SIGNATURE_INVALID");
  });

  it("whose body was exchanged is a mismatch; without a digest it is malformed", async () => {
    const headers = await signedHeaders(node, admin, "PATCH /v1/node", { body: { name: "good" } });
    expect((await ask(node, "PATCH /v1/node", { headers, body: { name: "evil" } })).json["code"]).toBe("DIGEST_MISMATCH");
    const bare = await signedHeaders(node, admin, "PATCH /v1/node");
    const smuggled = await ask(node, "PATCH /v1/node", { headers: bare, body: { name: "evil" } });
    expect([smuggled.status, smuggled.json["code"]]).toEqual([400, "SIGNATURE_MALFORMED"]);
    expect((await asLocal(node, "GetNodeInfo"))["name"]).toBe("mini");
  });

  it("does not say that a replayed request was ever good to who has not its key", async () => {
    const headers = await signedHeaders(node, viewer, "GET /v1/node");
    const forged = { ...headers, signature: `sig1=:${Buffer.alloc(64, 1).toString("base64")}:` };
    expect((await ask(node, "GET /v1/node", { headers: forged })).json["code"]).toBe("SIGNATURE_INVALID");
    expect((await ask(node, "GET /v1/node", { headers })).status).toBe(200);
  });
});

describe("failed authentication", () => {
  it("is answered 429 after twenty in a minute, but a right credential always passes", async () => {
    for (let i = 0; i < 20; i++) expect((await ask(node, "GET /v1/node", { token: UNKNOWN })).status).toBe(401);
    const limited = await ask(node, "GET /v1/node", { token: UNKNOWN });
    expect([limited.status, limited.json["code"]]).toEqual([429, "RATE_LIMITED"]);
    expect(Number(limited.headers["retry-after"])).toBeGreaterThan(0);
    expect((await askSigned(node, { key: newKey(), id: viewer.id }, "GET /v1/node")).status).toBe(429);
    expect((await ask(node, "GET /v1/node", { token })).status).toBe(200);
    expect((await askSigned(node, viewer, "GET /v1/node")).status).toBe(200);
    expect((await ask(node, "GET /api/health")).status).toBe(200);
    expect((await ask(node, "GET /v1/node")).status).toBe(401);
    clock.passed += 60_000;
    expect((await ask(node, "GET /v1/node", { token: UNKNOWN })).status).toBe(401);
  });

  it("is counted alike wherever the token stands", async () => {
    for (let i = 0; i < 20; i++) await rpc(node, "GetNodeInfo", { apiToken: UNKNOWN });
    expect((await rpc(node, "GetNodeInfo", { apiToken: UNKNOWN })).json).toMatchObject({ success: false, code: "RATE_LIMITED" });
  });

  it("is not nothing sent, a wrong clock, or a scope that is missing", async () => {
    const readOnly = await newToken();
    for (let i = 0; i < 25; i++) {
      await ask(node, "GET /v1/node");
      await askSigned(node, viewer, "GET /v1/node", { signing: { created: 1 } });
      await ask(node, "PATCH /v1/node", { token: readOnly, body: { name: "x" } });
    }
    expect((await ask(node, "GET /v1/node", { token: UNKNOWN })).status).toBe(401);
  });
});

describe("trust is read again in the tick of the decision", () => {
  /** Sends header fields and half a body, does something else, then sends the rest. */
  async function interrupted(headers: Readonly<Record<string, string>>, meanwhile: () => Promise<unknown>): Promise<Answer> {
    const body = '{"name":"late"}';
    const request = begin(node, "PATCH /v1/node", {
      headers: { "Content-Type": "application/json", "Content-Length": String(body.length), ...headers },
    });
    const answered = new Promise<Answer>((resolve, reject) => {
      request.once("error", reject);
      request.once("response", (response) => void collect(response).then(resolve, reject));
    });
    request.write(body.slice(0, 5));
    await new Promise((resolve) => setTimeout(resolve, 30));
    await meanwhile();
    request.end(body.slice(5));
    return answered;
  }

  it("a token revoked, or deleted, while the body was still arriving is refused", async () => {
    for (const [end, code] of [
      ["RevokeAPIToken", "TOKEN_REVOKED"],
      ["DeleteAPIToken", "TOKEN_INVALID"],
    ] as const) {
      const { id, token: text } = await asLocal(node, "GenerateAPIToken", { name: "short", permissions: "fullAccess" });
      const answer = await interrupted({ Authorization: `Bearer ${String(text)}` }, () => asLocal(node, end, { id }));
      expect(gist(answer)).toEqual([401, code, `${CHALLENGE}, error="invalid_token"`]);
    }
    expect((await asLocal(node, "GetNodeInfo"))["name"]).not.toBe("late");
  });

  it("a peer removed, or given a smaller role, while the body was still arriving is refused", async () => {
    const leaver = await pair(node, "admin");
    const headers = await signedHeaders(node, leaver, "PATCH /v1/node", { body: { name: "late" } });
    const gone = await interrupted(headers, () => asLocal(node, "RemovePeer", { id: leaver.id }));
    expect(gist(gone)).toEqual([401, "PEER_UNKNOWN", CHALLENGE]);
    const smaller = await pair(node, "admin");
    const again = await signedHeaders(node, smaller, "PATCH /v1/node", { body: { name: "late" } });
    const less = await interrupted(again, () => pair(node, "viewer", smaller.key));
    expect(less.json["code"]).toBe("INSUFFICIENT_SCOPE");
    expect((await asLocal(node, "GetNodeInfo"))["name"]).not.toBe("late");
  });

  it("a peer removed while its signature was being verified is refused", async () => {
    const leaver = await pair(node, "admin");
    const confirm = SignatureVerifier.prototype.confirm;
    vi.spyOn(SignatureVerifier.prototype, "confirm").mockImplementationOnce(async function (
      this: InstanceType<typeof SignatureVerifier>,
      ...claim
    ) {
      const signer = await confirm.apply(this, claim);
      await asLocal(node, "RemovePeer", { id: leaver.id }); // between the proof and the decision
      return signer;
    });
    const answer = await askSigned(node, leaver, "PATCH /v1/node", { body: { name: "late" } });
    expect(gist(answer)).toEqual([401, "PEER_UNKNOWN", CHALLENGE]);
    expect((await asLocal(node, "GetNodeInfo"))["name"]).not.toBe("late");
  });
});

it("counts use, of tokens and peers, whatever comes of it", async () => {
  const { id, token: text } = await asLocal(node, "GenerateAPIToken", { name: "counted" });
  expect(await asLocal(node, "GetAPIToken", { id })).toMatchObject({ useCount: 0, lastUsedAt: null, lastUsedFrom: null });
  await ask(node, "GET /v1/node", { token: String(text) });
  await ask(node, "PATCH /v1/node", { token: String(text), body: { name: "x" } });
  expect(await asLocal(node, "GetAPIToken", { id })).toMatchObject({
    useCount: 2,
    lastUsedAt: anyText,
    lastUsedFrom: "127.0.0.1",
  });
  const { peers } = await asLocal(node, "ListPeers");
  expect(peers).toContainEqual(objectWith({ id: viewer.id, lastSeenFrom: "127.0.0.1" }));
});

it("remembers nothing of a raw request's second Authorization but that it is refused", async () => {
  const answer = await raw(
    node,
    "GET /v1/node HTTP/1.1",
    "Host: localhost",
    `Authorization: Bearer ${token}`,
    "Authorization: Bearer x",
  );
  expect([answer.status, answer.json["code"]]).toEqual([400, "INVALID_REQUEST"]);
});
