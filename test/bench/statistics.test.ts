import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { median, medianInterval, verdictOf } from "../../bench/statistics.ts";

describe("the median", () => {
  it("is the middle value, whatever the order", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});

describe("its interval", () => {
  it("is the one of tables for the sign test", () => {
    // n = 15: the 4th and 12th of 15 values hold the median with 96.5 %; the 5th and 11th with 88.2 %.
    const interval = medianInterval(Array.from({ length: 15 }, (_, i) => i + 1));
    expect(interval).toMatchObject({ low: 4, high: 12 });
    expect(interval.confidence).toBeCloseTo(0.9648, 4);
  });

  it("admits when there are too few values for 95 %", () => {
    expect(medianInterval([1, 2, 3])).toEqual({ low: 1, high: 3, confidence: 0.75 });
    expect(medianInterval([1]).confidence).toBe(0);
  });

  it("holds the median and lies within the values", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 60 }), (values) => {
        const { low, high } = medianInterval(values);
        return low <= median(values) && median(values) <= high && low >= Math.min(...values) && high <= Math.max(...values);
      }),
    );
  });
});

describe("a verdict", () => {
  const narrow = (middle: number) => ({ low: middle * 0.99, high: middle * 1.01, confidence: 0.95 });

  it.each([
    [0.9, { atLeast: 0.75 }, "met"],
    [0.5, { atLeast: 0.75 }, "missed"],
    [0.8, { atLeast: 0.75 }, "too close to call"],
    [0.7, { atLeast: 0.75 }, "too close to call"],
    [1.5, { atMost: 2 }, "met"],
    [2.5, { atMost: 2 }, "missed"],
    [2.1, { atMost: 2 }, "too close to call"],
  ] as const)("of %d against %o is %s", (middle, target, verdict) => {
    expect(verdictOf(middle, narrow(middle), target)).toBe(verdict);
  });

  it("is withheld while the interval holds the bound", () => {
    expect(verdictOf(1, { low: 0.7, high: 1.2, confidence: 0.95 }, { atLeast: 0.75 })).toBe("too close to call");
  });
});
