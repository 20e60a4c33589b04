import { describe, expect, it } from "vitest";
import { type ErrorCode, FleetError } from "../../src/foundation/errors.ts";
import { LOCAL_SOURCE, type Source } from "../../src/foundation/source.ts";
import { CountsByNetwork } from "../../src/policy/counts.ts";
import { FailedAuthentication } from "../../src/policy/failures.ts";
import { ManualClock } from "../foundation/doubles.ts";

const LIMITS = { each: { most: 20, time: 60_000 }, all: { most: 100, time: 60_000 } };

function from(network: string): Source {
  return { via: "tls", address: network, network };
}

function play() {
  const clock = new ManualClock();
  const failures = new FailedAuthentication(clock, LIMITS);
  const fail = (code: ErrorCode, source: Source): FleetError => {
    const judged = failures.judge(new FleetError(code), source);
    if (!(judged instanceof FleetError)) throw new TypeError("an error went in");
    return judged;
  };
  return { clock, fail };
}

describe("failed authentication", () => {
  it("is answered as it is twenty times a minute, then 429 with the time to wait", () => {
    const { clock, fail } = play();
    for (let i = 0; i < 20; i++) expect(fail("TOKEN_INVALID", from("192.168.1.7")).code).toBe("TOKEN_INVALID");
    clock.advance(20);
    expect(fail("SIGNATURE_INVALID", from("192.168.1.7"))).toMatchObject({ code: "RATE_LIMITED", details: { retryAfter: 40 } });
    clock.advance(40);
    expect(fail("TOKEN_INVALID", from("192.168.1.7")).code).toBe("TOKEN_INVALID");
  });

  it("counts by network: others are not told", () => {
    const { fail } = play();
    for (let i = 0; i < 30; i++) fail("TOKEN_INVALID", from("2001:db8::/64"));
    expect(fail("TOKEN_INVALID", from("2001:db8::/64")).code).toBe("RATE_LIMITED");
    expect(fail("TOKEN_INVALID", from("2001:db8:0:1::/64")).code).toBe("TOKEN_INVALID");
  });

  it.each(["TOKEN_EXPIRED", "TOKEN_REVOKED", "PEER_UNKNOWN", "SIGNATURE_REPLAYED", "DIGEST_MISMATCH"] as const)(
    "counts %s",
    (code) => {
      const { fail } = play();
      for (let i = 0; i < 20; i++) fail(code, from("a"));
      expect(fail(code, from("a")).code).toBe("RATE_LIMITED");
    },
  );

  it.each([
    "AUTHENTICATION_REQUIRED",
    "CLOCK_SKEW",
    "SIGNATURE_EXPIRED",
    "INSUFFICIENT_SCOPE",
    "INVALID_REQUEST",
    "NOT_FOUND",
    "WRONG_NODE",
  ] as const)("does not count %s", (code) => {
    const { fail } = play();
    for (let i = 0; i < 40; i++) expect(fail(code, from("a")).code).toBe(code);
    expect(fail("TOKEN_INVALID", from("a")).code).toBe("TOKEN_INVALID");
  });

  it("is never counted on the local socket", () => {
    const { fail } = play();
    for (let i = 0; i < 40; i++) expect(fail("TOKEN_INVALID", LOCAL_SOURCE).code).toBe("TOKEN_INVALID");
  });

  it("is limited for all networks together, and says which it was", () => {
    const { clock, fail } = play();
    for (let i = 0; i < 100; i++) expect(fail("TOKEN_INVALID", from(`10.0.0.${i}`)).code).toBe("TOKEN_INVALID");
    const refused = fail("TOKEN_INVALID", from("10.0.1.1"));
    expect(refused).toMatchObject({ code: "RATE_LIMITED", details: { retryAfter: 60 } });
    expect(refused.message).toContain("at this node");
    clock.advance(60);
    expect(fail("TOKEN_INVALID", from("10.0.1.1")).code).toBe("TOKEN_INVALID");
  });

  it("leaves defects alone", () => {
    const defect = new TypeError("x");
    expect(new FailedAuthentication(new ManualClock(), LIMITS).judge(defect, from("a"))).toBe(defect);
  });
});

it("forgets the networks longest quiet, so that a crowd fills no memory", () => {
  const counts = new CountsByNetwork(new ManualClock(), { most: 1, time: 60_000 });
  expect([counts.add("first"), counts.add("first")]).toEqual([0, 60]);
  for (let i = 0; i < 1_000_000; i++) counts.add(String(i));
  expect(counts.size).toBe(10_000);
  expect(counts.add("first")).toBe(0);
});
