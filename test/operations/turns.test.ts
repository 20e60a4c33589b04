import { describe, expect, it } from "vitest";
import type { Call } from "../../src/operations/call.ts";
import { MAX_WAITING, Turns } from "../../src/operations/turns.ts";
import { rejection } from "../foundation/refusal.ts";

const GOING = 4;

const callOf = (label: string, signal = new AbortController().signal) =>
  ({ actor: { label }, signal }) as Pick<Call, "actor" | "signal">;

/** Reads that end when they are told to, and what began in which order. */
function reads() {
  const turns = new Turns();
  const began: string[] = [];
  const ends: (() => void)[] = [];
  const read = (caller: string, signal?: AbortSignal): Promise<unknown> =>
    turns.take(callOf(caller, signal), () => {
      began.push(caller);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  const endOne = async (): Promise<void> => {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const endTimes = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) await endOne();
  };
  return { began, endOne, endTimes, read, turns };
}

describe("turns at the record", () => {
  it("are few at a time, and go round among the callers", async () => {
    const { began, endTimes, read } = reads();
    const all = [...Array.from({ length: 8 }, () => "greedy"), "modest", "modest", "other"].map((caller) => read(caller));
    expect(began).toEqual(Array(GOING).fill("greedy"));
    await endTimes(all.length);
    expect(began.slice(GOING)).toEqual(["greedy", "modest", "other", "greedy", "modest", "greedy", "greedy"]);
    await Promise.all(all);
  });

  it("are not waited for by more than a few reads of one caller", async () => {
    const { began, endOne, endTimes, read } = reads();
    const all = Array.from({ length: GOING + MAX_WAITING }, () => read("greedy"));
    expect(await rejection(read("greedy"))).toMatchObject({ code: "RATE_LIMITED", details: { retryAfter: 1 } });
    const modest = read("modest");
    await endOne();
    await endOne();
    expect(began.at(-1)).toBe("modest");
    await endTimes(all.length);
    await Promise.all([...all, modest]);
  });

  it("are not taken by who has gone, and come back from what fails", async () => {
    const { began, endOne, endTimes, read, turns } = reads();
    const gone = new AbortController();
    const all = Array.from({ length: GOING }, () => read("here"));
    const left = rejection(read("left", gone.signal));
    gone.abort();
    await endOne();
    expect((await left).code).toBe("CONNECTION_CLOSED");
    for (let i = 0; i < 10; i++) await turns.take(callOf("bad"), () => Promise.reject(new Error("no"))).catch(() => undefined);
    await endTimes(GOING);
    await Promise.all(all);
    const again = Array.from({ length: GOING }, () => read("again"));
    expect(began.slice(GOING)).toEqual(Array(GOING).fill("again"));
    await endTimes(GOING);
    await Promise.all(again);
  });
});
