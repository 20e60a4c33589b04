/** When a token ends: what people write (`90d`, `never`, a date) and what programs send (`expiresAt`). */

import { fromTimestamp, timestamp } from "../foundation/clock.ts";
import { parseDuration } from "../foundation/durations.ts";
import { invalid } from "../wire/parse.ts";

/** What a request may say; neither means the configured default. */
export interface ExpiryRequest {
  /** RFC 3339 time, or null for never. */
  readonly expiresAt?: string | null | undefined;
  /** `never`, a duration, or a date. */
  readonly expires?: string | undefined;
}

const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const INTERNET_TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$/;
/** RFC 3339 has four digits for the year. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const EXPECTED = '"never", a duration such as 90d, a date such as 2027-01-31, or an RFC 3339 time';

/** What the configuration says of expiry: each `never` or a duration. */
export interface ExpirySettings {
  /** The life of a token whose creator says nothing. */
  readonly defaultExpiry: string;
  /** The longest life of a token, from when its expiry is decided. */
  readonly maxExpiry: string;
}

/**
 * Returns the end in RFC 3339 UTC with milliseconds, or null for never.
 * @param now milliseconds since the epoch
 * Throws INVALID_REQUEST for both members at once, for a time that is past or later than the configured most, and for
 * anything else.
 */
export function decideExpiry(request: ExpiryRequest, settings: ExpirySettings, now: number): string | null {
  const { expiresAt, expires } = request;
  if (expiresAt !== undefined && expires !== undefined) throw invalid("expires", "left out when expiresAt is given");
  if (expiresAt === undefined && expires === undefined) return boundedEnd(spanOf(settings.defaultExpiry), settings, now);
  const end = requestedEnd(request, now);
  const { maxExpiry } = settings;
  const most = spanOf(maxExpiry);
  if (most !== null && (end === null || fromTimestamp(end) > now + most)) {
    throw invalid(
      expiresAt === undefined ? "expires" : "expiresAt",
      `at most ${maxExpiry} from now: this node allows no longer life`,
    );
  }
  return end;
}

/** Returns the end of a life of `life` milliseconds (null: for ever) from now, within the configured most. */
export function boundedEnd(life: number | null, { maxExpiry }: ExpirySettings, now: number): string | null {
  const most = spanOf(maxExpiry);
  if (life === null) return most === null ? null : timestamp(now + most);
  return timestamp(now + Math.min(life, most ?? life));
}

/** Returns the milliseconds of a configured duration, null for `never`. */
function spanOf(setting: string): number | null {
  return setting === "never" ? null : parseDuration(setting);
}

function requestedEnd({ expiresAt, expires }: ExpiryRequest, now: number): string | null {
  if (expiresAt !== undefined) return expiresAt === null ? null : future(parseTime(expiresAt, "expiresAt"), "expiresAt", now);
  return parseExpiry(expires ?? "never", now);
}

function parseExpiry(text: string, now: number): string | null {
  if (text === "never") return null;
  // A date means the whole of that day is still good, in UTC.
  if (DATE.test(text)) return future(parseDay(text), "expires", now);
  if (INTERNET_TIME.test(text)) return future(parseTime(text, "expires"), "expires", now);
  return future(now + parseSpan(text), "expires", now);
}

function parseSpan(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw invalid("expires", EXPECTED);
  }
}

function parseDay(text: string): number {
  if (!isDay(text)) throw invalid("expires", EXPECTED);
  return fromTimestamp(`${text}T23:59:59.999Z`);
}

/** Returns whether the calendar has this day: Date.parse alone would take 31 February for 3 March. */
function isDay(text: string): boolean {
  const midnight = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight) && timestamp(midnight).startsWith(text);
}

function parseTime(text: string, field: string): number {
  const ms = INTERNET_TIME.test(text) && isDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw invalid(field, "an RFC 3339 time such as 2027-01-31T12:00:00Z");
  return ms;
}

function future(ms: number, field: string, now: number): string {
  if (ms <= now) throw invalid(field, "a time in the future");
  if (ms > LATEST) throw invalid(field, "before the year 10000; or never");
  return timestamp(ms);
}
