/** Waiting with an end: what does not happen in time fails with the words of what was waited for. */

import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds that anything may take on a machine under load. */
export const PATIENCE = 30_000;

/** Resolves as `promise` does; rejects when it takes longer than `time` milliseconds. `state` is asked for what to say then. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  { time = PATIENCE, state = () => "" }: { readonly time?: number; readonly state?: () => string } = {},
): Promise<T> {
  const done = new AbortController();
  const late = pause(time, undefined, { signal: done.signal }).then(() => {
    throw new Error(`${what} took longer than ${time} ms\n${state()}`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    done.abort();
  }
}

/** Resolves to the first value of `look` that is not undefined, looking every 20 ms. */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>, what: string, time = PATIENCE): Promise<T> {
  const end = performance.now() + time;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what} did not happen within ${time} ms`);
    await pause(20);
  }
}
