/** Time as an argument. This is the one file that reads the clock. */

export interface Clock {
  /** Wall time: milliseconds since the Unix epoch. May step back when the host's clock is set. */
  now(): number;
  /** Milliseconds since some fixed moment; never steps. For durations and deadlines. */
  elapsed(): number;
}

/** Held here, since Node finds its global through a getter at every use. */
const { performance } = globalThis;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
};

/** Returns a clock whose `now` never runs backwards, so that a clock set back revives nothing. */
export function forwardOnly(clock: Clock): Clock {
  let latest = Number.NEGATIVE_INFINITY;
  return {
    now: () => {
      latest = Math.max(latest, clock.now());
      return latest;
    },
    elapsed: () => clock.elapsed(),
  };
}

/** Texts kept below. A prime, so that now and 90 days from now, which are written together, fall on different places. */
const KEPT = 61;

const moments = new Float64Array(KEPT).fill(Number.NaN);
const texts: string[] = [];

/**
 * Returns RFC 3339 in UTC with milliseconds: `2026-11-21T20:00:00.000Z`. Many calls fall into
 * one millisecond and writing costs a third of a microsecond, so the latest texts are kept.
 */
export function timestamp(ms: number): string {
  const place = Math.abs(Math.trunc(ms)) % KEPT;
  const kept = moments[place] === ms ? texts[place] : undefined;
  if (kept !== undefined) return kept;
  const text = new Date(ms).toISOString();
  moments[place] = ms;
  texts[place] = text;
  return text;
}

const TIMESTAMP = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;

/**
 * Returns the milliseconds of an RFC 3339 UTC time with milliseconds; throws SyntaxError for any other text. Date.parse
 * takes 30 February and 24:00 for a later day, so the day it found is compared with the one written.
 */
export function fromTimestamp(text: string): number {
  const ms = TIMESTAMP.test(text) ? Date.parse(text) : Number.NaN;
  if (new Date(ms).getUTCDate() !== Number(text.slice(8, 10))) {
    throw new SyntaxError(`not a UTC time with milliseconds: ${JSON.stringify(text)}`);
  }
  return ms;
}
