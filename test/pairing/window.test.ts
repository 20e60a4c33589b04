import { p256 } from "@noble/curves/nist.js";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/foundation/bytes.ts";
import { LOCAL_SOURCE } from "../../src/foundation/source.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { pairAsClient } from "../../src/pairing/asking.ts";
import { verifierRecord } from "../../src/pairing/profile.ts";
import type { WindowOptions } from "../../src/pairing/window.ts";
import { refusal, rejection } from "../foundation/refusal.ts";
import { CLIENT_KEY, client, guess, LAPTOP, NODE_KEY, Play, STRANGER_KEY, source } from "./play.ts";

describe("a window", () => {
  it("shows its opener everything, and leaves a line without secrets", () => {
    const play = new Play();
    const view = play.open({ role: "operator", channels: ["blind"], seconds: 300 });
    expect(view).toEqual({
      code: "904817",
      linkSecret: view.linkSecret,
      role: "operator",
      ways: ["code", "link"],
      channels: ["blind"],
      secondsLeft: 300,
      attemptsLeft: 5,
      addresses: [],
    });
    expect(view.linkSecret).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(play.desk.view()).toEqual(view);
    expect(play.changes).toEqual([
      { type: "pairing.opened", by: "local", role: "operator", ways: ["code", "link"], channels: ["blind"], seconds: 300 },
    ]);
  });

  it("has what was asked for: digits, a link, or both", () => {
    const play = new Play();
    expect(play.open({ ways: ["code"] })).not.toHaveProperty("linkSecret");
    expect(refusal(() => play.begin(guess("904817", { way: "link" }))).code).toBe("PAIRING_CLOSED");
    play.settle(play.desk.close());
    const link = play.open({ ways: ["link"] });
    expect(link).not.toHaveProperty("code");
    expect(link.attemptsLeft).toBeNull();
    expect(refusal(() => play.begin(guess("904817"))).code).toBe("PAIRING_CLOSED");
    expect(refusal(() => play.settle(play.desk.newDigits("local"))).code).toBe("PAIRING_CLOSED");
  });

  it("stands alone", () => {
    const play = new Play();
    play.open();
    expect(refusal(() => play.open()).code).toBe("PAIRING_OPEN");
    expect(play.desk.view()?.code).toBe("904817");
    play.settle(play.desk.close());
    expect(play.open().code).not.toBe("904817");
  });

  it("is closed before it is opened and after it is closed", () => {
    const play = new Play();
    const closed = (): void => {
      expect(play.desk.isOpen).toBe(false);
      expect(play.desk.view()).toBeUndefined();
      expect(play.desk.nextDeadline).toBeUndefined();
      expect(refusal(() => play.begin(guess("904817"))).code).toBe("PAIRING_CLOSED");
      expect(refusal(() => play.settle(play.desk.close())).code).toBe("PAIRING_CLOSED");
      expect(refusal(() => play.settle(play.desk.newDigits("local"))).code).toBe("PAIRING_CLOSED");
    };
    closed();
    play.open();
    play.settle(play.desk.close());
    expect(play.changes.at(-1)).toEqual({ type: "pairing.closed", why: "closed" });
    closed();
  });

  it("says 410 before it looks at any point", () => {
    const play = new Play();
    const noPoint = { share: new Uint8Array(65), clientKey: new Uint8Array(65) };
    expect(refusal(() => play.begin(guess("904817", noPoint))).code).toBe("PAIRING_CLOSED");
  });

  it("ends by itself, to the second, with or without a timer", () => {
    const play = new Play();
    play.open({ seconds: 30 });
    expect(play.desk.nextDeadline).toBe(play.clock.elapsed() + 30_000);
    play.clock.monotonic += 29_999;
    expect(play.desk.view()?.secondsLeft).toBe(1);
    expect(play.desk.expire()).toEqual([]);
    play.clock.monotonic += 1;
    expect(play.desk.isOpen).toBe(false);
    expect(refusal(() => play.begin(guess("904817"))).code).toBe("PAIRING_CLOSED");
    expect(play.changes.at(-1)).toEqual({ type: "pairing.closed", why: "expired" });
    expect(play.desk.expire()).toEqual([]);
  });

  it("does not live longer when the host's clock is set back", () => {
    const play = new Play();
    play.open({ seconds: 30 });
    play.clock.wall -= 86_400_000;
    play.clock.monotonic += 30_000;
    expect(play.desk.isOpen).toBe(false);
  });

  it.each<[string, Partial<WindowOptions>]>([
    ["29 seconds", { seconds: 29 }],
    ["601 seconds with digits", { seconds: 601 }],
    ["a day and a second for a link", { seconds: 86_401, ways: ["link"] }],
    ["a fraction", { seconds: 60.5 }],
    ["no time", { seconds: Number.NaN }],
    ["no way", { ways: [] }],
  ])("is not opened with %s", (_, options) => {
    const play = new Play();
    expect(refusal(() => play.open(options)).code).toBe("INVALID_REQUEST");
    expect(play.desk.view()).toBeUndefined();
    expect(play.changes).toEqual([]);
  });

  it.each<[Partial<WindowOptions>]>([[{ seconds: 30 }], [{ seconds: 600 }], [{ seconds: 86_400, ways: ["link"] }]])(
    "may be opened with %j",
    (options) => {
      expect(new Play().open(options).secondsLeft).toBe(options.seconds);
    },
  );
});

describe("a window for one known key", () => {
  it("refuses other keys without counting, takes that one, and its line names it", async () => {
    const play = new Play();
    play.open({ forKey: CLIENT_KEY.publicKey });
    expect(play.changes[0]).toMatchObject({ forNode: nodeIdOf(CLIENT_KEY.publicKey) });
    const stranger = await rejection(pairAsClient(client(play, "904817", { signer: STRANGER_KEY })));
    expect(stranger.code).toBe("PAIRING_CLOSED");
    expect(play.desk.view()?.attemptsLeft).toBe(5);
    expect((await pairAsClient(client(play, "904817"))).role).toBe("admin");
  });

  it("is never for the node itself, nor does the node pair with its own key", () => {
    const play = new Play();
    expect(refusal(() => play.open({ forKey: NODE_KEY.publicKey })).code).toBe("PAIRING_OWN_KEY");
    play.open();
    expect(refusal(() => play.begin(guess("904817", { clientKey: NODE_KEY.publicKey }))).code).toBe("PAIRING_OWN_KEY");
    expect(play.desk.view()?.attemptsLeft).toBe(5);
  });
});

describe("channels", () => {
  it.each([
    ["pinned", LAPTOP],
    ["loopback", source("127.0.0.1", "loopback")],
    ["loopback", LOCAL_SOURCE],
    ["blind", LAPTOP],
    ["plain", source("192.168.1.7", "plain")],
  ] as const)("%s from %j pairs when allowed, and stays on the record", async (channel, from) => {
    const play = new Play();
    play.open({ channels: ["blind", "plain"] });
    await pairAsClient(client(play, "904817", { channel, exchange: play.exchange(from) }));
    expect(play.registrations[0]).toMatchObject({ channel, address: from.address });
  });

  it("cannot change between begin and finish", async () => {
    const play = new Play();
    play.open();
    const exchange = { begin: play.exchange().begin, finish: play.exchange(source("192.168.1.7", "plain")).finish };
    expect((await rejection(pairAsClient(client(play, "904817", { exchange })))).code).toBe("PAIRING_CHANNEL");
    expect(play.registrations).toEqual([]);
  });
});

describe("a share that cancels out under a guess", () => {
  it("costs a guess and is refused", () => {
    const play = new Play();
    play.open();
    const M = p256.Point.fromHex("02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f");
    const share = M.multiply(BigInt(`0x${toHex(verifierRecord("904817").w0)}`)).toBytes(false);
    expect(refusal(() => play.begin(guess("904817", { share }))).code).toBe("INVALID_REQUEST");
    expect(play.desk.view()?.attemptsLeft).toBe(4);
    expect(play.count("pairing.attempted")).toBe(1);
  });
});

describe("the secrets of a window", () => {
  it("are in no line and in no error, whatever happens", async () => {
    const play = new Play();
    const { linkSecret } = play.open();
    const errors: unknown[] = [
      refusal(() => play.open()),
      await rejection(pairAsClient(client(play, "904818"))),
      await rejection(pairAsClient(client(play, "904817", { channel: "loopback" }))),
      refusal(() => play.begin(guess("904817", { clientKey: NODE_KEY.publicKey }))),
      refusal(() => play.settle(play.desk.open({ role: "admin", ways: ["code"], channels: [], seconds: 1, by: "local" }))),
    ];
    for (let i = 0; i < 4; i++) play.begin(guess("904817"), source(`192.168.1.${20 + i}`));
    errors.push(refusal(() => play.begin(guess("904817"), source("192.168.1.30"))));
    await pairAsClient(client(play, linkSecret ?? "", { way: "link" }));
    const said = JSON.stringify([play.changes, errors.map((error) => [String(error), error])]);
    expect(said).not.toContain("904817");
    expect(said).not.toContain(linkSecret);
    expect(said.length).toBeGreaterThan(1000);
  });
});
