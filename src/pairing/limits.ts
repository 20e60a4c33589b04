/**
 * Every limit of pairing in one place (docs/decisions/0002-pairing-limits.md). Durations are in seconds, as they are on
 * the wire.
 */

/** The shortest window. The default, 120 seconds, stands with the input of `OpenPairing`. */
export const MIN_WINDOW_SECONDS = 30;
/** The longest window that shows digits. */
export const MAX_WINDOW_SECONDS = 600;
/** The longest window with nothing but a link, whose secret cannot be guessed. */
export const MAX_LINK_WINDOW_SECONDS = 24 * 3600;

/** Digits of a code. */
export const CODE_DIGITS = 6;
/** Bytes of chance in a link. */
export const LINK_SECRET_BYTES = 16;

/** Guesses before the digits die. */
export const ATTEMPTS_PER_DIGITS = 5;
/** Guesses of them by one network (an IPv4 address, the /64 of an IPv6 address). */
export const ATTEMPTS_PER_NETWORK = 3;
/** Guesses over all windows; beyond them only the local socket opens one. */
export const ATTEMPTS_PER_HOUR = 20;
/** The same over a day. */
export const ATTEMPTS_PER_DAY = 60;

/** How long an exchange waits for its `finish`. */
export const EXCHANGE_SECONDS = 30;
/** Exchanges held at once, for each way: a crowd at the link cannot keep out who has the digits. */
export const EXCHANGES_HELD = 5;
/** Exchanges held at once by one network, for each way. */
export const EXCHANGES_PER_NETWORK = 2;
/** How long a byte-identical `finish` gets the same answer again. */
export const REPEAT_SECONDS = 60;
/** Answers kept for repeats, successes and failures each; beyond them the oldest goes. */
export const OUTCOMES_REMEMBERED = 16;

/** `begin` calls for a link a minute by one network: what the arithmetic may cost the node. */
export const LINK_BEGINS_PER_NETWORK = 10;
/** The same by everybody. */
export const LINK_BEGINS_PER_MINUTE = 120;
/** Attempts at one link that leave a line in the record; later ones are still answered. */
export const LINK_ATTEMPTS_RECORDED = 20;
