import { describe, expect, it } from "vitest";
import { MINUTE } from "../../src/foundation/durations.ts";
import { REPEATS, Repeats } from "../../src/operations/repeats.ts";
import { ManualClock } from "../foundation/doubles.ts";
import { refusal } from "../foundation/refusal.ts";
import { lineOf, restarted } from "../support/lines.ts";

const INPUT = { name: "ci" };

function play() {
  const clock = new ManualClock();
  const repeats = new Repeats(clock);
  /** Carries a change out as `Operations` does; returns its output, made or joined. */
  const call = (actor = "local", key = "k", input: unknown = INPUT, operation = "GenerateAPIToken"): unknown => {
    const begun = repeats.begin(actor, key, operation, input);
    if (begun.joined) return begun.output;
    const at = new Date(clock.now()).toISOString();
    const changes = [{ type: "token.issued", id: "t1" }, begun.change];
    for (const change of changes) repeats.apply(change, lineOf(changes, { at }));
    const output = { n: Math.random() };
    begun.remember(output);
    return output;
  };
  return { call, clock, repeats };
}

describe("a change with a key", () => {
  it("is carried out once: a repeat joins its outcome", () => {
    const { call } = play();
    expect(call()).toBe(call());
  });

  it("has nothing to do with another actor's or another key's", () => {
    const { call } = play();
    const first = call();
    expect(call("peer:1")).not.toBe(first);
    expect(call("local", "k2")).not.toBe(first);
  });

  it("is refused with another input or operation", () => {
    const { call } = play();
    call();
    expect(refusal(() => call("local", "k", { name: "cd" })).code).toBe("IDEMPOTENCY_MISMATCH");
    expect(refusal(() => call("local", "k", INPUT, "RevokeAPIToken")).code).toBe("IDEMPOTENCY_MISMATCH");
  });

  it("is forgotten after ten minutes", () => {
    const { call, clock } = play();
    const first = call();
    clock.advance(599.999);
    expect(call()).toBe(first);
    clock.advance(0.001);
    expect(call()).not.toBe(first);
  });

  it("is known after a restart by its ids, without its outcome", () => {
    const { call, clock, repeats } = play();
    call();
    const again = restarted(repeats, new Repeats(clock));
    const repeat = (input: unknown) => refusal(() => again.begin("local", "k", "GenerateAPIToken", input));
    expect(repeat(INPUT)).toMatchObject({ code: "IDEMPOTENCY_KNOWN", details: { ids: ["t1"] } });
    expect(repeat({ name: "cd" }).code).toBe("IDEMPOTENCY_MISMATCH");
    clock.advance((10 * MINUTE) / 1000);
    expect(again.begin("local", "k", "GenerateAPIToken", INPUT).joined).toBe(false);
  });

  it("is in no checkpoint once it is forgotten", () => {
    const { call, clock, repeats } = play();
    call();
    expect(repeats.snapshot()).toHaveLength(1);
    clock.advance((10 * MINUTE) / 1000);
    expect(repeats.snapshot()).toEqual([]);
  });

  it("may be made again when its line was lost", () => {
    const { call, repeats } = play();
    const first = call();
    repeats.rebuilt();
    expect(call()).toBe(first);
    repeats.restore(undefined);
    repeats.rebuilt();
    expect(call()).not.toBe(first);
  });

  it("takes bounded memory", () => {
    const { call, repeats } = play();
    for (let n = 0; n <= REPEATS; n++) call("local", `k${n}`);
    expect((repeats.snapshot() as readonly unknown[]).length).toBe(REPEATS);
    expect(repeats.begin("local", "k0", "GenerateAPIToken", INPUT).joined).toBe(false);
    expect(repeats.begin("local", "k1", "GenerateAPIToken", INPUT).joined).toBe(true);
  });
});
