/**
 * Performs operations: where HTTP and WebSocket meet.
 *
 *   credential → Actor → decide → input → handler (→ commit → fold → end) → settled → answer
 *
 * From Actor to the end of a change's handler nothing is awaited: trust is read in the tick in which it is used.
 */

import type { Operation } from "../catalogue/operation.ts";
import { OPERATION_NAMES, type OperationName, operationOf } from "../catalogue/operations.ts";
import { TOPIC_NEEDS, type Topic } from "../catalogue/topics.ts";
import { MINUTE } from "../foundation/durations.ts";
import { FleetError, isFleetError } from "../foundation/errors.ts";
import type { Source } from "../foundation/source.ts";
import type { Change } from "../ledger/line.ts";
import { type Actor, type Credential, mayPerform } from "../policy/actor.ts";
import { decide } from "../policy/decide.ts";
import { isFailedAuthentication } from "../policy/failures.ts";
import type { Deliver } from "../record/events.ts";
import { isClockDifference } from "../signatures/policy.ts";
import { endingHeaders } from "../tokens/ending.ts";
import { limitOf, type Token } from "../tokens/token.ts";
import { firstRefusal, firstUse } from "../tokens/uses.ts";
import type { ChangeCall, StreamCall } from "./call.ts";
import { CallRecord, leavesTrace } from "./call-record.ts";
import { Commits } from "./commits.ts";
import type { Credentials } from "./credentials.ts";
import { handlersOf } from "./handlers.ts";
import { parseInput } from "./input.ts";
import type { Parts } from "./parts.ts";
import { PresentCall } from "./present-call.ts";
import type { KeyedCall } from "./repeats.ts";

/** One call, from whatever surface. */
export interface OperationRequest {
  readonly operation: OperationName;
  readonly input: unknown;
  /** Undefined when none was sent or read. */
  readonly credential: Credential | undefined;
  readonly source: Source;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** Given by the caller, so that repeating a change is safe. */
  readonly idempotencyKey?: string | undefined;
  /** Where a stream's events go; only a WebSocket has one. */
  readonly deliver?: Deliver;
}

const NO_FIELDS: readonly string[] = [];

/** A credential that was presented: for an operation, or to open a socket. */
export interface Presented extends Pick<OperationRequest, "credential" | "source" | "requestId"> {
  /** The operation's name; `Connect` for a socket. */
  readonly operation: string;
}

type AnyHandler = (input: unknown, call: ChangeCall & StreamCall) => unknown;

/** An operation as every call needs it. */
interface Known {
  readonly entry: Operation;
  /** Undefined for what this node cannot do yet. */
  readonly handler: AnyHandler | undefined;
}

/** Performs calls from every surface. */
export class Operations {
  readonly credentials: Credentials;
  readonly #parts: Parts;
  readonly #commits: Commits;
  /** Until when ends of tokens are not written because the disk was full: milliseconds of `Clock.elapsed`. */
  #noRoomUntil = 0;
  readonly #known: ReadonlyMap<OperationName, Known>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#commits = new Commits(parts);
    this.credentials = parts.credentials;
    const handlers = handlersOf(parts) as Readonly<Partial<Record<OperationName, AnyHandler>>>;
    this.#known = new Map(OPERATION_NAMES.map((name) => [name, { entry: operationOf(name), handler: handlers[name] }]));
  }

  /**
   * Returns the operation's output, or a promise of it where the handler or the disk has to be waited for. Throws or
   * rejects with a FleetError meant for the caller. Neither output nor error leaves before all it saw is on disk.
   */
  perform(request: OperationRequest): unknown {
    const start = this.#parts.clock.elapsed();
    const { operation } = request;
    try {
      const output = this.#perform(request);
      if (output instanceof Promise) this.#countLater(operation, output, start);
      else this.#count(operation, "ok", start);
      return output;
    } catch (error) {
      this.#count(operation, codeOf(error), start);
      throw error;
    }
  }

  #count(operation: OperationName, outcome: string, start: number): void {
    const { clock, metrics } = this.#parts;
    metrics.request(operation, outcome, clock.elapsed() - start);
  }

  #countLater(operation: OperationName, output: Promise<unknown>, start: number): void {
    output.then(
      () => this.#count(operation, "ok", start),
      (error: unknown) => this.#count(operation, codeOf(error), start),
    );
  }

  #perform(request: OperationRequest): unknown {
    const { ledger } = this.#parts;
    let output: unknown;
    try {
      output = this.#run(request);
    } catch (error) {
      const unsettled = ledger.settled();
      if (unsettled === undefined) throw error;
      return unsettled.then(() => {
        throw error;
      });
    }
    if (output instanceof Promise) return output.finally(() => ledger.settled());
    const unsettled = ledger.settled(); // mostly nothing waits for the disk
    return unsettled === undefined ? output : unsettled.then(() => output);
  }

  /** From Actor to the end of the handler's synchronous part: nothing here is awaited. */
  #run(request: OperationRequest): unknown {
    const { activity, clock } = this.#parts;
    const { operation, source } = request;
    const { entry, handler } = this.#require(operation);
    const now = clock.now();
    const actor = this.#actorOf(request, now);
    const { token } = actor;
    const used = token && firstUse(token, source, now);
    const record =
      used !== undefined || leavesTrace(entry, actor)
        ? new CallRecord(this.#parts, request, { actor, used, commits: this.#commits })
        : undefined;
    try {
      if (token !== undefined) this.#spend(token);
      activity.note(operation, actor.label, source.address, now); // counts as a use, allowed or not
      decide(actor, entry);
      if (handler === undefined) throw new FleetError("OPERATION_UNAVAILABLE", entry.missing);
      const input = parseInput(entry, request.input);
      const keyed = entry.kind === "change" ? this.#keyed(request, actor, input) : undefined;
      const output = keyed?.joined ? keyed.output : handler(input, new PresentCall(request, actor, keyed?.change, record));
      if (keyed?.joined === false) keyed.remember(output);
      record?.done();
      return output;
    } catch (error) {
      record?.refused(error);
      throw error;
    }
  }

  #require(operation: OperationName): Known {
    const known = this.#known.get(operation);
    if (known === undefined) throw new Error("every operation of the table is known");
    return known;
  }

  #spend(token: Token): void {
    const limit = limitOf(token);
    if (limit !== null) this.#parts.quotas.spend(token.id, limit);
  }

  /** Calls without a credential are never joined, since nobody knows whether the same program sent both. */
  #keyed({ idempotencyKey, operation }: OperationRequest, actor: Actor, input: unknown): KeyedCall | undefined {
    if (idempotencyKey === undefined || actor.kind === "nobody") return undefined;
    return this.#parts.repeats.begin(keeperOf(actor), idempotencyKey, operation, input);
  }

  /** Returns the actor that opens a connection; throws as `Credentials.actorOf`. Records a token's first use from the source. */
  admit(presented: Presented): Actor {
    const now = this.#parts.clock.now();
    const actor = this.#actorOf(presented, now);
    const used = actor.token && firstUse(actor.token, presented.source, now);
    if (used) this.#note(presented, actor.label, used);
    return actor;
  }

  /** Returns who is asking. Records the first refusal of a token in a network, and the end of a token that has expired. */
  #actorOf(presented: Presented, now: number): Actor {
    const { credential, source } = presented;
    try {
      return this.credentials.actorOf(credential, source, now);
    } catch (error) {
      if (isFleetError(error, "TOKEN_EXPIRED")) this.expireTokens();
      const token = isFleetError(error, "TOKEN_ADDRESS_REFUSED") ? this.credentials.tokenBehind(credential) : undefined;
      const refused = token && firstRefusal(token, source);
      if (refused) this.#note(presented, "system", refused);
      throw error;
    }
  }

  /** Records what was noticed about a credential; it is no change that the caller asked for. */
  #note({ operation, requestId: request, source }: Presented, actor: string, change: Change): void {
    this.#commits.note({ actor, request, operation, from: source.address, changes: [change] });
  }

  /** Records which tokens have ended by time. After that they stay ended, even if the clock is set back. */
  expireTokens(): void {
    const { clock, ledger, tokens } = this.#parts;
    const due = tokens.due(clock.now());
    if (due.length === 0 || clock.elapsed() < this.#noRoomUntil) return;
    this.commitOwn(
      "Expire",
      due.map(({ id }) => ({ type: "token.expired", id })),
    );
    // When the disk is full, the state in memory is rebuilt from it. That is too costly to happen every second.
    ledger.settled()?.catch(() => {
      this.#noRoomUntil = clock.elapsed() + MINUTE;
    });
  }

  /** Returns the header fields that tell the holder of a token about its end and its limit, as a flat list. */
  notices(credential: Credential | undefined): readonly string[] {
    const token = this.credentials.tokenBehind(credential);
    if (token === undefined) return NO_FIELDS;
    const limit = limitOf(token);
    const ending = credential?.kind === "token" ? endingHeaders(token, this.#parts.clock.now()) : NO_FIELDS;
    return limit === null ? ending : [...ending, ...this.#parts.quotas.fields(token.id, limit)];
  }

  /**
   * Resolves to the error to answer: `error`, or RATE_LIMITED when authentication failed too often from there. When the
   * reason for the refusal, such as a revocation, could not be written to disk, it is the disk's error instead.
   */
  async judge(error: unknown, source: Source): Promise<unknown> {
    const { activity, failures, ledger, metrics } = this.#parts;
    if (isFailedAuthentication(error)) {
      activity.note(error.code, "nobody", source.address);
      metrics.refusedCredential(error.code);
    } else if (isClockDifference(error)) activity.note("CLOCK_SKEW", "nobody", source.address); // the doctor looks there
    if (isFleetError(error, "TOKEN_ADDRESS_REFUSED")) activity.note(error.code, "nobody", source.address);
    const judged = failures.judge(error, source);
    try {
      await ledger.settled();
      return judged;
    } catch (lost) {
      return lost;
    }
  }

  /** Commits what the node does by itself, such as closing a window whose time is over. */
  commitOwn(operation: string, changes: readonly Change[]): void {
    if (changes.length > 0) this.#commits.commit({ actor: "system", request: "", operation, changes });
  }

  /** Returns whether the holder of the credential may be sent an event of this topic, as of now. */
  mayReceive(credential: Credential | undefined, source: Source, topic: string): boolean {
    try {
      return mayPerform(this.credentials.actorOf(credential, source), { need: TOPIC_NEEDS[topic as Topic], verb: "read" });
    } catch {
      return false;
    }
  }

  /** Returns the entry up to which a subscriber was sent everything; undefined while it catches up, and for who did not subscribe. */
  position(deliver: Deliver): number | undefined {
    const { events, ledger } = this.#parts;
    return events.isCurrent(deliver) ? ledger.extent.head.seq : undefined;
  }

  /** Ends all subscriptions of a socket that is gone. */
  unsubscribe(deliver: Deliver): void {
    this.#parts.events.unsubscribe(deliver);
    this.#parts.statsFeed.unsubscribe(deliver);
  }
}

/** Returns whom an idempotency key belongs to. Bearers with other scopes are others: one must not be told the outcome of what it may not do. */
function keeperOf({ kind, label, scopes }: Actor): string {
  return kind === "bearer" ? [label, ...[...scopes].sort()].join(" ") : label;
}

/** Returns the error's code for metrics; anything but a FleetError is a defect, counted as INTERNAL. */
function codeOf(error: unknown): string {
  return error instanceof FleetError ? error.code : "INTERNAL";
}
