import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { FleetError, isFleetError } from "../../src/foundation/errors.ts";
import { Caller } from "../../src/sdk/caller.ts";
import { Client } from "../../src/sdk/client.ts";
import { findLocalContact } from "../../src/sdk/contact.ts";
import type { EventsOptions, EventsState } from "../../src/sdk/event-stream.ts";
import { MAX_UNREAD, MAX_UNREAD_LENGTH } from "../../src/sdk/events.ts";
import type { FleetEvent, MachineFigures, Topic } from "../../src/sdk/shapes.ts";
import { SeededRandom } from "../foundation/doubles.ts";
import { refusal, rejection } from "../foundation/refusal.ts";
import { type FakeSocket, FakeTransport } from "./fake-transport.ts";

const hello = { method: "hello", params: { protocol: { min: 1, max: 1 }, nodeId: "n" } };
const event = (seq: number, topic = "tokens"): object => ({ method: "event", params: { topic, seq, at: "", data: {} } });
const position = (seq: number): object => ({ method: "position", params: { seq } });

/** What the node does with each socket: it greets, and answers a subscription with these. */
interface Script {
  /** Sent before the answer: what was missed. */
  readonly missed?: readonly object[];
  readonly answer?: object;
  /** Sent after it. */
  readonly after?: (socket: FakeSocket) => void;
}

/** A client whose sockets go by these scripts, in turn; an error is a failed connection. */
function clientOf(...scripts: readonly (Script | FleetError)[]) {
  const left = [...scripts];
  const transport = new FakeTransport(undefined);
  transport.onSocket = (socket) => {
    const script = left.shift() ?? {};
    if (isFleetError(script)) throw script;
    socket.onSend = ({ id }) => {
      for (const frame of script.missed ?? []) socket.say(frame);
      socket.say({ id, ...(script.answer ?? { result: { topics: [], seq: 10 } }) });
      script.after?.(socket);
    };
    socket.say(hello);
  };
  const random = new SeededRandom();
  const client = new Client(new Caller({ transport, find: findLocalContact, timeout: 1000, retries: 0, random }));
  const subscribed = (): unknown[] => transport.sockets.map(({ sent }) => sent[0]?.["params"]);
  return { client, transport, subscribed };
}

/** Takes this many events and leaves. */
async function take(count: number, events: AsyncIterable<FleetEvent>): Promise<readonly (number | undefined)[]> {
  const taken: (number | undefined)[] = [];
  for await (const { seq } of events) if (taken.push(seq) === count) break;
  return taken;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets timers run until the promise is settled. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  const state: { isOver: boolean } = { isOver: false };
  const over = (): void => {
    state.isOver = true;
  };
  promise.then(over, over);
  for (let i = 0; i < 200 && !state.isOver; i++) await vi.advanceTimersByTimeAsync(1000);
  return promise;
}

describe("events", () => {
  it("are typed by their topic", () => {
    const { client } = clientOf();
    const events = client.events(["tokens", "node.stats"]);
    expectTypeOf(events).toEqualTypeOf<AsyncIterableIterator<FleetEvent<"tokens" | "node.stats">>>();
    const narrow = (one: FleetEvent): void => {
      if (one.topic === "node.stats") expectTypeOf(one.data).toEqualTypeOf<MachineFigures>();
      if (one.topic === "node.stats") expectTypeOf(one.seq).toEqualTypeOf<undefined>();
      if (one.topic === "tokens" && one.data.type === "token.issued")
        expectTypeOf(one.data.scopes).toEqualTypeOf<readonly string[]>();
    };
    expect(narrow).toBeTypeOf("function");
  });

  it("come from the first `next` on, and the socket closes when they are left", async () => {
    const { client, transport, subscribed } = clientOf({ after: (socket) => socket.say(event(11)) });
    const events = client.events(["tokens"], { interval: 7 });
    expect(transport.sockets).toEqual([]);
    expect(await take(1, events)).toEqual([11]);
    expect(subscribed()).toEqual([{ topics: ["tokens"], interval: 7 }]);
    expect(transport.sockets[0]?.closes).toEqual([{ code: 1000, reason: "" }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ["the node stops", 1001, "stopping"],
    ["the connection is lost", 1006, ""],
    ["they are read too slowly", 4408, "reads too slowly"],
    ["there are too many calls", 4429, "too many"],
    ["the peer paired anew", 4401, "re-registered"],
  ])("go on behind the last one when %s", async (_, code, reason) => {
    const states: EventsState[] = [];
    const onState = (state: EventsState): void => void states.push(state);
    const { client, subscribed } = clientOf(
      {
        after: (socket) => {
          socket.say(event(11));
          socket.listener.closed(code, reason);
        },
      },
      new FleetError("CONNECTION_FAILED"),
      { missed: [event(11), event(12)], after: (socket) => socket.say(event(13)) },
    );
    expect(await settled(take(3, client.events(["tokens"], { onState })))).toEqual([11, 12, 13]);
    expect(subscribed()).toEqual([{ topics: ["tokens"] }, undefined, { topics: ["tokens"], since: 10 }]);
    expect(states.map(({ state }) => state)).toEqual(["open", "lost", "lost", "open"]);
    expect(states[2]).toMatchObject({ error: { code: "CONNECTION_FAILED" } });
  });

  it("begin where they are told, and come back from the position when none came", async () => {
    const { client, subscribed } = clientOf(
      {
        after: (socket) => {
          socket.say(position(500));
          socket.listener.closed(1006, "");
        },
      },
      { missed: [event(501)] },
    );
    expect(await settled(take(1, client.events(["peers"], { since: 3 })))).toEqual([501]);
    expect(subscribed()).toMatchObject([{ since: 3 }, { since: 500 }]);
  });

  it("are taken although the connection is lost before all that was missed has come", async () => {
    const cutShort: Script = { missed: [event(11), event(12)], after: (socket) => socket.listener.closed(1006, "") };
    const { client, subscribed } = clientOf({ ...cutShort, answer: { id: -1, result: {} } }, { missed: [event(12), event(13)] });
    expect(await settled(take(3, client.events(["tokens"], { since: 10 })))).toEqual([11, 12, 13]);
    expect(subscribed()).toMatchObject([{ since: 10 }, { since: 11 }]);
  });

  it("come back from where they subscribed when nothing was heard at all", async () => {
    const { client, subscribed } = clientOf({ after: (socket) => socket.listener.closed(1006, "") }, { missed: [event(11)] });
    expect(await settled(take(1, client.events(["peers"])))).toEqual([11]);
    expect(subscribed()).toMatchObject([{}, { since: 10 }]);
  });

  it("are taken up again when the node is silent, and not while it says how far it is", async () => {
    const { client, transport } = clientOf({}, { missed: [event(11)] });
    const reading = take(1, client.events(["tokens"]));
    for (let minute = 0; minute < 10; minute++) {
      await vi.advanceTimersByTimeAsync(30_000);
      transport.sockets[0]?.say(position(10));
      expect(transport.sockets).toHaveLength(1);
    }
    await vi.advanceTimersByTimeAsync(80_000);
    expect(await settled(reading)).toEqual([11]);
    expect(transport.sockets).toHaveLength(2);
  });

  it("left unread by a slow reader are bounded, and the rest is asked for again", async () => {
    const flood = Array.from({ length: MAX_UNREAD + 5 }, (_, index) => event(11 + index));
    const rest = Array.from({ length: 10 }, (_, index) => event(MAX_UNREAD + 10 + index));
    const { client, subscribed } = clientOf(
      {
        after: (socket) => {
          for (const frame of flood) socket.say(frame);
        },
      },
      { missed: rest },
    );
    const taken = await settled(take(MAX_UNREAD + 9, client.events(["tokens"])));
    expect(taken).toEqual(Array.from({ length: MAX_UNREAD + 9 }, (_, index) => 11 + index));
    expect(subscribed()[1]).toMatchObject({ since: MAX_UNREAD + 9 });
  });

  it("are bounded by what they hold as well", async () => {
    const large = (seq: number): object => ({
      method: "event",
      params: { topic: "tokens", seq, at: "", data: { note: "x".repeat(MAX_UNREAD_LENGTH / 3) } },
    });
    const { client, subscribed } = clientOf(
      {
        after: (socket) => {
          for (let seq = 11; seq <= 15; seq++) socket.say(large(seq));
        },
      },
      { missed: [large(13), large(14), large(15)] }, // 13 may have been cut in two
    );
    expect(await settled(take(5, client.events(["tokens"])))).toEqual([11, 12, 13, 14, 15]);
    expect(subscribed()[1]).toMatchObject({ since: 12 });
  });

  it.each([
    ["the credential ended", { after: (socket: FakeSocket) => socket.listener.closed(4401, "revoked") }, "CREDENTIAL_ENDED"],
    ["the node refuses", { after: (socket: FakeSocket) => socket.listener.closed(4403, "") }, "CONNECTION_CLOSED"],
    ["too much was missed", gone("RESUME_GONE"), "RESUME_GONE"],
    ["a scope is missing", gone("INSUFFICIENT_SCOPE"), "INSUFFICIENT_SCOPE"],
    ["another node is there", new FleetError("NODE_MISMATCH"), "NODE_MISMATCH"],
    ["the token was revoked meanwhile", new FleetError("TOKEN_REVOKED"), "TOKEN_REVOKED"],
  ])("end with the reason when %s, at first and after a break", async (_, script, code) => {
    const early = clientOf(script);
    expect((await settled(rejection(take(1, early.client.events(["tokens"]))))).code).toBe(code);
    expect(early.transport.upgrades).toHaveLength(1);
    const late = clientOf({ after: (socket) => socket.listener.closed(1006, "") }, script);
    expect((await settled(rejection(take(1, late.client.events(["tokens"]))))).code).toBe(code);
    expect(late.transport.upgrades).toHaveLength(2);
  });

  it("reject when the first connection fails, and connect again when asked again", async () => {
    const { client } = clientOf(new FleetError("CONNECTION_FAILED"), { after: (socket) => socket.say(event(11)) });
    expect((await rejection(take(1, client.events(["tokens"])))).code).toBe("CONNECTION_FAILED");
    expect(await take(1, client.events(["tokens"]))).toEqual([11]);
  });

  it("end for their signal, whatever they wait for", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const { client, transport } = clientOf({}, new FleetError("CONNECTION_FAILED"));
    const [listening, waiting] = [client, clientOf({ after: (socket) => socket.listener.closed(1006, "") }).client].map((one) =>
      rejection(take(1, one.events(["tokens"], { signal }))),
    );
    await vi.advanceTimersByTimeAsync(0);
    controller.abort();
    expect((await listening)?.code).toBe("ABORTED");
    expect((await waiting)?.code).toBe("ABORTED");
    expect(transport.sockets[0]?.closes).toHaveLength(1);
    expect((await rejection(take(1, client.events(["tokens"], { signal })))).code).toBe("ABORTED");
    expect(transport.sockets).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("end for their signal with some unread", async () => {
    const controller = new AbortController();
    const three = (socket: FakeSocket): void => {
      for (const seq of [11, 12, 13]) socket.say(event(seq));
    };
    const { client } = clientOf({ after: three });
    const events = client.events(["tokens"], { signal: controller.signal });
    expect((await events.next()).value).toMatchObject({ seq: 11 });
    controller.abort();
    expect((await rejection(events.next())).code).toBe("ABORTED");
    expect((await events.next()).done).toBe(true);
  });

  it("end quietly when they are returned while one is waited for", async () => {
    const { client, transport } = clientOf({});
    const events = client.events(["tokens"]);
    const next = events.next();
    await vi.advanceTimersByTimeAsync(0);
    expect(await events.return?.()).toEqual({ done: true, value: undefined });
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(transport.sockets[0]?.closes).toHaveLength(1);
  });

  it.each<[string, readonly Topic[], EventsOptions]>([
    ["no topic", [], {}],
    ["a place that is none", ["tokens"], { since: -1 }],
    ["an interval out of range", ["node.stats"], { interval: 0 }],
  ])("are refused with %s, before anything is sent", (_, topics, options) => {
    const { client, transport } = clientOf();
    expect(refusal(() => client.events(topics, options)).code).toBe("INVALID_OPTIONS");
    expect(transport.sockets).toEqual([]);
  });
});

function gone(code: string): Script {
  return { answer: { error: { code: -32000, message: "no", data: { code, status: 410 } } } };
}
