import { describe, expect, it } from "vitest";
import { EventHub } from "../../src/record/events.ts";
import type { Event } from "../../src/wire/frames.ts";
import { AT, lineOf } from "../support/lines.ts";

/** A hub with one subscriber to these topics. */
function play(...topics: readonly string[]) {
  const hub = new EventHub();
  const events: Event[] = [];
  const deliver = (event: Event): void => void events.push(event);
  hub.subscribe(deliver, topics);
  return { hub, events, deliver };
}

const ISSUED = { type: "token.issued", id: "t", name: "ci", hash: "e4373ebe" };

describe("a line that is on disk", () => {
  it("becomes an event for each change, by topic, with the line's number and time", () => {
    const { hub, events } = play("tokens", "peers");
    hub.publishLine(
      lineOf(
        [
          { type: "token.revoked", id: "t" },
          { type: "peer.removed", id: "p" },
          { type: "node.renamed", name: "x" },
        ],
        { seq: 9 },
      ),
    );
    expect(events).toEqual([
      { topic: "tokens", seq: 9, at: AT, data: { type: "token.revoked", id: "t" } },
      { topic: "peers", seq: 9, at: AT, data: { type: "peer.removed", id: "p" } },
    ]);
  });

  it("is one event of audit, with who did it", () => {
    const { hub, events } = play("audit");
    hub.publishLine(
      lineOf(
        [
          { type: "pairing.closed", why: "expired" },
          { type: "node.renamed", name: "x" },
        ],
        { actor: "peer:a" },
      ),
    );
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      topic: "audit",
      data: { actor: "peer:a", operation: "Test", changes: [{ type: "pairing.closed" }, {}] },
    });
  });

  it("shows nobody a token's hash", () => {
    const { hub, events } = play("tokens", "audit");
    hub.publishLine(lineOf([ISSUED]));
    expect(events.map(({ topic }) => topic)).toEqual(["tokens", "audit"]);
    expect(JSON.stringify(events)).not.toContain(ISSUED.hash);
  });
});

describe("subscribing", () => {
  it("replaces what was subscribed to, and ends with an empty list", () => {
    const { hub, events, deliver } = play("tokens");
    hub.subscribe(deliver, ["node"]);
    hub.publishLine(lineOf([ISSUED, { type: "node.renamed", name: "x" }]));
    expect(events.map(({ topic }) => topic)).toEqual(["node"]);
    hub.subscribe(deliver, []);
    expect(["node", "tokens"].some((topic) => hub.hasSubscribers(topic))).toBe(false);
    hub.publishLine(lineOf([ISSUED]));
    expect(events).toHaveLength(1);
  });

  it("makes an event once for all", () => {
    const { hub, events } = play("tokens");
    const others: Event[] = [];
    hub.subscribe((event) => void others.push(event), ["tokens"]);
    hub.publishLine(lineOf([ISSUED]));
    expect(others[0]).toBe(events[0]);
  });

  it("is current unless there is nothing, or something missed is still to come", async () => {
    const { hub, deliver } = play("tokens");
    expect(hub.isCurrent(deliver)).toBe(true);
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const resumed = hub.resume(
      deliver,
      ["tokens"],
      (async function* () {
        await gate;
        yield lineOf([ISSUED]);
      })(),
    );
    expect(hub.isCurrent(deliver)).toBe(false);
    go();
    await resumed;
    expect(hub.isCurrent(deliver)).toBe(true);
    hub.unsubscribe(deliver);
    expect(hub.isCurrent(deliver)).toBe(false);
  });

  it("survives a subscriber that leaves while it is told", () => {
    const hub = new EventHub();
    const told: string[] = [];
    const leave = (): void => {
      told.push("leaver");
      hub.unsubscribe(leave);
    };
    hub.subscribe(leave, ["node", "audit"]);
    hub.subscribe(() => void told.push("stayer"), ["node"]);
    hub.publishLine(lineOf([{ type: "node.renamed", name: "x" }]));
    expect(told).toEqual(["leaver", "stayer"]);
  });
});
