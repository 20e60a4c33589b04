import { describe, expect, it } from "vitest";
import { Activity } from "../../src/record/activity.ts";
import { ManualClock } from "../foundation/doubles.ts";

function play() {
  const clock = new ManualClock();
  return { clock, activity: new Activity(clock) };
}

describe("use of a credential", () => {
  it("is counted with its last time and address", () => {
    const { activity, clock } = play();
    activity.note("GetNodeInfo", "token:a", "192.168.1.7");
    clock.advance(5);
    activity.note("GetNodeStats", "token:a", "192.168.1.8");
    expect(activity.usageOf("token:a")).toEqual({
      count: 2,
      lastUsedAt: "2026-11-21T20:00:05.000Z",
      lastUsedFrom: "192.168.1.8",
    });
    expect(activity.usageOf("token:b")).toBeUndefined();
  });

  it("is written down by operation and address, most used first, once", () => {
    const { activity } = play();
    activity.note("GetNodeInfo", "token:a", "192.168.1.7");
    for (let i = 0; i < 3; i++) activity.note("GetNodeStats", "token:a", "192.168.1.7");
    const last = "2026-11-21T20:00:00.000Z";
    expect(activity.take()).toEqual([
      { operation: "GetNodeStats", credential: "token:a", from: "192.168.1.7", n: 3, last },
      { operation: "GetNodeInfo", credential: "token:a", from: "192.168.1.7", n: 1, last },
    ]);
    expect(activity.take()).toEqual([]);
    expect(activity.usageOf("token:a")?.count).toBe(4);
  });

  it("comes back from what was written down, whatever its order", () => {
    const { activity, clock } = play();
    for (let i = 0; i < 3; i++) activity.note("GetNodeInfo", "token:a", "192.168.1.7");
    clock.advance(60);
    activity.note("GetNodeStats", "token:a", "192.168.1.8");
    const again = new Activity(clock);
    for (const row of [...activity.take()].reverse()) again.restore(row);
    expect(again.usageOf("token:a")).toEqual(activity.usageOf("token:a"));
    expect(again.take()).toEqual([]);
  });

  it("is summed up without what is still to be written down, so that nothing counts twice", () => {
    const { activity } = play();
    for (let i = 0; i < 3; i++) activity.note("GetNodeInfo", "token:a", "192.168.1.7");
    const written = activity.take();
    activity.note("GetNodeStats", "token:a", "192.168.1.8");
    activity.note("GetNodeStats", "token:b", "192.168.1.8");
    expect(activity.totals()).toMatchObject([{ operation: "*", credential: "token:a", n: 3 }]);
    expect(activity.pending().map(({ n }) => n)).toEqual([1, 1]);
    expect(written).toMatchObject([{ n: 3 }]);
  });

  it("is forgotten with the credential", () => {
    const { activity } = play();
    activity.note("GetNodeInfo", "token:a", "192.168.1.7");
    activity.forget("token:a");
    expect(activity.usageOf("token:a")).toBeUndefined();
  });

  it("from more addresses than memory should hold is counted without them", () => {
    const { activity } = play();
    for (let i = 0; i < 6_000; i++) activity.note("GetHealth", "nobody", `10.0.${i >> 8}.${i & 255}`);
    const rows = activity.take();
    expect(rows.length).toBe(5_001);
    expect(rows[0]).toMatchObject({ from: "", n: 1_000 });
    expect(activity.usageOf("nobody")?.count).toBe(6_000);
  });
});
