import { describe, expect, it } from "vitest";
import { countFigure, type Figure, sayFigure } from "../../bench/figure.ts";

const figure: Figure = {
  name: "size",
  claim: "what it weighs",
  unit: "bytes",
  atMost: 28_000,
  count: () => Promise.resolve(28_000),
};

describe("a figure", () => {
  it("is met up to its bound, and missed above it", async () => {
    expect(await countFigure(figure)).toMatchObject({ figure: 28_000, verdict: "met" });
    expect((await countFigure({ ...figure, count: () => Promise.resolve(28_001) })).verdict).toBe("missed");
    const { atMost: _, ...unbound } = figure;
    expect((await countFigure(unbound)).verdict).toBe("no bound");
  });

  it("is said in two lines", async () => {
    expect(sayFigure(await countFigure(figure))).toBe("size: 28,000 bytes, at most 28,000: met\n  what it weighs");
    const { atMost: _, ...unbound } = figure;
    expect(sayFigure(await countFigure(unbound))).toBe("size: 28,000 bytes, no bound\n  what it weighs");
  });
});
