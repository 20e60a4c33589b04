import { describe, expect, it } from "vitest";
import { DAY } from "../../src/foundation/durations.ts";
import { boundedEnd, decideExpiry, type ExpiryRequest } from "../../src/tokens/expiry.ts";
import { refusal } from "../foundation/refusal.ts";

const NOW = Date.parse("2026-11-21T20:00:00.000Z");

function decide(request: ExpiryRequest, defaultExpiry = "90d", maxExpiry = "never"): string | null {
  return decideExpiry(request, { defaultExpiry, maxExpiry }, NOW);
}

describe("what people write", () => {
  it.each([
    ["never", null],
    ["30d", new Date(NOW + 30 * DAY).toISOString()],
    ["90d", new Date(NOW + 90 * DAY).toISOString()],
    ["1y", "2027-11-21T20:00:00.000Z"],
    ["120s", "2026-11-21T20:02:00.000Z"],
    ["2027-01-31", "2027-01-31T23:59:59.999Z"],
    ["2026-11-21", "2026-11-21T23:59:59.999Z"],
    ["2027-01-31T12:00:00Z", "2027-01-31T12:00:00.000Z"],
    ["2027-01-31T12:00:00.5+02:00", "2027-01-31T10:00:00.500Z"],
  ])("%s", (expires, end) => {
    expect(decide({ expires })).toBe(end);
  });

  it.each([
    "",
    "soon",
    "0d",
    "90",
    "90 d",
    "-1d",
    "Never",
    "2026-11-20",
    "2027-02-30",
    "2027-13-01",
    "2027-02-31T00:00:00Z",
    "2026-11-21T20:00:00Z",
    "999999y",
    "9000y",
    "+012345-01-01",
  ])("not %j", (expires) => {
    expect(refusal(() => decide({ expires }))).toMatchObject({ code: "INVALID_REQUEST", details: { field: "expires" } });
  });
});

describe("what programs send", () => {
  it("takes a time in any offset, and null for never", () => {
    expect(decide({ expiresAt: "2027-01-01T01:00:00+01:00" })).toBe("2027-01-01T00:00:00.000Z");
    expect(decide({ expiresAt: null })).toBeNull();
  });

  it.each([
    "never",
    "90d",
    "2027-01-31",
    "2027-01-31T12:00:00",
    "2026-11-21T19:59:59Z",
    "2027-02-29T00:00:00Z",
    "2027-01-31 12:00:00Z",
  ])("refuses %j", (expiresAt) => {
    expect(refusal(() => decide({ expiresAt }))).toMatchObject({ code: "INVALID_REQUEST", details: { field: "expiresAt" } });
  });

  it("refuses both at once, even when they agree", () => {
    expect(refusal(() => decide({ expires: "never", expiresAt: null })).code).toBe("INVALID_REQUEST");
  });
});

it("falls back to what is configured", () => {
  expect(decide({})).toBe(new Date(NOW + 90 * DAY).toISOString());
  expect(decide({}, "30d")).toBe(new Date(NOW + 30 * DAY).toISOString());
  expect(decide({}, "never")).toBeNull();
  expect(decide({ expires: "1y" }, "never")).toBe("2027-11-21T20:00:00.000Z");
});

describe("the longest life", () => {
  it("bounds every way of asking", () => {
    expect(decide({ expires: "30d" }, "7d", "30d")).toBe(new Date(NOW + 30 * DAY).toISOString());
    expect(decide({}, "7d", "30d")).toBe(new Date(NOW + 7 * DAY).toISOString());
    for (const request of [{ expires: "31d" }, { expires: "never" }, { expires: "2026-12-22" }]) {
      expect(refusal(() => decide(request, "7d", "30d"))).toMatchObject({
        code: "INVALID_REQUEST",
        details: { field: "expires" },
      });
    }
    for (const expiresAt of [null, "2026-12-22T00:00:00Z"]) {
      expect(refusal(() => decide({ expiresAt }, "7d", "30d"))).toMatchObject({ details: { field: "expiresAt" } });
    }
  });

  it("bounds the default, and a successor, which otherwise lives as long as its predecessor", () => {
    const settings = { defaultExpiry: "90d", maxExpiry: "never" };
    expect(decide({}, "never", "30d")).toBe(new Date(NOW + 30 * DAY).toISOString());
    const bounded = { defaultExpiry: "7d", maxExpiry: "30d" };
    expect(boundedEnd(DAY, settings, NOW)).toBe(new Date(NOW + DAY).toISOString());
    expect(boundedEnd(null, settings, NOW)).toBeNull();
    expect(boundedEnd(90 * DAY, bounded, NOW)).toBe(new Date(NOW + 30 * DAY).toISOString());
    expect(boundedEnd(null, bounded, NOW)).toBe(new Date(NOW + 30 * DAY).toISOString());
    expect(boundedEnd(DAY, bounded, NOW)).toBe(new Date(NOW + DAY).toISOString());
  });
});
