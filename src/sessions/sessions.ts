/**
 * What is live: connections that outlast one request, by the credential they proved.
 *
 * A session keeps the label of its credential and never what it may do. When a credential ends, or may no longer be used
 * from the session's address, its sessions end in the same tick; when its time is over, a timer ends them.
 */

import type { Clock } from "../foundation/clock.ts";
import { MINUTE } from "../foundation/durations.ts";

/** Why a session was ended by the node; `refused`: its address is not allowed any more. */
export type EndReason = "revoked" | "deleted" | "expired" | "removed" | "re-registered" | "refused" | "stopping";

/** Tells how credentials stand now, by their labels. */
export interface Standing {
  /** Returns the end of the credential in milliseconds since the epoch, null for never. */
  deadlineOf(credential: string): number | null;
  /** Returns whether the credential may be used from this address; empty is the Unix socket. */
  allows(credential: string, address: string): boolean;
}

/** One live connection. */
export interface SessionOptions {
  /** The credential's label: `local`, `peer:<id>`, `token:<id>`, `bearer:<id>`, or `nobody` before there is one. */
  readonly credential: string;
  /** Where it came from; empty for the Unix socket. */
  readonly address: string;
  /** Closes the connection; called at most once. */
  readonly end: (why: EndReason) => void;
}

/** Timers run for a minute at most, so that a change of the system's clock is noticed. */
const LONGEST_SLEEP = MINUTE;

/** All live connections, by credential. */
export class Sessions {
  readonly #clock: Clock;
  readonly #standing: Standing;
  readonly #byCredential = new Map<string, Set<SessionOptions>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock, standing: Standing) {
    this.#clock = clock;
    this.#standing = standing;
  }

  /** Registers a live connection. Returns the function that forgets it, for when the connection closes by itself. */
  open(session: SessionOptions): () => void {
    const { credential } = session;
    const sessions = this.#byCredential.get(credential) ?? new Set();
    sessions.add(session);
    this.#byCredential.set(credential, sessions);
    this.#schedule();
    return () => {
      sessions.delete(session);
      if (sessions.size === 0 && this.#byCredential.get(credential) === sessions) this.#byCredential.delete(credential);
    };
  }

  /** Ends every session of the credential, now. Returns how many there were. */
  end(credential: string, why: EndReason): number {
    const sessions = this.#byCredential.get(credential);
    if (sessions === undefined) return 0;
    this.#byCredential.delete(credential);
    const ended = [...sessions]; // each forgets itself while it ends
    for (const session of ended) session.end(why);
    return ended.length;
  }

  /** Ends everything, as when the node stops. Returns how many there were. */
  endAll(why: EndReason): number {
    clearTimeout(this.#timer);
    return [...this.#byCredential.keys()].reduce((count, credential) => count + this.end(credential, why), 0);
  }

  /** How many are live. */
  get size(): number {
    let count = 0;
    for (const sessions of this.#byCredential.values()) count += sessions.size;
    return count;
  }

  /** Checks all sessions again, for when a deadline came nearer or an address was taken away. */
  review(): void {
    for (const [credential, sessions] of this.#byCredential) {
      // Each forgets itself while it ends.
      for (const session of [...sessions]) if (!this.#standing.allows(credential, session.address)) session.end("refused");
    }
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = this.#clock.now();
    let next: number | undefined;
    for (const credential of this.#byCredential.keys()) {
      const deadline = this.#standing.deadlineOf(credential);
      if (deadline !== null) next = Math.min(next ?? deadline, deadline);
    }
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.#endExpired(), Math.min(Math.max(next - now, 0), LONGEST_SLEEP));
    this.#timer.unref();
  }

  #endExpired(): void {
    const now = this.#clock.now();
    for (const credential of [...this.#byCredential.keys()]) {
      const deadline = this.#standing.deadlineOf(credential);
      if (deadline !== null && deadline <= now) this.end(credential, "expired");
    }
    this.#schedule();
  }
}
