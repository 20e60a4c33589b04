import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ErrorCode, FleetError, isFleetError } from "../../src/foundation/errors.ts";
import type { Random } from "../../src/foundation/random.ts";
import { waitAfter } from "../../src/sdk/backoff.ts";
import { Caller, type CallerParts } from "../../src/sdk/caller.ts";
import { Client } from "../../src/sdk/client.ts";
import { findLocalContact } from "../../src/sdk/contact.ts";
import { SeededRandom } from "../foundation/doubles.ts";
import { rejection } from "../foundation/refusal.ts";
import { type Answerer, FakeTransport, json } from "./fake-transport.ts";

const seeded = new SeededRandom();

/** Draws nearly the largest number for every wait; keys are made of what it draws as well. */
const longest: Random = { bytes: (length) => (length === 4 ? Uint8Array.of(255, 255, 255, 0) : seeded.bytes(length)) };

const cut = (reason = "ECONNRESET"): FleetError => new FleetError("CONNECTION_FAILED", "the connection was cut", { reason });
const refuse = (status: number, code: string, headers = {}): Answerer => {
  return () => json(status, { code, error: "no" }, headers);
};

/** A client whose first requests go to these, in turn; what comes after them is answered. */
function clientThatMeets(troubles: readonly (FleetError | Answerer)[], parts: Partial<CallerParts> = {}) {
  const left = [...troubles];
  const transport = new FakeTransport(undefined, (request) => {
    const trouble = left.shift();
    if (isFleetError(trouble)) throw trouble;
    return trouble === undefined ? json(200, { id: "t" }) : trouble(request);
  });
  const client = new Client(new Caller({ transport, find: findLocalContact, timeout: 30_000, random: longest, ...parts }));
  const keys = (): unknown[] => transport.requests.map(({ headers }) => headers["idempotency-key"]);
  return { client, keys, sent: () => transport.requests.length };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a call that may succeed later", () => {
  it.each([
    ["was cut", cut()],
    ["did not reach the node", cut("ECONNREFUSED")],
    ["met a node that stops", refuse(503, "SHUTTING_DOWN")],
    ["met too many others", refuse(429, "RATE_LIMITED")],
    ["is busy for a reason of a newer node", refuse(503, "QUEUE_FULL")],
  ])("is sent twice more when it %s, at growing distances, with the same key", async (_, trouble) => {
    const { client, keys, sent } = clientThatMeets([trouble, trouble]);
    const call = client.generateAPIToken("ci");
    await vi.advanceTimersByTimeAsync(490);
    expect(sent()).toBe(1);
    await vi.advanceTimersByTimeAsync(10);
    expect(sent()).toBe(2);
    await vi.advanceTimersByTimeAsync(980);
    expect(sent()).toBe(2);
    await vi.advanceTimersByTimeAsync(20);
    expect(await call).toEqual({ id: "t" });
    expect(new Set(keys()).size).toBe(1);
    expect(keys()[0]).toMatch(/^[0-9A-Za-z]{22}$/);
  });

  it("is given up with the last error", async () => {
    const { client, sent } = clientThatMeets([cut("ECONNREFUSED"), cut("ECONNREFUSED"), cut("ECONNRESET")]);
    const refused = rejection(client.getNodeInfo());
    await vi.runAllTimersAsync();
    expect((await refused).details["reason"]).toBe("ECONNRESET");
    expect(sent()).toBe(3);
  });

  it("is sent as often as the client was told", async () => {
    const never = clientThatMeets([cut()], { retries: 0 });
    expect((await rejection(never.client.getNodeInfo())).code).toBe("CONNECTION_FAILED");
    const often = clientThatMeets([cut(), cut(), cut(), cut(), cut()], { retries: 5 });
    const call = often.client.getNodeInfo();
    await vi.runAllTimersAsync();
    expect(await call).toEqual({ id: "t" });
  });

  it("waits as long as Retry-After says, and longer by chance", async () => {
    const { client, sent } = clientThatMeets([refuse(429, "RATE_LIMITED", { "retry-after": "7" })]);
    const call = client.getNodeInfo();
    await vi.advanceTimersByTimeAsync(7_480);
    expect(sent()).toBe(1);
    await vi.advanceTimersByTimeAsync(20);
    expect(await call).toEqual({ id: "t" });
  });

  it("is given up at once when its time is over before that", async () => {
    const { client, sent } = clientThatMeets([refuse(429, "RATE_LIMITED", { "retry-after": "60" })]);
    expect(await rejection(client.getNodeInfo())).toMatchObject({ code: "RATE_LIMITED", details: { retryAfter: 60 } });
    expect(sent()).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("stops waiting for its signal and its time-out", async () => {
    const controller = new AbortController();
    const { client, sent } = clientThatMeets([cut(), cut()]);
    const refused = rejection(client.getNodeInfo({ signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(10);
    controller.abort();
    expect((await refused).code).toBe("ABORTED");
    await vi.runAllTimersAsync();
    expect(sent()).toBe(1);
  });

  it("tells when it was carried out before and its secret is lost", async () => {
    const known: Answerer = () => json(409, { code: "IDEMPOTENCY_KNOWN", error: "known", ids: ["t1"] });
    const { client } = clientThatMeets([cut(), known]);
    const refused = rejection(client.generateAPIToken("ci"));
    await vi.runAllTimersAsync();
    expect(await refused).toMatchObject({ code: "IDEMPOTENCY_KNOWN", details: { ids: ["t1"] } });
  });
});

describe("a call that will not", () => {
  it.each([
    ["NODE_MISMATCH", new FleetError("NODE_MISMATCH")],
    ["TOKEN_REVOKED", refuse(401, "TOKEN_REVOKED")],
    ["INTERNAL", refuse(500, "INTERNAL")],
    ["STORAGE_FULL", refuse(507, "STORAGE_FULL")],
    ["NOT_READY", refuse(503, "NOT_READY")],
  ] satisfies readonly (readonly [ErrorCode, FleetError | Answerer])[])("is sent once: %s", async (code, trouble) => {
    const { client, sent } = clientThatMeets([trouble]);
    expect((await rejection(client.getReady())).code).toBe(code);
    expect(sent()).toBe(1);
  });

  it("is sent once where each try costs something", async () => {
    const { client, sent } = clientThatMeets([cut()]);
    expect((await rejection(client.call("BeginPairing", {} as never))).code).toBe("CONNECTION_FAILED");
    expect(sent()).toBe(1);
  });
});

describe("waits", () => {
  it("are uniform below a bound that doubles up to the longest", () => {
    const random = new SeededRandom();
    for (const [failures, bound] of [
      [1, 500],
      [2, 1000],
      [3, 2000],
      [9, 8000],
    ] as const) {
      const waits = Array.from({ length: 400 }, () => waitAfter(cut(), failures, { first: 500, longest: 8000 }, random));
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
      expect(Math.min(...waits)).toBeLessThan(bound * 0.05);
      expect(Math.max(...waits)).toBeLessThan(bound);
      expect(Math.max(...waits)).toBeGreaterThan(bound * 0.95);
    }
  });
});

describe("a node that asks for a wait", () => {
  it.each([30, 3601, 2_200_000, 1e300, Number.POSITIVE_INFINITY])("of %d s gets it, and at most an hour of it", (retryAfter) => {
    const error = new FleetError("SHUTTING_DOWN", "later", { retryAfter });
    const wait = waitAfter(error, 1, { first: 500, longest: 8000 }, longest);
    expect(wait).toBeGreaterThanOrEqual(Math.min(retryAfter, 3600) * 1000);
    expect(wait).toBeLessThan(3_600_500); // a timer that overflows goes off at once, again and again
  });
});

describe("a key of the caller's own", () => {
  it("goes instead of the client's, which makes a new one for every call", async () => {
    const { client, keys } = clientThatMeets([]);
    await client.generateAPIToken("ci", "readOnly", { idempotencyKey: "deploy-7" });
    await client.getNodeInfo();
    await client.getNodeInfo();
    expect(keys()[0]).toBe("deploy-7");
    expect(new Set(keys()).size).toBe(3);
  });
});
