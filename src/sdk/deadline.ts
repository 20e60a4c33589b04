/** Limits on a call: its time-out and the caller's own signal, joined to one signal with a coded reason. */

import { sayDuration } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";

/** What every call takes. */
export interface CallOptions {
  /** Ends the call with ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for this call instead of the client's. */
  readonly timeout?: number | undefined;
  /**
   * A key of the caller's own, 1 to 255 visible ASCII characters, by which a repeat of this change joins its first outcome
   * for ten minutes. Without one the client makes one for its own repeats.
   */
  readonly idempotencyKey?: string | undefined;
}

/** Call options with the time-out settled. */
type Limits = CallOptions & { readonly timeout: number };

/**
 * Runs `work` with a signal that ends it. Rejects with TIMEOUT or ABORTED as soon as that is due, even when `work`
 * does not listen; a signal that is aborted already keeps `work` from starting.
 */
export async function withDeadline<T>(limits: Limits, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { timeout, signal } = limits;
  if (signal?.aborted === true) throw aborted(signal);
  const controller = new AbortController();
  const abort = (): void => controller.abort(aborted(signal));
  const timer = setTimeout(() => controller.abort(timedOut(timeout)), timeout);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await untilAborted(controller.signal, work(controller.signal));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** Resolves as `promise` does, or rejects with the signal's reason first. What `promise` does later is dropped. */
export function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(reasonOf(signal));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Resolves after this many milliseconds, or as soon as the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}

/** Returns why the signal was aborted, as an error a caller may see. */
export function reasonOf(signal: AbortSignal): FleetError {
  const reason: unknown = signal.reason;
  return reason instanceof FleetError ? reason : aborted(signal);
}

function aborted(signal: AbortSignal | undefined): FleetError {
  return new FleetError("ABORTED", undefined, {}, { cause: signal?.reason });
}

function timedOut(timeout: number): FleetError {
  return new FleetError("TIMEOUT", `the node did not answer within ${timeout < 1000 ? `${timeout} ms` : sayDuration(timeout)}`, {
    timeout,
  });
}
