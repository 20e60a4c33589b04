/**
 * What is live: connections that outlast one request, by the credential they proved.
 *
 * A session keeps the label of its credential and never what it may do. When a credential ends, its sessions are ended
 * in the same tick; when it reaches its deadline, a timer does it.
 */

import type { Clock } from "../foundation/clock.ts";
import { MINUTE } from "../foundation/durations.ts";

/** Why a session was ended by the node. */
export type EndReason = "revoked" | "deleted" | "expired" | "removed" | "re-registered" | "stopping";

export interface SessionOptions {
  /** The credential's label: `local`, `peer:<id>` or `token:<id>`. */
  readonly credential: string;
  /** Closes the connection; called at most once. */
  readonly end: (why: EndReason) => void;
}

/** Timers are set for a minute at most, so that a clock that was set is noticed. */
const LONGEST_SLEEP = MINUTE;

export class Sessions {
  readonly #clock: Clock;
  /** The end of a credential in milliseconds since the epoch, null for never; asked anew each time. */
  readonly #deadlineOf: (credential: string) => number | null;
  readonly #byCredential = new Map<string, Set<SessionOptions>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: { readonly clock: Clock; readonly deadlineOf: (credential: string) => number | null }) {
    this.#clock = parts.clock;
    this.#deadlineOf = parts.deadlineOf;
  }

  /** Registers a live connection. Returns the function that forgets it, for when the connection closes by itself. */
  open(session: SessionOptions): () => void {
    const { credential } = session;
    const sessions = this.#byCredential.get(credential) ?? new Set();
    sessions.add(session);
    this.#byCredential.set(credential, sessions);
    this.review();
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

  /** Looks at all deadlines anew, as when one came nearer. */
  review(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = this.#clock.now();
    let next: number | undefined;
    for (const credential of this.#byCredential.keys()) {
      const deadline = this.#deadlineOf(credential);
      if (deadline !== null) next = Math.min(next ?? deadline, deadline);
    }
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.#endExpired(), Math.min(Math.max(next - now, 0), LONGEST_SLEEP));
    this.#timer.unref();
  }

  #endExpired(): void {
    const now = this.#clock.now();
    for (const credential of [...this.#byCredential.keys()]) {
      const deadline = this.#deadlineOf(credential);
      if (deadline !== null && deadline <= now) this.end(credential, "expired");
    }
    this.review();
  }
}
