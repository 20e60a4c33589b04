/** Durations: milliseconds in code, `90d` for people. */

/** Milliseconds. */
export const SECOND = 1000;
/** Milliseconds. */
export const MINUTE = 60 * SECOND;
/** Milliseconds. */
export const HOUR = 60 * MINUTE;
/** Milliseconds, whatever a calendar says. */
export const DAY = 24 * HOUR;

const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY, y: 365 * DAY };

/** Returns the milliseconds of `120s`, `10m`, `24h`, `90d`, `2w` or `1y` (365 days); throws SyntaxError otherwise. */
export function parseDuration(text: string): number {
  const match = /^([1-9][0-9]{0,5})([smhdwy])$/.exec(text);
  const unit = UNITS[match?.[2] ?? ""];
  if (match === null || unit === undefined) {
    throw new SyntaxError(`${JSON.stringify(text)} is not a duration; write a number and one of s m h d w y, as in 90d`);
  }
  return Number(match[1]) * unit;
}

/** The share of a unit that may be missing: 90 days of which a minute has passed are still called 90 days. */
const NEARLY = 0.02;

/** Returns the duration in its largest unit, as people say it: `3 minutes`, `1 day`; a moment less than a day is `1 day` too. */
export function sayDuration(ms: number): string {
  const units: readonly (readonly [number, string])[] = [
    [DAY, "day"],
    [HOUR, "hour"],
    [MINUTE, "minute"],
    [SECOND, "second"],
  ];
  const countOf = (unit: number): number => Math.floor(Math.abs(ms) / unit + NEARLY);
  const [size, word] = units.find(([unit]) => countOf(unit) > 0) ?? [SECOND, "second"];
  const count = countOf(size);
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
