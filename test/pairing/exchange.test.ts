import { describe, expect, it, vi } from "vitest";
import { fromBase64url, fromHex, toBase64url } from "../../src/foundation/bytes.ts";
import { FleetError } from "../../src/foundation/errors.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { PairingDesk } from "../../src/pairing/answering.ts";
import { normaliseCode, type PairingExchange, type PairingOptions, pairAsClient } from "../../src/pairing/asking.ts";
import { encodeBeginAnswer, encodeFinishAnswer, parseBeginRequest, parseFinishRequest } from "../../src/wire/pairing.ts";
import { ManualClock, ScriptedRandom } from "../foundation/doubles.ts";
import { refusal, rejection } from "../foundation/refusal.ts";
import profile from "../vectors/pairing-profile.json" with { type: "json" };
import { CLIENT_KEY, client, LAPTOP, NODE_KEY, NODE_NAME, Play, STRANGER_KEY, source } from "./play.ts";

describe("normaliseCode", () => {
  it.each(["904817", " 904 817 ", "904-817", "9-0-4-8-1-7", "904\u00a0817"])("reads %j", (typed) => {
    expect(normaliseCode(typed)).toBe("904817");
  });

  it.each(["", "90481", "9048170", "90481a", "904.817", "９０４８１７", "-90481"])("refuses %j without repeating it", (typed) => {
    const error = refusal(() => normaliseCode(typed));
    expect(error.code).toBe("INVALID_REQUEST");
    if (typed !== "") expect(error.message).not.toContain(typed);
  });
});

describe.each(profile.vectors)("a whole exchange for $name by $way as $role", (vector) => {
  const asked = parseBeginRequest(vector.beginRequest);
  const from = asked.channel === "loopback" ? source("127.0.0.1", "loopback") : LAPTOP;

  function desk(): PairingDesk {
    const secret =
      vector.way === "code" ? Uint8Array.from(vector.secret, (digit) => Number(digit)) : fromBase64url(vector.secret);
    const random = new ScriptedRandom(secret, fromHex(vector.sid), fromHex(vector.y));
    const one = new PairingDesk({ clock: new ManualClock(), random, key: NODE_KEY });
    const role = vector.role === "viewer" || vector.role === "operator" ? vector.role : "admin";
    one.open({ role, ways: [asked.way], channels: [], seconds: 120, by: "local" });
    return one;
  }

  it("sends and takes exactly the known bytes", async () => {
    const one = desk();
    const sent: unknown[] = [];
    const exchange: PairingExchange = {
      begin: async (message) => {
        sent.push(message);
        const decision = one.begin(parseBeginRequest(message), from, vector.nodeName);
        if ("error" in decision) throw decision.error;
        const answer = encodeBeginAnswer(decision.answer);
        expect(answer).toEqual({ ...vector.beginAnswer, attemptsLeft: asked.way === "code" ? 4 : null, secondsLeft: 120 });
        return answer;
      },
      finish: async (message) => {
        sent.push(message);
        const decision = one.finish(parseFinishRequest(message), from);
        if ("error" in decision) throw decision.error;
        const answer = encodeFinishAnswer(decision.answer.answer);
        expect(answer).toEqual(vector.finishAnswer);
        return answer;
      },
    };
    const { name, kind, way, channel } = asked;
    const random = new ScriptedRandom(fromHex(vector.x));
    const base = { secret: vector.secret, way, name, kind, channel, signer: CLIENT_KEY, random, exchange };
    const paired = await pairAsClient({ ...base, requireChain: () => undefined });
    expect(sent).toEqual([vector.beginRequest, vector.finishRequest]);
    expect(paired).toEqual({
      nodeId: vector.idProver,
      role: vector.role,
      responderNodeId: vector.idVerifier,
      responderName: vector.nodeName,
      responderKey: NODE_KEY.publicKey,
    });
  });
});

describe("pairing", () => {
  it.each(["code", "link"] as const)("by %s makes the peer known, once", async (way) => {
    const play = new Play();
    const { code, linkSecret } = play.open({ role: "operator" });
    const paired = await pairAsClient(client(play, (way === "code" ? code : linkSecret) ?? "", { way }));
    expect(paired).toMatchObject({ nodeId: nodeIdOf(CLIENT_KEY.publicKey), role: "operator", responderName: NODE_NAME });
    expect(play.registrations).toEqual([
      {
        key: CLIENT_KEY.publicKey,
        nodeId: paired.nodeId,
        name: "laptop",
        kind: "sdk",
        role: "operator",
        channel: "pinned",
        way,
        address: LAPTOP.address,
      },
    ]);
    expect(play.desk.isOpen).toBe(false);
    expect(play.changes.map(({ type }) => type)).toEqual([
      "pairing.opened",
      "pairing.attempted",
      "pairing.paired",
      "pairing.closed",
    ]);
    expect((await rejection(pairAsClient(client(play, "904817")))).code).toBe("PAIRING_CLOSED");
  });

  it("waits for a signer that takes its time", async () => {
    const play = new Play();
    play.open();
    const signer = { publicKey: CLIENT_KEY.publicKey, sign: async (message: Uint8Array) => CLIENT_KEY.sign(message) };
    expect((await pairAsClient(client(play, "904817", { signer }))).role).toBe("admin");
  });

  it("grants less when the client asks for less, and no more when it asks for more", async () => {
    const play = new Play();
    play.open({ role: "operator" });
    expect((await pairAsClient(client(play, "904817", { role: "viewer" }))).role).toBe("viewer");
    const { code } = play.open({ role: "viewer" });
    expect((await pairAsClient(client(play, code ?? "", { role: "admin" }))).role).toBe("viewer");
    expect(play.registrations.map(({ role }) => role)).toEqual(["viewer", "viewer"]);
  });

  it("repeats a finish whose answer was lost, and is answered the same", async () => {
    const play = new Play();
    play.open();
    const wire = play.exchange();
    const finish = vi.fn(wire.finish).mockImplementationOnce(async (message) => {
      await wire.finish(message);
      throw new FleetError("CONNECTION_CLOSED");
    });
    const paired = await pairAsClient(client(play, "904817", { exchange: { begin: wire.begin, finish } }));
    expect(paired.nodeId).toBe(nodeIdOf(CLIENT_KEY.publicKey));
    expect(finish).toHaveBeenCalledTimes(2);
    expect(play.registrations).toHaveLength(1);
  });

  it("repeats no begin and nothing that was answered or aborted", async () => {
    const play = new Play();
    play.open();
    const begin = vi.fn(async () => {
      throw new FleetError("CONNECTION_CLOSED");
    });
    const wire = play.exchange();
    expect((await rejection(pairAsClient(client(play, "904817", { exchange: { begin, finish: wire.finish } })))).code).toBe(
      "CONNECTION_CLOSED",
    );
    expect(begin).toHaveBeenCalledTimes(1);
    const finish = vi.fn(async () => {
      throw new FleetError("ABORTED");
    });
    expect((await rejection(pairAsClient(client(play, "904817", { exchange: { begin: wire.begin, finish } })))).code).toBe(
      "ABORTED",
    );
    expect(finish).toHaveBeenCalledTimes(1);
  });
});

describe("a client that was given what it cannot use", () => {
  it.each<[string, Partial<PairingOptions>, string]>([
    ["a code of five digits", { secret: "90481" }, "INVALID_REQUEST"],
    ["a cut link", { way: "link", secret: "p6enp6enp6enp6enp6enp" }, "LINK_INVALID"],
    ["a name with a newline", { name: "lap\ntop" }, "INVALID_REQUEST"],
  ])("sends nothing: %s", async (_, options, code) => {
    const play = new Play();
    play.open();
    expect((await rejection(pairAsClient(client(play, "904817", options)))).code).toBe(code);
    expect(play.count("pairing.attempted")).toBe(0);
  });

  it("sends nothing over a pinned channel whose chain nobody checks", async () => {
    const play = new Play();
    play.open();
    const { requireChain: _, ...options } = client(play, "904817");
    expect((await rejection(pairAsClient(options))).code).toBe("INVALID_OPTIONS");
    expect(play.count("pairing.attempted")).toBe(0);
  });
});

describe("a client that meets the wrong node", () => {
  /** Pairs with a node that answers well, and counts what was sent to it afterwards. */
  async function meet(options: Partial<PairingOptions>, secret = "904817"): Promise<{ error: FleetError; finished: boolean }> {
    const play = new Play();
    play.open();
    const wire = play.exchange();
    const finish = vi.fn(wire.finish);
    const error = await rejection(pairAsClient(client(play, secret, { exchange: { begin: wire.begin, finish }, ...options })));
    return { error, finished: finish.mock.calls.length > 0 };
  }

  it("stops at a chain that leads elsewhere", async () => {
    const requireChain = (): never => {
      throw new FleetError("NODE_MISMATCH");
    };
    expect(await meet({ requireChain })).toMatchObject({ error: { code: "NODE_MISMATCH" }, finished: false });
  });

  it("stops at another id than its link names", async () => {
    const expectedNodeId = nodeIdOf(STRANGER_KEY.publicKey);
    expect(await meet({ expectedNodeId })).toMatchObject({ error: { code: "NODE_MISMATCH" }, finished: false });
  });

  it("stops at its own key", async () => {
    expect(await meet({ signer: NODE_KEY })).toMatchObject({ error: { code: "PAIRING_OWN_KEY" }, finished: false });
  });

  it("stops at a wrong confirmation, which a wrong code gives, and says how many guesses are left", async () => {
    const { error, finished } = await meet({}, "904818");
    expect(error).toMatchObject({ code: "PAIRING_WRONG_CODE", details: { attemptsLeft: 4 } });
    expect(finished).toBe(false);
  });

  it("hands the chain check the key that the node claims", async () => {
    const play = new Play();
    play.open();
    const requireChain = vi.fn();
    await pairAsClient(client(play, "904817", { requireChain, expectedNodeId: nodeIdOf(NODE_KEY.publicKey) }));
    expect(requireChain).toHaveBeenCalledExactlyOnceWith(NODE_KEY.publicKey);
  });

  it("asks nobody for a chain on a channel that has none", async () => {
    const play = new Play();
    play.open();
    const requireChain = vi.fn();
    const exchange = play.exchange(source("127.0.0.1", "loopback"));
    await pairAsClient(client(play, "904817", { requireChain, channel: "loopback", exchange }));
    expect(requireChain).not.toHaveBeenCalled();
  });
});

describe("somebody on the wire who changes", () => {
  type Message = Readonly<Record<string, unknown>>;
  type Tamper = Partial<Record<"begin" | "begun" | "finish" | "finished", (message: Message) => Message>>;

  const strangerKey = toBase64url(STRANGER_KEY.publicKey);
  const share = profile.vectors[0]?.beginAnswer.share;
  const flip = (text: unknown): string => {
    const bytes = fromBase64url(String(text));
    return toBase64url(bytes.with(0, (bytes[0] ?? 0) ^ 1));
  };

  /** Pairs with all channels allowed while `tamper` sits in between. */
  async function under(tamper: Tamper): Promise<{ error: FleetError; play: Play; finished: boolean }> {
    const play = new Play();
    play.open({ channels: ["blind", "plain"] });
    const wire = play.exchange();
    const same = (message: Message): Message => message;
    let finished = false;
    const exchange: PairingExchange = {
      begin: async (message) => {
        const answer = await play.exchange().begin({ ...message, ...(tamper.begin ?? same)(message) } as typeof message);
        return (tamper.begun ?? same)(answer as Message);
      },
      finish: async (message) => {
        finished = true;
        const answer = await wire.finish({ ...message, ...(tamper.finish ?? same)(message) } as typeof message);
        return (tamper.finished ?? same)(answer as Message);
      },
    };
    return { error: await rejection(pairAsClient(client(play, "904817", { exchange }))), play, finished };
  }

  it.each<[string, Tamper, string]>([
    ["the client's key", { begin: (m) => ({ ...m, clientKey: strangerKey }) }, "PAIRING_WRONG_CODE"],
    ["the client's name", { begin: (m) => ({ ...m, name: "admin's laptop" }) }, "PAIRING_WRONG_CODE"],
    ["the client's kind", { begin: (m) => ({ ...m, kind: "node" }) }, "PAIRING_WRONG_CODE"],
    ["the client's share", { begin: (m) => ({ ...m, share }) }, "PAIRING_WRONG_CODE"],
    ["the client's highest version", { begin: (m) => ({ ...m, maxVersion: 2 }) }, "PAIRING_WRONG_CODE"],
    ["the channel to one that was allowed", { begin: (m) => ({ ...m, channel: "blind" }) }, "PAIRING_WRONG_CODE"],
    ["the channel to one that it is not", { begin: (m) => ({ ...m, channel: "plain" }) }, "PAIRING_CHANNEL"],
    ["the way", { begin: (m) => ({ ...m, way: "link" }) }, "PAIRING_WRONG_CODE"],
    ["the version", { begin: (m) => ({ ...m, version: 2 }) }, "PAIRING_VERSION"],
    [
      "the role asked for and the one granted",
      { begin: (m) => ({ ...m, role: "viewer" }), begun: (m) => ({ ...m, role: "admin" }) },
      "PAIRING_WRONG_CODE",
    ],
    ["the role granted", { begun: (m) => ({ ...m, role: "operator" }) }, "PAIRING_WRONG_CODE"],
    ["the node's key", { begun: (m) => ({ ...m, nodeKey: strangerKey }) }, "PAIRING_WRONG_CODE"],
    [
      "the node's key to no point",
      { begun: (m) => ({ ...m, nodeKey: `${String(m["nodeKey"]).slice(0, -1)}A` }) },
      "INVALID_ANSWER",
    ],
    ["the node's name", { begun: (m) => ({ ...m, nodeName: "mini02" }) }, "PAIRING_WRONG_CODE"],
    ["the node's share", { begun: (m) => ({ ...m, share }) }, "PAIRING_WRONG_CODE"],
    [
      "the node's share to no point",
      { begun: (m) => ({ ...m, share: `${String(m["share"]).slice(0, -2)}AA` }) },
      "INVALID_ANSWER",
    ],
    ["the node's highest version", { begun: (m) => ({ ...m, maxVersion: 3 }) }, "PAIRING_WRONG_CODE"],
    ["the node's version", { begun: (m) => ({ ...m, version: 2, maxVersion: 2 }) }, "PAIRING_VERSION"],
    ["the exchange id", { begun: (m) => ({ ...m, sid: flip(m["sid"]) }) }, "PAIRING_WRONG_CODE"],
    ["the node's confirmation", { begun: (m) => ({ ...m, confirm: flip(m["confirm"]) }) }, "PAIRING_WRONG_CODE"],
  ])("%s stops the client before it confirms anything", async (_, tamper, code) => {
    const { error, play, finished } = await under(tamper);
    expect(error.code).toBe(code);
    expect(finished).toBe(false);
    expect(play.registrations).toEqual([]);
  });

  it.each<[string, Tamper, string]>([
    ["the exchange id", { finish: (m) => ({ ...m, sid: flip(m["sid"]) }) }, "PAIRING_UNKNOWN_EXCHANGE"],
    ["the client's confirmation", { finish: (m) => ({ ...m, confirm: flip(m["confirm"]) }) }, "PAIRING_WRONG_CODE"],
    ["the client's proof", { finish: (m) => ({ ...m, proof: flip(m["proof"]) }) }, "PAIRING_BAD_PROOF"],
    [
      "the client's proof to one of its own",
      { finish: (m) => ({ ...m, proof: toBase64url(STRANGER_KEY.sign(new Uint8Array(3))) }) },
      "PAIRING_BAD_PROOF",
    ],
  ])("%s registers nobody", async (_, tamper, code) => {
    const { error, play } = await under(tamper);
    expect(error.code).toBe(code);
    expect(play.registrations).toEqual([]);
    expect(play.desk.isOpen).toBe(true);
  });

  it.each<[string, Tamper, string]>([
    ["the node's proof", { finished: (m) => ({ ...m, proof: flip(m["proof"]) }) }, "PAIRING_BAD_PROOF"],
    ["the client's id at the end", { finished: (m) => ({ ...m, nodeId: m["responderNodeId"] }) }, "INVALID_ANSWER"],
    ["the role at the end", { finished: (m) => ({ ...m, role: "viewer" }) }, "INVALID_ANSWER"],
    ["the node's id at the end", { finished: (m) => ({ ...m, responderNodeId: m["nodeId"] }) }, "INVALID_ANSWER"],
    ["the node's name at the end", { finished: (m) => ({ ...m, responderName: "mini02" }) }, "INVALID_ANSWER"],
  ])("%s is noticed by the client", async (_, tamper, code) => {
    expect((await under(tamper)).error.code).toBe(code);
  });

  it("the role asked for can only make it less, and both sides know", async () => {
    const play = new Play();
    play.open();
    const wire = play.exchange();
    const exchange: PairingExchange = { begin: (m) => wire.begin({ ...m, role: "viewer" }), finish: wire.finish };
    expect((await pairAsClient(client(play, "904817", { exchange }))).role).toBe("viewer");
    expect(play.registrations[0]?.role).toBe("viewer");
  });

  it("nothing, but grants more than was asked for, is not believed", async () => {
    const play = new Play();
    play.open();
    const wire = play.exchange();
    const exchange: PairingExchange = { begin: ({ role: _, ...m }) => wire.begin(m), finish: wire.finish };
    const error = await rejection(pairAsClient(client(play, "904817", { exchange, role: "viewer" })));
    expect(error.code).toBe("INVALID_ANSWER");
    expect(play.registrations).toEqual([]);
  });

  it("nothing, but answers in the node's place with a key of its own, learns nothing and is refused", async () => {
    const play = new Play();
    const relay = new PairingDesk({ clock: play.clock, random: { bytes: (n) => new Uint8Array(n).fill(5) }, key: STRANGER_KEY });
    relay.open({ role: "admin", ways: ["code"], channels: [], seconds: 120, by: "local" });
    const finish = vi.fn();
    const exchange: PairingExchange = {
      begin: async (message) => {
        const decision = relay.begin(parseBeginRequest(message), LAPTOP, NODE_NAME);
        if ("error" in decision) throw decision.error;
        return encodeBeginAnswer(decision.answer);
      },
      finish,
    };
    expect((await rejection(pairAsClient(client(play, "904817", { exchange })))).code).toBe("PAIRING_WRONG_CODE");
    expect(finish).not.toHaveBeenCalled();
  });
});
