/**
 * The answering side of pairing (docs/protocol/03-pairing.md): the node, which is the verifier of SPAKE2+.
 *
 * It holds the window, its exchanges and all counts in memory, and touches no file. Every call returns what was decided
 * and the changes for the record. The caller commits these before the answer leaves, also when the decision is an error.
 *
 * The order of checks in `begin` is the security: window, key, way, channel, guesses. The attempt is counted in the same
 * tick, before any arithmetic with the secret, so neither a race nor a failure gives a stranger a guess for free.
 */

import { verify } from "../crypto/ecdsa.ts";
import { type PublicKey, parsePublicKey } from "../crypto/p256.ts";
import type { SecretKey } from "../crypto/secret-key.ts";
import { constantTimeEqual } from "../foundation/bytes.ts";
import type { Clock } from "../foundation/clock.ts";
import { SECOND } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Random } from "../foundation/random.ts";
import type { Source } from "../foundation/source.ts";
import { ROLES, type Role } from "../foundation/vocabulary.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import { type BeginAnswer, type BeginRequest, type FinishAnswer, type FinishRequest, PAIRING_VERSION } from "../wire/pairing.ts";
import { invalid } from "../wire/parse.ts";
import { AttemptBudget, LinkPace } from "./attempts.ts";
import {
  attempted,
  type Decision,
  failed,
  opened,
  type PairingChange,
  type PairingClosed,
  paired,
  type Registration,
} from "./changes.ts";
import { fits, requireChannel } from "./channels.ts";
import { type Exchange, ExchangeTable, OutcomeMemory, wipe } from "./exchanges.ts";
import { EXCHANGE_SECONDS } from "./limits.ts";
import { clientProofMessage, type VerifierRecord } from "./profile.ts";
import { answerShare, proveNode } from "./verifier.ts";
import { PairingWindow, type WindowOptions, type WindowView } from "./window.ts";

/** A finished exchange: the answer, and the peer to record, absent when the same `finish` was answered before. */
export interface Finished {
  readonly answer: FinishAnswer;
  readonly registration?: Registration;
}

/** The node's side of pairing, from the first window to the last. */
export class PairingDesk {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #key: SecretKey;
  #window: PairingWindow | undefined;
  readonly #exchanges = new ExchangeTable();
  readonly #outcomes = new OutcomeMemory();
  readonly #budget = new AttemptBudget();
  readonly #linkPace = new LinkPace();

  constructor(parts: { readonly clock: Clock; readonly random: Random; readonly key: SecretKey }) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#key = parts.key;
  }

  /** Opens a window: PAIRING_OPEN when one is usable, PAIRING_BUSY when guesses are used up and `by` is not `local`. */
  open(options: WindowOptions): Decision<WindowView> {
    return this.#decide((changes) => {
      if (this.#window?.usable === true) throw new FleetError("PAIRING_OPEN");
      this.#requireBudget(options.by);
      if (options.forKey !== undefined) this.#requireForeign(options.forKey);
      const window = new PairingWindow(options, this.#now, this.#random);
      changes.push(
        ...this.#end("replaced"),
        opened(options.forKey === undefined ? options : { ...options, forNode: nodeIdOf(options.forKey) }),
      );
      this.#window = window;
      return window.view(this.#now);
    });
  }

  /**
   * Shows new digits in the open window, which ends what was begun with the old ones; PAIRING_BUSY as for `open`,
   * PAIRING_CLOSED without a window that has digits.
   */
  newDigits(by: string): Decision<WindowView> {
    return this.#decide((changes) => {
      const window = this.#requireWindow();
      this.#requireBudget(by);
      window.renewDigits(this.#random);
      changes.push(...this.#exchanges.takeAll("code").flatMap((exchange) => dropped(exchange, "unfinished")));
      changes.push({ type: "pairing.renewed", by });
      return window.view(this.#now);
    });
  }

  /** Ends the window and its exchanges; PAIRING_CLOSED when there is none. */
  close(): Decision<undefined> {
    return this.#decide((changes) => {
      this.#requireWindow();
      changes.push(...this.#end("closed"));
      return undefined;
    });
  }

  /** Returns what the opener sees, or undefined without a window. Holds the secrets. */
  view(): WindowView | undefined {
    return this.#live?.view(this.#now);
  }

  /** Whether somebody could pair now; this much is public. */
  get isOpen(): boolean {
    return this.#live?.usable === true;
  }

  /** Answers a `begin` from `source`. Nothing is counted for PAIRING_CLOSED, PAIRING_CHANNEL, PAIRING_OWN_KEY, PAIRING_BUSY. */
  begin(message: BeginRequest, source: Source, nodeName: string): Decision<BeginAnswer> {
    return this.#decide((changes) => {
      const { window, secret, clientKey } = this.#admit(message, source);
      const { attemptsLeft, recorded } = this.#spend(window, message, source);
      const peer = registration(message, clientKey, grantedRole(window, message), source);
      if (recorded) changes.push(attempted(peer, attemptsLeft));
      if (attemptsLeft === 0) changes.push({ type: "pairing.locked", addresses: window.addresses });
      const sid = this.#random.bytes(16);
      const saying = { sid, nodeKey: this.#key.publicKey, nodeName, peer };
      const { share, agreement } = answerShare(message, secret, saying, this.#random);
      const deadline = Math.min(this.#now + EXCHANGE_SECONDS * SECOND, window.deadline);
      this.#exchanges.hold({ sid, network: source.network, deadline, agreement, nodeName, peer, recorded });
      return {
        maxVersion: PAIRING_VERSION,
        sid,
        nodeKey: saying.nodeKey,
        nodeName,
        role: peer.role,
        share,
        confirm: agreement.confirmV,
        attemptsLeft,
        secondsLeft: window.secondsLeft(this.#now),
      };
    });
  }

  /** Answers a `finish`: success closes the window, and its peer must be durable before the answer leaves. */
  finish(message: FinishRequest, source: Source): Decision<Finished> {
    return this.#decide((changes) => {
      const known = this.#outcomes.recall(message, this.#now);
      if (known !== undefined) return repeated(known);
      const exchange = this.#exchanges.take(message.sid);
      if (exchange === undefined) throw new FleetError("PAIRING_UNKNOWN_EXCHANGE");
      const why = refusal(exchange, message, source);
      if (why !== undefined) {
        const error = new FleetError(why);
        this.#outcomes.remember(message, { error }, this.#now);
        changes.push(...dropped(exchange, why));
        throw error;
      }
      const answer = proveNode(exchange, this.#key);
      this.#outcomes.remember(message, { answer }, this.#now);
      changes.push(paired(exchange.peer), ...this.#end("paired"));
      return { answer, registration: exchange.peer };
    });
  }

  /** Forgets answers kept for repeats: to be called when what they told of could not be made durable. */
  forgetOutcomes(): void {
    this.#outcomes.clear();
  }

  /** Drops what is over and returns the lines of it; for a timer at `nextDeadline`. */
  expire(): readonly PairingChange[] {
    const unfinished = this.#exchanges.takeExpired(this.#now).flatMap((exchange) => dropped(exchange, "unfinished"));
    const over = this.#window !== undefined && this.#window.deadline <= this.#now;
    return over ? [...unfinished, ...this.#end("expired")] : unfinished;
  }

  /** Milliseconds of `Clock.elapsed` at which `expire` has something to do, or undefined. */
  get nextDeadline(): number | undefined {
    const deadlines = [this.#window?.deadline, this.#exchanges.nextDeadline].filter((deadline) => deadline !== undefined);
    return deadlines.length === 0 ? undefined : Math.min(...deadlines);
  }

  get #now(): number {
    return this.#clock.elapsed();
  }

  get #live(): PairingWindow | undefined {
    return this.#window !== undefined && this.#window.deadline > this.#now ? this.#window : undefined;
  }

  #decide<T>(work: (changes: PairingChange[]) => T): Decision<T> {
    const changes = [...this.expire()];
    try {
      const answer = work(changes);
      return { changes, answer };
    } catch (error) {
      if (!(error instanceof FleetError)) throw error;
      return { changes, error };
    }
  }

  #end(why: PairingClosed["why"]): PairingClosed[] {
    if (this.#window === undefined) return [];
    this.#window = undefined;
    this.#exchanges.clear();
    return [{ type: "pairing.closed", why }];
  }

  #requireWindow(): PairingWindow {
    if (this.#live === undefined) throw new FleetError("PAIRING_CLOSED");
    return this.#live;
  }

  #requireBudget(by: string): void {
    const retryAfter = by === "local" ? 0 : this.#budget.secondsUntilFree(this.#now);
    if (retryAfter > 0) throw busy("too many codes were tried lately; open a window on the node itself", retryAfter);
  }

  #requireForeign(key: Uint8Array): void {
    if (constantTimeEqual(key, this.#key.publicKey)) throw new FleetError("PAIRING_OWN_KEY");
  }

  /** Everything that refuses without counting. */
  #admit(message: BeginRequest, source: Source): { window: PairingWindow; secret: VerifierRecord; clientKey: PublicKey } {
    const window = this.#requireWindow();
    this.#requireForeign(message.clientKey);
    const { forKey, by, channels } = window.options;
    if (forKey !== undefined && !constantTimeEqual(forKey, message.clientKey)) {
      throw new FleetError("PAIRING_CLOSED", "the pairing window is open for another key");
    }
    const secret = window.secretOf(message.way);
    if (secret === undefined) throw new FleetError("PAIRING_CLOSED", `no ${message.way} is valid at the moment`);
    requireChannel(message.channel, source, channels);
    const clientKey = requirePoint(message.clientKey, "clientKey");
    requirePoint(message.share, "share");
    const free = this.#exchanges.busyUntil(message.way, source.network);
    if (free !== undefined) throw busy("too many pairings are under way", Math.ceil((free - this.#now) / SECOND));
    if (message.way === "code") this.#requireGuess(window, source, by);
    return { window, secret, clientKey };
  }

  #requireGuess(window: PairingWindow, source: Source, by: string): void {
    if (!window.hasGuessFor(source.network)) throw busy("too many codes were tried from here", window.secondsLeft(this.#now));
    this.#requireBudget(by);
  }

  #spend(window: PairingWindow, message: BeginRequest, source: Source): { attemptsLeft: number | null; recorded: boolean } {
    if (message.way === "code") {
      this.#budget.spend(this.#now);
      return { attemptsLeft: window.spendGuess(source), recorded: true };
    }
    const retryAfter = this.#linkPace.take(source.network, this.#now);
    if (retryAfter > 0) throw busy("too many pairings were begun lately", retryAfter);
    return { attemptsLeft: null, recorded: window.recordsLinkAttempt() };
  }
}

function requirePoint(bytes: Uint8Array, field: string): PublicKey {
  try {
    return parsePublicKey(bytes);
  } catch {
    throw invalid(field, "a point on P-256");
  }
}

/** The window's role, or less when the client asks for less. */
function grantedRole(window: PairingWindow, message: BeginRequest): Role {
  const most = window.options.role;
  return message.role !== undefined && ROLES.indexOf(message.role) < ROLES.indexOf(most) ? message.role : most;
}

/** Why this `finish` fails, or undefined when client and key are proven. */
function refusal({ agreement, peer }: Exchange, message: FinishRequest, source: Source): PairingRefusal | undefined {
  if (!fits(peer.channel, source)) return "PAIRING_CHANNEL";
  if (!constantTimeEqual(agreement.confirmP, message.confirm)) return "PAIRING_WRONG_CODE";
  return verify(peer.key, clientProofMessage(agreement.bind), message.proof) ? undefined : "PAIRING_BAD_PROOF";
}

type PairingRefusal = "PAIRING_CHANNEL" | "PAIRING_WRONG_CODE" | "PAIRING_BAD_PROOF";

function repeated(known: { answer: FinishAnswer } | { error: FleetError }): Finished {
  if ("error" in known) throw known.error;
  return { answer: known.answer };
}

function registration(message: BeginRequest, key: PublicKey, role: Role, source: Source): Registration {
  const { name, kind, channel, way } = message;
  return { key, nodeId: nodeIdOf(key), name, kind, role, channel, way, address: source.address };
}

/** Wipes what the exchange knew and returns the line it leaves, if its attempt left one. */
function dropped({ agreement, peer, recorded }: Exchange, why: PairingRefusal | "unfinished"): PairingChange[] {
  wipe(agreement);
  return recorded ? [failed(peer, why)] : [];
}

function busy(message: string, retryAfter: number): FleetError {
  return new FleetError("PAIRING_BUSY", message, { retryAfter });
}
