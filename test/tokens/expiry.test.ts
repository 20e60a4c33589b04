import { describe, expect, it } from "vitest";
import { DAY } from "../../src/foundation/durations.ts";
import { decideExpiry, type ExpiryRequest } from "../../src/tokens/expiry.ts";
import { refusal } from "../foundation/refusal.ts";

const NOW = Date.parse("2026-11-21T20:00:00.000Z");

function decide(request: ExpiryRequest, fallback = "90d"): string | null {
  return decideExpiry(request, fallback, NOW);
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
