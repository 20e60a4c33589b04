import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forwardOnly, fromTimestamp, systemClock, timestamp } from "../../src/foundation/clock.ts";
import { DAY, HOUR, MINUTE, parseDuration, SECOND, sayDuration } from "../../src/foundation/durations.ts";
import { ManualClock } from "./doubles.ts";

describe("systemClock", () => {
  it("has milliseconds since 1970, and a time that never steps back", () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(60_000);
    const before = systemClock.elapsed();
    expect(systemClock.elapsed()).toBeGreaterThanOrEqual(before);
  });
});

describe("forwardOnly", () => {
  it("stands still while the clock is set back, then goes on", () => {
    const clock = new ManualClock();
    const forward = forwardOnly(clock);
    const first = forward.now();
    clock.wall -= 600_000;
    expect(forward.now()).toBe(first);
    clock.wall += 600_001;
    expect(forward.now()).toBe(first + 1);
  });

  it("leaves elapsed time alone", () => {
    const clock = new ManualClock();
    expect(forwardOnly(clock).elapsed()).toBe(clock.monotonic);
  });
});

describe("timestamps", () => {
  it("writes UTC with milliseconds and reads it back", () => {
    expect(timestamp(Date.UTC(2026, 10, 21, 20, 0, 0, 7))).toBe("2026-11-21T20:00:00.007Z");
    fc.assert(fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => fromTimestamp(timestamp(ms)) === ms));
  });

  it.each([
    "",
    "2026-11-21",
    "2026-11-21T20:00:00Z",
    "2026-11-21T20:00:00.000+00:00",
    "2026-02-30T00:00:00.000Z",
    "2026-11-21T24:00:00.000Z",
    "now",
  ])("refuses %j", (text) => {
    expect(() => fromTimestamp(text)).toThrow(SyntaxError);
  });

  it("reads what it would write itself and nothing else", () => {
    const two = fc.integer({ min: 0, max: 99 }).map((part) => String(part).padStart(2, "0"));
    const texts = fc
      .tuple(fc.constantFrom("0000", "1900", "2000", "2023", "2024", "9999"), two, two, two, two, two)
      .map(([year, month, day, hour, minute, second]) => `${year}-${month}-${day}T${hour}:${minute}:${second}.007Z`);
    const isTime = (text: string): boolean => !Number.isNaN(Date.parse(text)) && timestamp(Date.parse(text)) === text;
    const days = Array.from({ length: 400 }, (_, day) => timestamp(Date.UTC(2024, 0, 1 + day)));
    for (const text of days) expect(fromTimestamp(text)).toBe(Date.parse(text));
    fc.assert(
      fc.property(texts, (text) => {
        if (isTime(text)) expect(fromTimestamp(text)).toBe(Date.parse(text));
        else expect(() => fromTimestamp(text)).toThrow(SyntaxError);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("durations", () => {
  it.each([
    ["120s", 120 * SECOND],
    ["10m", 10 * MINUTE],
    ["24h", DAY],
    ["90d", 90 * DAY],
    ["2w", 14 * DAY],
    ["1y", 365 * DAY],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(["", "0d", "-1d", "1.5h", "90", "d", "90 d", "90D", "1d ", "01d", "1000000d", "1toString"])("refuses %j", (text) => {
    expect(() => parseDuration(text)).toThrow(SyntaxError);
  });

  it.each([
    [0, "0 seconds"],
    [900, "0 seconds"],
    [1000, "1 second"],
    [-3 * MINUTE, "3 minutes"],
    [HOUR - 2 * MINUTE, "58 minutes"],
    [HOUR - 1, "1 hour"],
    [HOUR, "1 hour"],
    [36 * HOUR, "1 day"],
    [90 * DAY - HOUR, "89 days"],
    [90 * DAY - MINUTE, "90 days"],
    [90 * DAY, "90 days"],
  ])("says %d ms as %s", (ms, text) => {
    expect(sayDuration(ms)).toBe(text);
  });
});
