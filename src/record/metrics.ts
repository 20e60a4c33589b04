/**
 * What the node measures of itself. Labels come from the table of operations and the table of errors, never from a caller,
 * so the number of series is bounded. All is counted in plain numbers, which become text when somebody asks: a bearer check
 * has some microseconds for everything.
 */

import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { Durations, expose, type Family, type Sample } from "./exposition.ts";

/** What is read when somebody asks, not counted along. */
export interface Readings {
  /** Open WebSockets. */
  readonly sockets: () => number;
  readonly tokens: () => Readonly<Record<string, number>>;
  readonly peers: () => number;
  /** Seq of the last entry on disk. */
  readonly entries: () => number;
}

/** Seconds; a bearer check takes a fraction of a millisecond, a change waits for the disk. */
const REQUEST_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const SYNC_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
/** Milliseconds between two looks at the event loop. */
const LOOP_RESOLUTION = 20;
const QUANTILES = [0.5, 0.99] as const;

/** Calls of one operation. */
class Tally {
  readonly refused = new Counts();
  readonly durations = new Durations(REQUEST_BUCKETS);
  done = 0;

  add(outcome: string, seconds: number): void {
    if (outcome === "ok") this.done++;
    else this.refused.add(outcome);
    this.durations.add(seconds);
  }
}

/** Counts by one label. */
class Counts extends Map<string, number> {
  add(label: string): void {
    this.set(label, (this.get(label) ?? 0) + 1);
  }
}

/** The node's meters, and their text. */
export class Metrics {
  readonly #readings: Readings;
  /** By operation. */
  readonly #tallies = new Map<string, Tally>();
  readonly #credentials = new Counts();
  readonly #attempts = new Counts();
  readonly #syncs = new Durations(SYNC_BUCKETS);
  /** Begun at the first question: it wakes the process fifty times a second. */
  #loop: IntervalHistogram | undefined;

  constructor(readings: Readings) {
    this.#readings = readings;
  }

  /** Counts a call. On the path of every request. @param ms milliseconds it took */
  request(operation: string, outcome: string, ms: number): void {
    let tally = this.#tallies.get(operation);
    if (tally === undefined) {
      tally = new Tally();
      this.#tallies.set(operation, tally);
    }
    tally.add(outcome, ms / 1000);
  }

  /** Counts a credential that is not good. */
  refusedCredential(code: string): void {
    this.#credentials.add(code);
  }

  /** Counts an attempt to pair. @param way `code` or `link` */
  pairingAttempt(way: string): void {
    this.#attempts.add(way);
  }

  /** Counts a batch of the ledger that the disk has synced. @param ms milliseconds it took */
  ledgerSync(ms: number): void {
    this.#syncs.add(ms / 1000);
  }

  /** Returns all series; the delay of the event loop is that since the last time somebody asked. */
  text(): string {
    return expose([...this.#counters(), ...this.#gauges(), this.#requestDurations()]);
  }

  /** Ends what measures by itself. */
  stop(): void {
    this.#loop?.disable();
  }

  #counters(): readonly Family[] {
    const calls = [...this.#tallies].flatMap(([operation, { done, refused }]) =>
      [["ok", done] as const, ...refused].map(([outcome, count]): Sample => [{ operation, outcome }, count]),
    );
    return [
      counter("cider_fleet_requests_total", "Calls of operations by outcome: ok, or the code of the error", calls),
      counter(
        "cider_fleet_refused_credentials_total",
        "Credentials that were presented and are not good, by the code of the error",
        [...this.#credentials].map(([code, count]) => [{ code }, count]),
      ),
      counter(
        "cider_fleet_pairing_attempts_total",
        "Attempts to pair while a window was open, by code or link",
        [...this.#attempts].map(([way, count]) => [{ way }, count]),
      ),
      {
        name: "cider_fleet_ledger_sync_duration_seconds",
        help: "Time the disk took to sync a batch of the ledger",
        type: "histogram",
        samples: this.#syncs.samples(),
      },
    ];
  }

  #gauges(): readonly Family[] {
    const { entries, peers, sockets, tokens } = this.#readings;
    const byStatus = Object.entries(tokens()).map(([status, count]): Sample => [{ status }, count]);
    return [
      gauge("cider_fleet_sockets", "Open WebSockets", [[{}, sockets()]]),
      gauge("cider_fleet_peers", "Keys this node trusts", [[{}, peers()]]),
      gauge("cider_fleet_audit_entries", "Number of the last entry of the record", [[{}, entries()]]),
      gauge("process_resident_memory_bytes", "Memory of this process that is in RAM", [[{}, process.memoryUsage.rss()]]),
      gauge("cider_fleet_tokens", "Tokens by status", byStatus),
      gauge(
        "cider_fleet_event_loop_delay_seconds",
        "How late the event loop was, since the last time somebody asked",
        this.#loopDelays(),
      ),
    ];
  }

  #loopDelays(): readonly Sample[] {
    const loop = this.#loop ?? monitorEventLoopDelay({ resolution: LOOP_RESOLUTION });
    const quantiles = QUANTILES.map((quantile): Sample => [{ quantile }, secondsOf(loop.percentile(quantile * 100))]);
    const samples: readonly Sample[] = [...quantiles, [{ quantile: 1 }, secondsOf(loop.max)]];
    loop.reset();
    loop.enable();
    this.#loop = loop;
    return samples;
  }

  #requestDurations(): Family {
    return {
      name: "cider_fleet_request_duration_seconds",
      help: "Time from the credential to the answer, the disk included",
      type: "histogram",
      samples: [...this.#tallies].flatMap(([operation, { durations }]) => durations.samples({ operation })),
    };
  }
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: "counter", samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: "gauge", samples };
}

/** A monitor that has seen nothing yet has a maximum of 0 and a minimum beyond measure. */
function secondsOf(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0;
}
