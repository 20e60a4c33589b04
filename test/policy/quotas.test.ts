import { describe, expect, it } from "vitest";
import { Quotas } from "../../src/policy/quotas.ts";
import { ManualClock } from "../foundation/doubles.ts";
import { refusal } from "../foundation/refusal.ts";

describe("a token's requests a minute", () => {
  it("pass up to the limit and again when the minute is over", () => {
    const clock = new ManualClock();
    const quotas = new Quotas(clock);
    for (let i = 0; i < 3; i++) quotas.spend("ci", 3);
    clock.advance(20);
    const refused = refusal(() => quotas.spend("ci", 3));
    expect(refused).toMatchObject({ code: "RATE_LIMITED", details: { limit: 3, retryAfter: 40 } });
    quotas.spend("cd", 3);
    clock.advance(40);
    quotas.spend("ci", 3);
  });

  it("are told in header fields", () => {
    const clock = new ManualClock();
    const quotas = new Quotas(clock);
    expect(quotas.fields("ci", 3)).toEqual(["RateLimit-Policy", '"token";q=3;w=60', "RateLimit", '"token";r=3;t=60']);
    for (let i = 0; i < 3; i++) quotas.spend("ci", 3);
    clock.advance(59.5);
    expect(quotas.fields("ci", 3).at(-1)).toBe('"token";r=0;t=1');
    expect(quotas.fields("ci", 2).at(-1)).toBe('"token";r=0;t=1');
    clock.advance(0.5);
    expect(quotas.fields("ci", 3).at(-1)).toBe('"token";r=3;t=60');
  });
});
