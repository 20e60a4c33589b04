import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { untilAborted, withDeadline } from "../../src/sdk/deadline.ts";
import { rejection } from "../foundation/refusal.ts";

const never = (): Promise<never> => new Promise(() => undefined);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("withDeadline", () => {
  it("resolves as the work does and leaves no timer", async () => {
    expect(await withDeadline({ timeout: 1000 }, () => Promise.resolve(7))).toBe(7);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("rejects with TIMEOUT although the work does not listen, and aborts its signal", async () => {
    let inner: AbortSignal | undefined;
    const call = rejection(
      withDeadline({ timeout: 30_000 }, (signal) => {
        inner = signal;
        return never();
      }),
    );
    await vi.advanceTimersByTimeAsync(29_999);
    expect(inner?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await call).toMatchObject({
      code: "TIMEOUT",
      message: "the node did not answer within 30 seconds",
      details: { timeout: 30_000 },
    });
    expect(inner?.aborted).toBe(true);
  });

  it("rejects with ABORTED and the caller's reason", async () => {
    const controller = new AbortController();
    const call = rejection(withDeadline({ timeout: 1000, signal: controller.signal }, never));
    controller.abort("enough");
    expect(await call).toMatchObject({ code: "ABORTED", cause: "enough" });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not start for a signal that is aborted already", async () => {
    const work = vi.fn(never);
    expect((await rejection(withDeadline({ timeout: 1000, signal: AbortSignal.abort() }, work))).code).toBe("ABORTED");
    expect(work).not.toHaveBeenCalled();
  });

  it("passes the work's own error on", async () => {
    await expect(withDeadline({ timeout: 1000 }, () => Promise.reject(new TypeError("odd")))).rejects.toThrow("odd");
  });
});

describe("untilAborted", () => {
  it("drops what fails after the signal", async () => {
    const controller = new AbortController();
    let fail: (error: Error) => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const waiting = rejection(untilAborted(controller.signal, late));
    controller.abort();
    expect((await waiting).code).toBe("ABORTED");
    fail(new Error("nobody listens, and nothing breaks"));
  });
});
