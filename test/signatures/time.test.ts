/** The table of times in the protocol, edge by edge, and the memory of nonces that depends on it. */

import { describe, expect, it } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { isFleetError } from "../../src/foundation/errors.ts";
import type { NodeId } from "../../src/foundation/ids.ts";
import { nodeIdOf } from "../../src/identity/node-id.ts";
import { earliestCreated } from "../../src/signatures/policy.ts";
import { ReplayMemory } from "../../src/signatures/replay.node.ts";
import {
  handMade,
  makeVerifier,
  NO_BODY,
  NOW,
  nextNonce,
  OTHER_NODE_ID,
  outcome,
  parametersOf,
  SetClock,
  SIGNER_ID,
  send,
} from "./requests.ts";

/** Resolves to the outcome at `now` of a request created and expiring then; the process started long before. */
function at(now: number, created: number, expires: number, startedAt: number = NOW - 3600): Promise<string> {
  const parameters = parametersOf({ created: String(created), expires: String(expires) });
  return outcome(makeVerifier({ clock: new SetClock(now), startedAt }), handMade({ parameters }));
}

describe("created", () => {
  it("may be 15 seconds ahead and not 16", async () => {
    expect(await at(NOW, NOW + 15, NOW + 75)).toBe(SIGNER_ID);
    expect(await at(NOW, NOW + 16, NOW + 76)).toBe("CLOCK_SKEW");
    expect(await at(NOW + 0.999, NOW + 16, NOW + 76)).toBe("CLOCK_SKEW");
    expect(await at(NOW + 1, NOW + 16, NOW + 76)).toBe(SIGNER_ID);
  });

  it("must not lie before the 16th second of this process", async () => {
    const startedAt = NOW - 40;
    expect(await at(NOW, startedAt + 16, startedAt + 76, startedAt)).toBe(SIGNER_ID);
    expect(await at(NOW, startedAt + 15, startedAt + 75, startedAt)).toBe("CLOCK_SKEW");
    expect(earliestCreated(startedAt * 1000 + 999)).toBe(startedAt + 16);
  });

  it("may be `earliest` right after a start, although that lies ahead", async () => {
    expect(await at(NOW, NOW + 16, NOW + 76, NOW)).toBe(SIGNER_ID);
    expect(await at(NOW, NOW + 17, NOW + 77, NOW)).toBe("CLOCK_SKEW");
    expect(await at(NOW, NOW, NOW + 60, NOW)).toBe("CLOCK_SKEW");
  });

  it("that lies further ahead than clocks may be waits until it does not, and is judged again then", async () => {
    const clock = new SetClock(NOW + 0.25);
    const waits: number[] = [];
    const wait = async (time: number): Promise<void> => {
      waits.push(time);
      clock.seconds += time / 1000;
    };
    const verifier = makeVerifier({ clock, startedAt: NOW, wait });
    expect(await outcome(verifier, await send({ created: NOW + 16 }))).toBe(SIGNER_ID);
    expect(await outcome(verifier, await send({ created: NOW + 16 }))).toBe(SIGNER_ID);
    expect(waits).toEqual([750]);
  });

  it("is judged before the lifetime", async () => {
    expect(await at(NOW, NOW + 600, NOW + 6000)).toBe("CLOCK_SKEW");
    expect(await at(NOW, -1, 60)).toBe("CLOCK_SKEW");
    expect(await at(NOW, 999_999_999_999_999, 999_999_999_999_999)).toBe("CLOCK_SKEW");
  });
});

describe("expires", () => {
  it("lies 1 to 60 seconds after created", async () => {
    expect(await at(NOW, NOW, NOW + 1)).toBe(SIGNER_ID);
    expect(await at(NOW, NOW, NOW + 60)).toBe(SIGNER_ID);
    expect(await at(NOW, NOW, NOW)).toBe("SIGNATURE_EXPIRED");
    expect(await at(NOW, NOW, NOW - 1)).toBe("SIGNATURE_EXPIRED");
    expect(await at(NOW, NOW, NOW + 61)).toBe("SIGNATURE_EXPIRED");
  });

  it("is forgiven for 15 seconds and not a moment longer", async () => {
    expect(await at(NOW + 75, NOW, NOW + 60)).toBe(SIGNER_ID);
    expect(await at(NOW + 75.001, NOW, NOW + 60)).toBe("SIGNATURE_EXPIRED");
  });

  it("is judged again when the body is there", async () => {
    const clock = new SetClock(NOW + 75);
    const verifier = makeVerifier({ clock });
    const claim = verifier.claim(handMade());
    if (claim === undefined) throw new Error("no claim");
    clock.seconds += 1;
    await expect(verifier.confirm(claim, NO_BODY)).rejects.toMatchObject({ code: "SIGNATURE_EXPIRED" });
  });
});

describe("a clock", () => {
  it("ten minutes off is put right by signing once more", async () => {
    for (const wrong of [NOW - 600, NOW + 600]) {
      const verifier = makeVerifier({ startedAt: NOW - 60 });
      const first = await send({ created: wrong });
      try {
        verifier.claim(first);
        expect.unreachable();
      } catch (error) {
        if (!isFleetError(error, "CLOCK_SKEW") && !isFleetError(error, "SIGNATURE_EXPIRED")) throw error;
        const { serverTime, earliest } = error.details;
        expect([serverTime, earliest]).toEqual([NOW, NOW - 44]);
        const again = await send({ created: Math.max(Number(serverTime), Number(earliest)) });
        expect(await outcome(verifier, again)).toBe(SIGNER_ID);
      }
    }
  });

  it("that is set back revives nothing", async () => {
    const clock = new SetClock(NOW + 76);
    const verifier = makeVerifier({ clock });
    const sent = handMade();
    expect(await outcome(verifier, sent)).toBe("SIGNATURE_EXPIRED");
    clock.seconds = NOW;
    expect(await outcome(verifier, sent)).toBe("SIGNATURE_EXPIRED");
  });
});

describe("replay", () => {
  it("is refused as long as the signature would be accepted", async () => {
    const clock = new SetClock();
    const verifier = makeVerifier({ clock });
    const sent = handMade();
    expect(await outcome(verifier, sent)).toBe(SIGNER_ID);
    for (const after of [0, 59, 60, 70, 75]) {
      clock.seconds = NOW + after;
      expect(await outcome(verifier, sent), `after ${after} s`).toBe("SIGNATURE_REPLAYED");
    }
    clock.seconds = NOW + 76;
    expect(await outcome(verifier, sent)).toBe("SIGNATURE_EXPIRED");
  });

  it("is refused right after a restart, whose memory is empty", async () => {
    const sent = await send({ created: NOW + 15 });
    expect(await outcome(makeVerifier({ startedAt: NOW - 60 }), sent)).toBe(SIGNER_ID);
    for (const startedAt of [NOW, NOW + 1, NOW + 20]) {
      expect(await outcome(makeVerifier({ startedAt, clock: new SetClock(startedAt) }), sent)).toBe("CLOCK_SKEW");
    }
  });

  it("is refused when the restart comes in the second of the start", async () => {
    const sent = await send({ created: NOW + 16 });
    const clock = new SetClock(NOW + 0.1);
    let killed: Promise<void> | undefined;
    const wait = (time: number): Promise<void> => {
      clock.seconds += time / 1000;
      killed = outcome(makeVerifier({ clock: new SetClock(clock.seconds), startedAt: clock.seconds }), sent).then((code) => {
        expect(code).toBe("CLOCK_SKEW");
      });
      return killed;
    };
    expect(await outcome(makeVerifier({ clock, startedAt: NOW + 0.1, wait }), sent)).toBe(SIGNER_ID);
    expect(killed).toBeDefined();
  });

  it("goes by key and nonce, not by the rest of the request", async () => {
    const verifier = makeVerifier();
    const nonce = nextNonce();
    expect(await outcome(verifier, await send({ nonce }))).toBe(SIGNER_ID);
    expect(await outcome(verifier, await send({ nonce, target: "/v1/peers", lifetime: 9 }))).toBe("SIGNATURE_REPLAYED");
  });

  it("of two copies at once lets one through", async () => {
    const verifier = makeVerifier();
    const sent = await send();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => outcome(verifier, sent)));
    expect(outcomes.filter((each) => each === SIGNER_ID)).toHaveLength(1);
    expect(outcomes.filter((each) => each === "SIGNATURE_REPLAYED")).toHaveLength(7);
  });

  it("does not burn the nonce of a request that was refused", async () => {
    const verifier = makeVerifier();
    const sent = await send({ method: "POST", body: Uint8Array.of(1) });
    expect(await outcome(verifier, { ...sent, body: Uint8Array.of(2) })).toBe("DIGEST_MISMATCH");
    expect(await outcome(verifier, { ...sent, method: "PUT" })).toBe("SIGNATURE_INVALID");
    expect(await outcome(verifier, sent)).toBe(SIGNER_ID);
  });
});

describe("the memory of nonces", () => {
  const [A, B] = [SIGNER_ID, OTHER_NODE_ID];

  function remember(memory: ReplayMemory, key: NodeId, nonce: string, until: number, now: number): string {
    try {
      memory.remember(key, nonce, until, now);
      return "new";
    } catch (error) {
      if (isFleetError(error)) return error.code;
      throw error;
    }
  }

  it("keeps a nonce through its last second and forgets it then", () => {
    const memory = new ReplayMemory();
    expect(remember(memory, A, "n", 100, 90)).toBe("new");
    expect(remember(memory, A, "n", 100, 100)).toBe("SIGNATURE_REPLAYED");
    expect(memory.size).toBe(1);
    expect(remember(memory, B, "m", 200, 100.001)).toBe("new");
    expect(memory.size).toBe(1);
    expect(remember(memory, A, "n", 200, 101)).toBe("new");
  });

  it("tells keys apart", () => {
    const memory = new ReplayMemory();
    expect([remember(memory, A, "n", 100, 90), remember(memory, B, "n", 100, 90)]).toEqual(["new", "new"]);
  });

  it("gives one key an eighth and leaves the rest to others", () => {
    const memory = new ReplayMemory(16);
    expect(["1", "2", "3"].map((nonce) => remember(memory, A, nonce, 100, 90))).toEqual(["new", "new", "REPLAY_MEMORY_FULL"]);
    expect(remember(memory, B, "1", 100, 90)).toBe("new");
    expect(remember(memory, A, "1", 100, 90)).toBe("SIGNATURE_REPLAYED");
    expect(remember(memory, A, "3", 200, 101)).toBe("new");
  });

  it("refuses when full instead of forgetting, and says when to come back", () => {
    const memory = new ReplayMemory(16);
    const keys = Array.from({ length: 9 }, (_, i) => nodeIdOf(SecretKey.fromHex(String(i + 1).padStart(64, "0")).publicKey));
    for (const key of keys.slice(0, 8)) for (const nonce of ["1", "2"]) expect(remember(memory, key, nonce, 100, 90)).toBe("new");
    const [last = A] = keys.slice(8);
    expect(() => memory.remember(last, "1", 100, 90.5)).toThrow(
      expect.objectContaining({ code: "REPLAY_MEMORY_FULL", details: { retryAfter: 10 } }),
    );
    expect(remember(memory, keys[0] ?? A, "1", 100, 90)).toBe("SIGNATURE_REPLAYED");
    expect(remember(memory, last, "1", 200, 101)).toBe("new");
    expect(memory.size).toBe(1);
  });

  it("is not filled by requests nobody signed", async () => {
    const memory = new ReplayMemory(8);
    const verifier = makeVerifier({ memory });
    const forged = { ...(await send()), method: "PUT" };
    for (let i = 0; i < 20; i++) expect(await outcome(verifier, forged)).toBe("SIGNATURE_INVALID");
    expect(memory.size).toBe(0);
    expect(await outcome(verifier, await send())).toBe(SIGNER_ID);
    expect(await outcome(verifier, await send())).toBe("REPLAY_MEMORY_FULL");
  });
});
