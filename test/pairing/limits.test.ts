import { describe, expect, it, vi } from "vitest";
import { concat } from "../../src/foundation/bytes.ts";
import type { FleetError } from "../../src/foundation/errors.ts";
import { LOCAL_SOURCE, type Source } from "../../src/foundation/source.ts";
import { pairAsClient } from "../../src/pairing/asking.ts";
import { refusal, rejection } from "../foundation/refusal.ts";
import { client, guess, LAPTOP, Play, source } from "./play.ts";

const WRONG = "000000";
const hosts = (count: number, from = 20): Source[] => Array.from({ length: count }, (_, i) => source(`192.168.1.${from + i}`));

/** Spends this many guesses, each from another host, in a new window of `by`. */
function spend(play: Play, attempts: number, by = "local"): void {
  play.open({ by });
  for (const host of hosts(attempts)) play.begin(guess(WRONG), host);
}

describe("guesses at the digits", () => {
  it("are five: the digits die, the opener sees who did it, and the link still pairs", async () => {
    const play = new Play();
    const { linkSecret } = play.open();
    const left = hosts(5).map((host) => play.begin(guess(WRONG), host).attemptsLeft);
    expect(left).toEqual([4, 3, 2, 1, 0]);
    expect(refusal(() => play.begin(guess("904817"), LAPTOP)).code).toBe("PAIRING_CLOSED");
    const addresses = hosts(5).map(({ address }) => ({ address, attempts: 1 }));
    expect(play.changes.at(-1)).toEqual({ type: "pairing.locked", addresses });
    const view = play.desk.view();
    expect(view).toMatchObject({ linkSecret, attemptsLeft: 0, addresses });
    expect(view).not.toHaveProperty("code");
    expect(play.desk.isOpen).toBe(true);
    expect((await pairAsClient(client(play, linkSecret ?? "", { way: "link" }))).role).toBe("admin");
  });

  it("can end well at the last of five", async () => {
    const play = new Play();
    play.open();
    for (const host of hosts(4)) play.begin(guess(WRONG), host);
    await pairAsClient(client(play, "904817"));
    expect(play.registrations).toHaveLength(1);
    expect(play.count("pairing.locked")).toBe(1);
  });

  it("are three by one network, however many addresses it has", () => {
    const play = new Play();
    play.open();
    const network = ["2001:db8:1:2::a", "2001:db8:1:2::b", "2001:db8:1:2::c", "2001:db8:1:2::d"].map((address) =>
      source(address),
    );
    for (const one of network.slice(0, 3)) {
      play.begin(guess(WRONG), one);
      play.clock.advance(30);
    }
    const [, , , fourth] = network;
    expect(refusal(() => play.begin(guess(WRONG), fourth))).toMatchObject({ code: "PAIRING_BUSY", details: { retryAfter: 30 } });
    expect(play.begin(guess(WRONG), source("2001:db8:1:3::a")).attemptsLeft).toBe(1);
    expect(play.desk.view()?.addresses).toHaveLength(4);
  });

  it("are spent whether or not anybody comes back, before the arithmetic can fail", () => {
    const play = new Play();
    play.open();
    play.begin(guess(WRONG));
    play.clock.advance(31);
    play.desk.expire();
    expect(play.desk.view()?.attemptsLeft).toBe(4);
  });

  it("begin anew with new digits; without a link the locked window makes room for another", () => {
    const play = new Play();
    play.open({ ways: ["code"] });
    for (const host of hosts(5)) play.begin(guess(WRONG), host);
    expect(play.desk.isOpen).toBe(false);
    const renewed = play.settle(play.desk.newDigits("local"));
    expect(renewed).toMatchObject({ attemptsLeft: 5, secondsLeft: 120 });
    expect(renewed.code).not.toBe("904817");
    expect(play.desk.isOpen).toBe(true);
    for (const host of hosts(5, 60)) play.begin(guess(WRONG), host);
    play.open();
    expect(play.changes.slice(-2).map(({ type }) => type)).toEqual(["pairing.closed", "pairing.opened"]);
    expect(play.desk.view()?.addresses).toEqual([]);
  });
});

describe("the budget over all windows", () => {
  it("is twenty an hour; beyond it only the local socket opens a window, whose guesses work", async () => {
    const play = new Play();
    for (let window = 0; window < 4; window++) {
      spend(play, 5, "peer-1");
      play.settle(play.desk.close());
    }
    const refused = refusal(() => play.open({ by: "peer-1" }));
    expect(refused).toMatchObject({ code: "PAIRING_BUSY", details: { retryAfter: 3600 } });
    expect(refused.message).toContain("on the node itself");
    const { code } = play.open({ by: "local" });
    expect((await pairAsClient(client(play, code ?? ""))).role).toBe("admin");
    play.clock.advance(3599);
    expect(refusal(() => play.open({ by: "peer-1" })).details["retryAfter"]).toBe(1);
    play.clock.advance(1);
    play.open({ by: "peer-1" });
    expect(play.desk.isOpen).toBe(true);
  });

  it("is sixty a day", () => {
    const play = new Play();
    for (let hour = 0; hour < 4; hour++) {
      for (let window = 0; window < 3; window++) {
        spend(play, 5, "peer-1");
        play.settle(play.desk.close());
      }
      play.clock.advance(3600);
    }
    expect(refusal(() => play.open({ by: "peer-1" })).details["retryAfter"]).toBe(20 * 3600);
    play.clock.advance(20 * 3600);
    play.open({ by: "peer-1" });
  });

  it("stops guesses and new digits in a peer's window when it is used up, and counts nothing more", () => {
    const play = new Play();
    for (const attempts of [5, 5, 5, 3]) {
      spend(play, attempts);
      play.settle(play.desk.close());
    }
    play.open({ by: "peer-1" });
    const [first, second, third] = hosts(3);
    play.begin(guess(WRONG), first);
    play.begin(guess(WRONG), second);
    expect(refusal(() => play.begin(guess(WRONG), third)).code).toBe("PAIRING_BUSY");
    expect(play.desk.view()?.attemptsLeft).toBe(3);
    expect(refusal(() => play.settle(play.desk.newDigits("peer-1"))).code).toBe("PAIRING_BUSY");
    expect(play.settle(play.desk.newDigits("local")).attemptsLeft).toBe(5);
  });

  it("does not count links", () => {
    const play = new Play();
    play.open({ ways: ["link"] });
    for (const host of hosts(5)) expect(play.begin(guess(WRONG, { way: "link" }), host).attemptsLeft).toBeNull();
    play.settle(play.desk.close());
    for (let window = 0; window < 3; window++) {
      spend(play, 5);
      play.settle(play.desk.close());
    }
    play.open({ by: "peer-1" });
    expect(play.desk.isOpen).toBe(true);
  });
});

describe("exchanges", () => {
  it("are two by one network at a time; the third waits and costs no guess", () => {
    const play = new Play();
    play.open();
    play.begin(guess(WRONG));
    play.clock.advance(10);
    play.begin(guess(WRONG));
    expect(refusal(() => play.begin(guess(WRONG)))).toMatchObject({ code: "PAIRING_BUSY", details: { retryAfter: 20 } });
    expect(play.desk.view()?.attemptsLeft).toBe(3);
    play.clock.advance(20);
    expect(play.begin(guess(WRONG)).attemptsLeft).toBe(2);
  });

  it("are five at a time, none evicts another, and a crowd at the link leaves the digits alone", async () => {
    const play = new Play();
    const { linkSecret } = play.open();
    const held = hosts(5).map((host) => play.begin(guess(WRONG, { way: "link" }), host));
    const sixth = refusal(() => play.begin(guess(WRONG, { way: "link" })));
    expect(sixth).toMatchObject({ code: "PAIRING_BUSY", details: { retryAfter: 30 } });
    const [first] = held;
    if (first === undefined) throw new Error("five exchanges were begun");
    const finish = { sid: first.sid, confirm: new Uint8Array(32), proof: new Uint8Array(64) };
    expect(refusal(() => play.finish(finish)).code).toBe("PAIRING_WRONG_CODE");
    play.begin(guess(linkSecret ?? "", { way: "link" }));
    await pairAsClient(client(play, "904817"));
    expect(play.registrations).toHaveLength(1);
  });

  it("live thirty seconds, then leave a line that they came to nothing", () => {
    const play = new Play();
    play.open();
    const { sid } = play.begin(guess(WRONG));
    expect(play.desk.nextDeadline).toBe(play.clock.elapsed() + 30_000);
    play.clock.advance(30);
    expect(play.desk.expire()).toEqual([
      {
        type: "pairing.failed",
        why: "unfinished",
        way: "code",
        address: LAPTOP.address,
        nodeId: "f857ae4e-d6e3-8e33-b61a-ea25caaee3fe",
        name: "laptop",
      },
    ]);
    const late = { sid, confirm: new Uint8Array(32), proof: new Uint8Array(64) };
    expect(refusal(() => play.finish(late)).code).toBe("PAIRING_UNKNOWN_EXCHANGE");
    expect(play.desk.nextDeadline).toBe(play.clock.elapsed() + 90_000);
  });

  it("are used up by the first finish", () => {
    const play = new Play();
    play.open();
    const { sid } = play.begin(guess(WRONG));
    const wrong = { sid, confirm: new Uint8Array(32), proof: new Uint8Array(64) };
    expect(refusal(() => play.finish(wrong)).code).toBe("PAIRING_WRONG_CODE");
    expect(refusal(() => play.finish({ ...wrong, confirm: new Uint8Array(32).fill(1) })).code).toBe("PAIRING_UNKNOWN_EXCHANGE");
    expect(play.count("pairing.failed")).toBe(1);
  });

  it("are dropped by success and by the window's end", async () => {
    for (const end of ["success", "close", "time"]) {
      const play = new Play();
      play.open({ seconds: 30 });
      play.clock.advance(10);
      const { sid } = play.begin(guess(WRONG), source("192.168.1.20"));
      if (end === "success") await pairAsClient(client(play, "904817"));
      if (end === "close") play.settle(play.desk.close());
      if (end === "time") play.clock.advance(20);
      const finish = { sid, confirm: new Uint8Array(32), proof: new Uint8Array(64) };
      expect(refusal(() => play.finish(finish)).code).toBe("PAIRING_UNKNOWN_EXCHANGE");
    }
  });
});

describe("a byte-identical finish", () => {
  /** Pairs; returns the answer and how to send the same finish once more. */
  async function pairThenRepeat(play: Play): Promise<{ answer: unknown; repeat: () => Promise<unknown> }> {
    const wire = play.exchange();
    const finish = vi.fn(wire.finish);
    await pairAsClient(client(play, "904817", { exchange: { begin: wire.begin, finish } }));
    const [message] = finish.mock.lastCall ?? [];
    if (message === undefined) throw new Error("nothing was finished");
    return { answer: await finish.mock.results[0]?.value, repeat: async () => wire.finish(message) };
  }

  it("gets the same answer for a minute, and the peer is registered no second time", async () => {
    const play = new Play();
    play.open();
    const { answer, repeat } = await pairThenRepeat(play);
    play.clock.advance(59);
    expect(await repeat()).toEqual(answer);
    expect(play.registrations).toHaveLength(1);
    expect(play.count("pairing.paired")).toBe(1);
    play.clock.advance(1);
    expect((await rejection(repeat())).code).toBe("PAIRING_UNKNOWN_EXCHANGE");
  });

  it("gets the same refusal, and many refusals push out no success", async () => {
    const play = new Play();
    play.open();
    const { sid } = play.begin(guess(WRONG));
    const wrong = { sid, confirm: new Uint8Array(32), proof: new Uint8Array(64) };
    expect(refusal(() => play.finish(wrong)).code).toBe("PAIRING_WRONG_CODE");
    expect(refusal(() => play.finish(wrong)).code).toBe("PAIRING_WRONG_CODE");
    expect(play.count("pairing.failed")).toBe(1);

    const { answer, repeat } = await pairThenRepeat(play);
    play.open({ ways: ["link"] });
    for (const host of hosts(20)) {
      const begun = play.begin(guess(WRONG, { way: "link" }), host);
      expect(refusal(() => play.finish({ ...wrong, sid: begun.sid }, host)).code).toBe("PAIRING_WRONG_CODE");
    }
    expect(await repeat()).toEqual(answer);
    expect(refusal(() => play.finish(wrong)).code).toBe("PAIRING_UNKNOWN_EXCHANGE");
  });

  it("is unknown once the node could not keep what it had said", async () => {
    const play = new Play();
    play.open();
    const { repeat } = await pairThenRepeat(play);
    play.desk.forgetOutcomes();
    expect((await rejection(repeat())).code).toBe("PAIRING_UNKNOWN_EXCHANGE");
  });
});

describe("the pace at a link", () => {
  /** Begins and fails at once, which frees the exchange. */
  function knock(play: Play, host: Source): FleetError {
    return refusal(() => {
      const { sid } = play.begin(guess(WRONG, { way: "link" }), host);
      play.finish({ sid, confirm: new Uint8Array(32), proof: new Uint8Array(64) }, host);
    });
  }

  it("is ten a minute by one network", () => {
    const play = new Play();
    play.open({ ways: ["link"], seconds: 3600 });
    for (let i = 0; i < 10; i++) expect(knock(play, LAPTOP).code).toBe("PAIRING_WRONG_CODE");
    expect(knock(play, LAPTOP)).toMatchObject({ code: "PAIRING_BUSY", details: { retryAfter: 60 } });
    expect(knock(play, source("192.168.1.8")).code).toBe("PAIRING_WRONG_CODE");
    play.clock.advance(60);
    expect(knock(play, LAPTOP).code).toBe("PAIRING_WRONG_CODE");
  });

  it("is 120 a minute by everybody, and only the first twenty leave lines", () => {
    const play = new Play();
    play.open({ ways: ["link"], seconds: 3600 });
    for (let i = 0; i < 120; i++) expect(knock(play, source(`10.0.0.${i}`)).code).toBe("PAIRING_WRONG_CODE");
    expect(knock(play, LAPTOP).code).toBe("PAIRING_BUSY");
    expect(play.count("pairing.attempted")).toBe(20);
    expect(play.count("pairing.failed")).toBe(20);
  });
});

describe("what is refused without counting", () => {
  it.each<[string, Parameters<typeof guess>[1], Source, string]>([
    ["another channel than the connection's", { channel: "loopback" }, LAPTOP, "PAIRING_CHANNEL"],
    ["a pinned channel without TLS", {}, source("192.168.1.7", "plain"), "PAIRING_CHANNEL"],
    ["a pinned channel on the socket", {}, LOCAL_SOURCE, "PAIRING_CHANNEL"],
    ["a blind channel nobody allowed", { channel: "blind" }, LAPTOP, "PAIRING_CHANNEL"],
    ["a plain channel nobody allowed", { channel: "plain" }, source("192.168.1.7", "plain"), "PAIRING_CHANNEL"],
    ["a plain channel on loopback", { channel: "plain" }, source("127.0.0.1", "loopback"), "PAIRING_CHANNEL"],
    [
      "a client key off the curve",
      { clientKey: concat(Uint8Array.of(4), new Uint8Array(64).fill(1)) },
      LAPTOP,
      "INVALID_REQUEST",
    ],
    ["a share off the curve", { share: concat(Uint8Array.of(4), new Uint8Array(64).fill(1)) }, LAPTOP, "INVALID_REQUEST"],
  ])("%s", (_, changed, from, code) => {
    const play = new Play();
    play.open();
    expect(refusal(() => play.begin(guess("904817", changed), from)).code).toBe(code);
    expect(play.desk.view()).toMatchObject({ attemptsLeft: 5, addresses: [] });
    expect(play.count("pairing.attempted")).toBe(0);
  });

  it.each([
    ["blind", LAPTOP],
    ["plain", source("192.168.1.7", "plain")],
  ] as const)("a %s channel, with the command that allows it; and a window that does takes it", (channel, from) => {
    const play = new Play();
    play.open();
    const { message } = refusal(() => play.begin(guess("904817", { channel }), from));
    expect(message).toContain(`"cider fleet pair --allow ${channel}"`);
    const open = new Play();
    open.open({ channels: [channel] });
    expect(open.begin(guess("904817", { channel }), from)).toMatchObject({ role: "admin" });
  });
});
