/**
 * Events of a node for as long as anybody wants them: one socket after the other, each from where the one before
 * stopped, so that a restart of the node or a gap in the network loses nothing and repeats nothing.
 *
 * A reader that is slow leaves at most 10,000 events or 16 MiB unread. Then the socket is closed, what is unread is read, and the
 * next socket goes on behind it: memory is bounded, and only a reader that is more than 1,000 entries of the record
 * late is told RESUME_GONE.
 */

import { SECOND } from "../foundation/durations.ts";
import { type ErrorCode, FleetError, isFleetError } from "../foundation/errors.ts";
import type { Random } from "../foundation/random.ts";
import { CLOSE_CODES } from "../wire/frames.ts";
import { type Backoff, waitAfter } from "./backoff.ts";
import { type CallOptions, pause } from "./deadline.ts";
import { Place } from "./place.ts";
import type { FleetEvent, Topic } from "./shapes.ts";
import type { FleetSocket } from "./socket.ts";

/** How a stream of events stands to its node. */
export type EventsState =
  /** Connected and subscribed; `seq` is the number of the record from which on events come. */
  | { readonly state: "open"; readonly seq: number }
  /** The connection was lost and is tried again in `retryIn` milliseconds. */
  | { readonly state: "lost"; readonly error: FleetError; readonly retryIn: number };

/** From where on events are wanted, and for how long. */
export interface EventsOptions {
  /** `seq` of the last event taken in an earlier run; without it events begin now. */
  readonly since?: number | undefined;
  /** Seconds between events of `node.stats`: 1 to 3600, 5 unless given. */
  readonly interval?: number | undefined;
  /** Ends the stream with ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each connection and of each loss. */
  readonly onState?: ((state: EventsState) => void) | undefined;
}

/** Who connects. */
export interface Connecting {
  readonly random: Random;
  /** @param retries how often a failed connection is tried again; as the client was told unless given */
  connect(options: CallOptions, retries?: number): Promise<FleetSocket>;
}

/** After a loss. The longest is short for a LAN, where a node costs nothing to ask. */
const RECONNECTING: Backoff = { first: 0.5 * SECOND, longest: 15 * SECOND };

/** Milliseconds for a connection after a loss; a network that is gone answers nothing. */
const CONNECT_TIME = 10 * SECOND;

/** What may pass by itself. Everything else is for a person: a credential that ended, another node, RESUME_GONE. */
const PASSING: readonly ErrorCode[] = [
  "CONNECTION_CLOSED",
  "CONNECTION_FAILED",
  "DISCOVERY_FAILED",
  "NODE_NOT_FOUND",
  "NOT_READY",
  "NOT_RUNNING",
  "RATE_LIMITED",
  "REPLAY_MEMORY_FULL",
  "SHUTTING_DOWN",
  "TIMEOUT",
];

/** Why a node closes the sockets of a peer that paired anew: its key is as good as before. */
const PAIRED_AGAIN = "re-registered";

/** Returns the events of these topics, from the first `next` on. Throws INVALID_OPTIONS. */
export function streamEvents<T extends Topic>(
  connecting: Connecting,
  topics: readonly T[],
  options: EventsOptions,
): AsyncIterableIterator<FleetEvent<T>> {
  requireOptions(topics, options);
  const stream = new EventStream(connecting, topics, options);
  // Only events of the topics subscribed to are sent.
  const events = stream.read() as AsyncGenerator<FleetEvent<T>, undefined, undefined>;
  return {
    next: () => events.next(),
    return: () => {
      stream.stop(); // a `next` under way ends too
      return events.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function requireOptions(topics: readonly unknown[], { interval, since }: EventsOptions): void {
  if (!Array.isArray(topics) || topics.length === 0) throw refused("topics must name at least one topic");
  if (since !== undefined && !(Number.isSafeInteger(since) && since >= 0)) throw refused("since must be the seq of an event");
  if (interval !== undefined && !(Number.isInteger(interval) && interval >= 1 && interval <= 3600))
    throw refused("interval must be a whole number of seconds from 1 to 3600");
}

function refused(message: string): FleetError {
  return new FleetError("INVALID_OPTIONS", message);
}

class EventStream {
  readonly #connecting: Connecting;
  readonly #topics: readonly Topic[];
  readonly #options: EventsOptions;
  readonly #place: Place;
  readonly #stopped = new AbortController();
  /** Losses in a row; undefined before the first connection, whose failure is the caller's to see. */
  #failures: number | undefined;

  constructor(connecting: Connecting, topics: readonly Topic[], options: EventsOptions) {
    this.#connecting = connecting;
    this.#topics = topics;
    this.#options = options;
    this.#place = new Place(options.since);
  }

  /** Ends the stream quietly. */
  stop(): void {
    this.#stopped.abort();
  }

  async *read(): AsyncGenerator<FleetEvent, undefined, undefined> {
    const { signal } = this.#options;
    const abort = (): void => this.#stopped.abort();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      if (signal?.aborted === true) abort();
      while (!this.#stopped.signal.aborted) yield* this.#connection();
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    if (signal?.aborted === true) throw new FleetError("ABORTED", undefined, {}, { cause: signal.reason });
    return undefined;
  }

  /** Yields the events of one connection; behind a loss that may pass it waits. */
  async *#connection(): AsyncGenerator<FleetEvent, void, undefined> {
    try {
      const socket = await this.#connect();
      const close = (): void => socket.close();
      this.#stopped.signal.addEventListener("abort", close);
      try {
        yield* this.#eventsOf(socket);
      } finally {
        this.#stopped.signal.removeEventListener("abort", close);
        socket.close();
      }
    } catch (error) {
      if (!this.#stopped.signal.aborted) await this.#outlast(error);
    }
  }

  #connect(): Promise<FleetSocket> {
    const { signal } = this.#stopped;
    if (this.#failures === undefined) return this.#connecting.connect({ signal });
    return this.#connecting.connect({ signal, timeout: CONNECT_TIME }, 0);
  }

  async *#eventsOf(socket: FleetSocket): AsyncGenerator<FleetEvent, void, undefined> {
    const notices = socket.notices();
    const subscribed = this.#subscribe(socket);
    // What was missed is sent before the answer, and is taken even when that never comes.
    subscribed.catch(() => socket.close());
    try {
      for await (const notice of notices) {
        if (this.#stopped.signal.aborted) return; // what is unread is wanted no more
        this.#failures = 0;
        if (notice.kind === "position") this.#place.reach(notice.seq);
        else if (this.#place.take(notice.event)) yield notice.event;
      }
    } catch (error) {
      await subscribed.catch(() => undefined); // an answer that came just before the end counts
      throw error;
    }
    await subscribed;
  }

  async #subscribe(socket: FleetSocket): Promise<void> {
    const { interval, onState } = this.#options;
    const since = this.#place.resume();
    const { seq } = await socket.subscribe(this.#topics, { interval, since, signal: this.#stopped.signal });
    if (since === undefined) this.#place.reach(seq);
    this.#failures ??= 0;
    onState?.({ state: "open", seq });
  }

  /** Waits after a loss that may pass; throws any other, and the failure of the first connection. */
  async #outlast(error: unknown): Promise<void> {
    if (this.#failures === undefined || !isFleetError(error) || !mayPass(error)) throw error;
    this.#failures++;
    const retryIn = waitAfter(error, this.#failures, RECONNECTING, this.#connecting.random);
    this.#options.onState?.({ state: "lost", error, retryIn });
    await pause(retryIn, this.#stopped.signal);
  }
}

function mayPass(error: FleetError): boolean {
  if (error.code === "CREDENTIAL_ENDED") return error.details.reason === PAIRED_AGAIN;
  return PASSING.includes(error.code) && error.details["closeCode"] !== CLOSE_CODES.refused;
}
