import { describe, expect, it } from "vitest";
import type { PublicKey } from "../../src/crypto/p256.ts";
import { FleetError } from "../../src/foundation/errors.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { authorityOf } from "../../src/sdk/address.ts";
import { type PairingParts, pair, publicCredentials, readInvitation } from "../../src/sdk/pair.ts";
import { Records } from "../../src/sdk/records.ts";
import type { TransportAnswer } from "../../src/sdk/transport.ts";
import { formatPairingLink } from "../../src/wire/links.ts";
import { encodeBeginAnswer, encodeFinishAnswer, parseBeginRequest, parseFinishRequest } from "../../src/wire/pairing.ts";
import { SeededRandom } from "../foundation/doubles.ts";
import { refusal, rejection } from "../foundation/refusal.ts";
import { CLIENT_KEY, NODE_KEY, NODE_NAME, Play, STRANGER_KEY } from "../pairing/play.ts";
import { bodyOf, FakeTransport, json } from "./fake-transport.ts";
import { MemoryStore } from "./memory-store.ts";

const NODE_ID = nodeIdOf(NODE_KEY.publicKey);
const CODE = "904817";

/** A node that pairs, behind whatever key its connection shows. */
function nodeAt(play: Play, host: string, shown: PublicKey | undefined = NODE_KEY.publicKey): FakeTransport {
  const answerTo = (request: Parameters<FakeTransport["request"]>[0]): TransportAnswer =>
    request.path.endsWith("/begin")
      ? json(200, encodeBeginAnswer(play.begin(parseBeginRequest(bodyOf(request)))))
      : json(200, encodeFinishAnswer(play.finish(parseFinishRequest(bodyOf(request))).answer));
  const answer = (request: Parameters<FakeTransport["request"]>[0]): TransportAnswer => {
    try {
      return answerTo(request);
    } catch (error) {
      if (!(error instanceof FleetError)) throw error;
      return json(error.status, { error: "Refused", message: error.message, code: error.code });
    }
  };
  return new FakeTransport(shown, answer, authorityOf({ host, port: 9473 }));
}

function parts(
  invitation: PairingParts["invitation"],
  transports: readonly FakeTransport[],
  store = new MemoryStore(),
): PairingParts {
  const left = [...transports];
  return {
    invitation,
    name: "my-ci-script",
    kind: "sdk",
    role: undefined,
    timeout: 1000,
    signer: CLIENT_KEY,
    records: new Records(store),
    random: new SeededRandom(5),
    transportTo: () => left.shift() ?? new FakeTransport(undefined),
  };
}

const linkOf = (hosts: readonly string[], secret: string): string =>
  formatPairingLink({ hosts, port: 9473, nodeId: NODE_ID, secret });

describe("pair", () => {
  it("pairs by code, over one pinned key, and stores the node", async () => {
    const play = new Play();
    play.open();
    const transport = nodeAt(play, "studio.local");
    const store = new MemoryStore();
    const options = parts(readInvitation("studio.local", "904 817", undefined), [transport], store);
    const paired = await pair(options);
    const credentials = publicCredentials(paired, CLIENT_KEY);
    expect(credentials).toEqual({
      nodeId: nodeIdOf(CLIENT_KEY.publicKey),
      publicKeyHex: Buffer.from(CLIENT_KEY.publicKey).toString("hex"),
      responderNodeId: NODE_ID,
      responderName: NODE_NAME,
      role: "admin",
    });
    expect(transport.requests.map(({ path, node }) => [path, node])).toEqual([
      ["/v1/pairing/begin", NODE_ID],
      ["/v1/pairing/finish", NODE_ID],
    ]);
    expect(play.registrations).toMatchObject([{ name: "my-ci-script", kind: "sdk", channel: "pinned" }]);
    expect(await options.records.pairedWith(nodeIdOf(CLIENT_KEY.publicKey))).toMatchObject([
      { name: NODE_NAME, addresses: ["studio.local:9473"] },
    ]);
    expect(transport.closed).toBe(1);
    expect([...store.texts.values()].join()).not.toContain(CODE);
  });

  it("asks for less than the window grants", async () => {
    const play = new Play();
    play.open();
    const paired = await pair({
      ...parts(readInvitation("studio.local", CODE, undefined), [nodeAt(play, "studio.local")]),
      role: "viewer",
    });
    expect(paired.role).toBe("viewer");
  });

  it("pairs by link with the node it names, at the first address where that answers", async () => {
    const play = new Play();
    const { linkSecret = "" } = play.open();
    const link = linkOf(["10.0.0.1", "10.0.0.2", "10.0.0.3"], linkSecret);
    const dead = nodeAt(play, "10.0.0.1");
    dead.identify = () => Promise.reject(new FleetError("CONNECTION_FAILED"));
    const stranger = nodeAt(play, "10.0.0.2", STRANGER_KEY.publicKey);
    const right = nodeAt(play, "10.0.0.3");
    expect((await pair(parts(readInvitation(link, undefined, undefined), [dead, stranger, right]))).responderNodeId).toBe(
      NODE_ID,
    );
    expect([stranger.requests, stranger.closed, dead.closed]).toEqual([[], 1, 1]);
  });

  it("says who answered when no address of a link is the node's", async () => {
    const play = new Play();
    const { linkSecret = "" } = play.open();
    const stranger = nodeAt(play, "10.0.0.2", STRANGER_KEY.publicKey);
    const error = await rejection(
      pair(parts(readInvitation(linkOf(["10.0.0.2"], linkSecret), undefined, undefined), [stranger])),
    );
    expect([error.code, stranger.requests]).toEqual(["NODE_MISMATCH", []]);
  });

  it("refuses a relay: the chain is not the node's", async () => {
    const play = new Play();
    play.open();
    const relay = nodeAt(play, "studio.local", STRANGER_KEY.publicKey);
    const store = new MemoryStore();
    const error = await rejection(pair(parts(readInvitation("studio.local", CODE, undefined), [relay], store)));
    expect([error.code, relay.requests.length, relay.closed]).toEqual(["NODE_MISMATCH", 1, 1]);
    expect(play.registrations).toEqual([]);
    expect([...store.texts.keys()]).toEqual([]);
  });

  it("raises a wrong code itself, after one begin", async () => {
    const play = new Play();
    play.open();
    const transport = nodeAt(play, "studio.local");
    const error = await rejection(pair(parts(readInvitation("studio.local", "000000", undefined), [transport])));
    expect([error.code, error.details["attemptsLeft"], transport.requests.length]).toEqual(["PAIRING_WRONG_CODE", 4, 1]);
  });

  it("passes the node's refusal on", async () => {
    expect(
      (await rejection(pair(parts(readInvitation("studio.local", CODE, undefined), [nodeAt(new Play(), "studio.local")])))).code,
    ).toBe("PAIRING_CLOSED");
  });

  it("stops at once when aborted, without trying further addresses", async () => {
    const tried: string[] = [];
    const options = parts(readInvitation(linkOf(["10.0.0.1", "10.0.0.2"], "A".repeat(22)), undefined, undefined), []);
    const transportTo: PairingParts["transportTo"] = ({ host }) => {
      tried.push(host);
      return nodeAt(new Play(), host);
    };
    expect((await rejection(pair({ ...options, transportTo, signal: AbortSignal.abort() }))).code).toBe("ABORTED");
    expect(tried).toEqual(["10.0.0.1"]);
  });
});

describe("readInvitation", () => {
  const link = linkOf(["10.0.0.1", "fd00::2"], "A".repeat(22));

  it("reads host and code, a link, and a link used at another host", () => {
    expect(readInvitation("studio.local", "904-817", 9000)).toEqual({
      addresses: [{ host: "studio.local", port: 9000 }],
      way: "code",
      secret: CODE,
    });
    const fromLink = { way: "link", secret: "A".repeat(22), nodeId: NODE_ID };
    const addresses = ["10.0.0.1", "fd00::2"].map((host) => ({ host, port: 9473 }));
    expect(readInvitation(link, undefined, undefined)).toEqual({ ...fromLink, addresses });
    expect(readInvitation("10.9.9.9", link, undefined)).toEqual({ ...fromLink, addresses: [{ host: "10.9.9.9", port: 9473 }] });
  });

  it.each([
    ["a host without a code", ["studio.local", undefined], "INVALID_OPTIONS"],
    ["a link with a code", [link, CODE], "INVALID_OPTIONS"],
    ["a code of five digits", ["studio.local", "12345"], "INVALID_REQUEST"],
    ["a cut link", [link.slice(0, -3), undefined], "LINK_INVALID"],
    ["a URL as host", ["http://studio.local", CODE], "INVALID_OPTIONS"],
  ] as const)("refuses %s", (_, [host, code], expected) => {
    const error = refusal(() => readInvitation(host, code, undefined));
    expect(error.code).toBe(expected);
    expect(error.message).not.toMatch(/AAAA|12345/);
  });
});
