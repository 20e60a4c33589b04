import { describe, expect, it } from "vitest";
import { Place } from "../../src/sdk/place.ts";
import type { FleetEvent, Topic } from "../../src/sdk/shapes.ts";

function event(seq: number, topic: Exclude<Topic, "node.stats"> = "tokens", id = "t"): FleetEvent {
  return { topic, seq, at: "2026-11-21T20:00:00.000Z", data: { type: "token.revoked", id } } as FleetEvent;
}

/** What a reader has after it was told these events. */
function taken(place: Place, ...events: readonly FleetEvent[]): readonly FleetEvent[] {
  return events.filter((one) => place.take(one));
}

describe("a place in the record", () => {
  it("begins where it is told, and nowhere before it subscribed", () => {
    expect(new Place(41).resume()).toBe(41);
    const place = new Place(undefined);
    expect(place.resume()).toBeUndefined();
    place.reach(7);
    expect(place.resume()).toBe(7);
  });

  it("moves on with positions, never back", () => {
    const place = new Place(41);
    place.reach(90);
    place.reach(50);
    expect(place.resume()).toBe(90);
    expect(taken(place, event(90), event(91))).toEqual([event(91)]);
  });

  it("asks for the last entry again, and passes by what it has of it", () => {
    const place = new Place(41);
    const [a, b, c] = [event(42, "tokens", "a"), event(42, "tokens", "b"), event(42, "tokens", "c")];
    expect(taken(place, a, b)).toEqual([a, b]);
    expect(place.resume()).toBe(41);
    expect(taken(place, a, b, c, event(43))).toEqual([c, event(43)]);
    expect(place.resume()).toBe(42);
  });

  it("counts by topic, for an entry is sent topic by topic", () => {
    const place = new Place(41);
    const entry = [event(42, "tokens"), event(42, "peers"), event(42, "tokens", "u"), event(42, "audit")];
    expect(taken(place, ...entry.slice(0, 2))).toEqual(entry.slice(0, 2));
    place.resume();
    expect(taken(place, ...entry)).toEqual(entry.slice(2));
  });

  it("passes by what comes again however often the connection breaks", () => {
    const place = new Place(0);
    const entries = [event(1, "tokens", "a"), event(1, "tokens", "b"), event(2), event(3, "tokens", "a"), event(3, "peers")];
    const got: FleetEvent[] = [];
    for (let cut = 0; cut < 40; cut++) {
      const from = place.resume() ?? 0;
      const sent = entries.filter(({ seq = 0 }) => seq > from);
      got.push(...taken(place, ...sent.slice(0, 1 + (cut % 3))));
    }
    expect(got).toEqual(entries);
  });

  it("takes nothing more of an entry that was told whole", () => {
    const place = new Place(41);
    expect(taken(place, event(42))).toHaveLength(1);
    place.reach(42);
    expect(place.resume()).toBe(42);
    expect(taken(place, event(42), event(41))).toEqual([]);
  });

  it("lets momentary events pass", () => {
    const place = new Place(41);
    const stats = { topic: "node.stats", at: "", data: {} } as unknown as FleetEvent;
    expect(taken(place, stats, stats)).toHaveLength(2);
    expect(place.resume()).toBe(41);
  });
});
