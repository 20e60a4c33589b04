/**
 * A pairing window: the minutes in which a code or a link is valid. It lives in memory and dies with the process.
 *
 * Digits can be guessed, so each set of them has few attempts and dies when they are spent; a link cannot, so strangers
 * who spend the digits never keep the owner out.
 */

import type { PublicKey } from "../crypto/p256.ts";
import { toBase64url } from "../foundation/bytes.ts";
import { SECOND } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";
import { type Random, randomDigits } from "../foundation/random.ts";
import type { Source } from "../foundation/source.ts";
import type { Channel, Role, Way } from "../foundation/vocabulary.ts";
import { invalid } from "../wire/parse.ts";
import type { AddressAttempts } from "./changes.ts";
import {
  ATTEMPTS_PER_DIGITS,
  ATTEMPTS_PER_NETWORK,
  CODE_DIGITS,
  LINK_ATTEMPTS_RECORDED,
  LINK_SECRET_BYTES,
  MAX_LINK_WINDOW_SECONDS,
  MAX_WINDOW_SECONDS,
  MIN_WINDOW_SECONDS,
} from "./limits.ts";
import { type VerifierRecord, verifierRecord } from "./profile.ts";

/** How a window was opened. */
export interface WindowOptions {
  /** The most that is granted. */
  readonly role: Role;
  /** `code`, `link`, or both. */
  readonly ways: readonly Way[];
  /** `blind` and `plain` where the opener allows them; `pinned` and `loopback` always are. */
  readonly channels: readonly Channel[];
  /** 30–600; up to 86,400 for a link alone. */
  readonly seconds: number;
  /** Takes this key only. */
  readonly forKey?: PublicKey;
  /** Who opened it: `local` for the Unix socket, else the peer. */
  readonly by: string;
}

/** What the opener is shown. Holds secrets: never logged, never announced. */
export interface WindowView {
  /** Absent once the digits are spent. */
  readonly code?: string;
  readonly linkSecret?: string;
  readonly role: Role;
  readonly ways: readonly Way[];
  readonly channels: readonly Channel[];
  readonly secondsLeft: number;
  /** Guesses left; null for a link alone. */
  readonly attemptsLeft: number | null;
  /** Who spent guesses in this window. */
  readonly addresses: readonly AddressAttempts[];
}

interface Secret {
  readonly text: string;
  readonly record: VerifierRecord;
}

interface Digits extends Secret {
  attemptsLeft: number;
  readonly byNetwork: Map<string, number>;
}

/** One window. */
export class PairingWindow {
  readonly options: WindowOptions;
  /** Milliseconds of `Clock.elapsed`. */
  readonly deadline: number;
  #digits: Digits | undefined;
  readonly #link: Secret | undefined;
  readonly #byAddress = new Map<string, number>();
  #linkAttempts = 0;

  /** Throws INVALID_REQUEST when ways or seconds are not what a window can have. */
  constructor(options: WindowOptions, now: number, random: Random) {
    requireOptions(options);
    this.options = options;
    this.deadline = now + options.seconds * SECOND;
    this.#digits = options.ways.includes("code") ? newDigits(random) : undefined;
    this.#link = options.ways.includes("link") ? newSecret(toBase64url(random.bytes(LINK_SECRET_BYTES))) : undefined;
  }

  /** Whether some secret can still be used. */
  get usable(): boolean {
    return this.secretOf("code") !== undefined || this.#link !== undefined;
  }

  /** Returns what the node keeps of the way's secret, or undefined when it was not offered or is spent. */
  secretOf(way: Way): VerifierRecord | undefined {
    if (way === "link") return this.#link?.record;
    return this.#digits !== undefined && this.#digits.attemptsLeft > 0 ? this.#digits.record : undefined;
  }

  /** Returns whether this network has guesses left; the window may have more for others. */
  hasGuessFor(network: string): boolean {
    return (this.#digits?.byNetwork.get(network) ?? 0) < ATTEMPTS_PER_NETWORK;
  }

  /** Counts a guess at the digits and returns how many are left. */
  spendGuess(source: Source): number {
    const digits = this.#digits;
    if (digits === undefined || digits.attemptsLeft === 0) throw new FleetError("PAIRING_CLOSED");
    digits.attemptsLeft -= 1;
    count(digits.byNetwork, source.network);
    count(this.#byAddress, source.address);
    return digits.attemptsLeft;
  }

  /** Counts an attempt at the link and returns whether it still leaves a line. */
  recordsLinkAttempt(): boolean {
    this.#linkAttempts += 1;
    return this.#linkAttempts <= LINK_ATTEMPTS_RECORDED;
  }

  /** Shows new digits with fresh attempts; throws PAIRING_CLOSED when the window never had any. */
  renewDigits(random: Random): void {
    if (this.#digits === undefined)
      throw new FleetError("PAIRING_CLOSED", "this window has a link only; close it and open one with a code");
    this.#digits = newDigits(random);
  }

  get addresses(): readonly AddressAttempts[] {
    return [...this.#byAddress].map(([address, attempts]) => ({ address, attempts }));
  }

  view(now: number): WindowView {
    const { role, ways, channels } = this.options;
    const digits = this.#digits;
    return {
      ...(digits !== undefined && digits.attemptsLeft > 0 ? { code: digits.text } : {}),
      ...(this.#link === undefined ? {} : { linkSecret: this.#link.text }),
      role,
      ways,
      channels,
      secondsLeft: this.secondsLeft(now),
      attemptsLeft: digits?.attemptsLeft ?? null,
      addresses: this.addresses,
    };
  }

  secondsLeft(now: number): number {
    return Math.max(0, Math.ceil((this.deadline - now) / SECOND));
  }
}

function requireOptions({ ways, seconds }: WindowOptions): void {
  if (ways.length === 0) throw invalid("ways", "code, link or both");
  const most = ways.includes("code") ? MAX_WINDOW_SECONDS : MAX_LINK_WINDOW_SECONDS;
  if (!Number.isInteger(seconds) || seconds < MIN_WINDOW_SECONDS || seconds > most) {
    throw invalid(
      "seconds",
      `a whole number from ${MIN_WINDOW_SECONDS} to ${most}${ways.includes("code") ? "; a link alone may last longer" : ""}`,
    );
  }
}

function newDigits(random: Random): Digits {
  return { ...newSecret(randomDigits(random, CODE_DIGITS)), attemptsLeft: ATTEMPTS_PER_DIGITS, byNetwork: new Map() };
}

function newSecret(text: string): Secret {
  return { text, record: verifierRecord(text) };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
