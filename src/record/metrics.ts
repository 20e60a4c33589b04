/**
 * What the node measures of itself, in the text format of Prometheus. Labels come from the table of operations and the
 * table of errors, never from a caller, so the number of series is bounded.
 */

import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, Histogram, Registry } from "prom-client";

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

/**
 * Calls of one operation. Plain numbers, because a call through the library costs more than all else there is to count:
 * a bearer check has some microseconds. They become series when somebody asks.
 */
class Tally {
  readonly outcomes = new Map<string, number>();
  done = 0;
  /** Calls that took no longer than the bucket's bound, and longer than the one before; the last is without bound. */
  readonly buckets = new Uint32Array(REQUEST_BUCKETS.length + 1);
  seconds = 0;

  add(outcome: string, seconds: number): void {
    if (outcome === "ok") this.done++;
    else this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    let bucket = 0;
    while (seconds > (REQUEST_BUCKETS[bucket] ?? Infinity)) bucket++;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.seconds += seconds;
  }
}

const DURATION = "cider_fleet_request_duration_seconds";

/** The node's meters, and their text. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #credentials: Counter<"code">;
  readonly #attempts: Counter<"way">;
  readonly #syncs: Histogram;
  readonly #loop: IntervalHistogram = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION });
  /** By operation. */
  readonly #tallies = new Map<string, Tally>();

  constructor(readings: Readings) {
    const registers = [this.#registry];
    const tallies = this.#tallies;
    new Counter({
      name: "cider_fleet_requests_total",
      help: "Calls of operations by outcome: ok, or the code of the error",
      labelNames: ["operation", "outcome"],
      registers,
      collect() {
        this.reset();
        for (const [operation, { done, outcomes }] of tallies) {
          for (const [outcome, count] of [["ok", done] as const, ...outcomes]) this.inc({ operation, outcome }, count);
        }
      },
    });
    this.#credentials = new Counter({
      name: "cider_fleet_refused_credentials_total",
      help: "Credentials that were presented and are not good, by the code of the error",
      labelNames: ["code"],
      registers,
    });
    this.#attempts = new Counter({
      name: "cider_fleet_pairing_attempts_total",
      help: "Attempts to pair while a window was open, by code or link",
      labelNames: ["way"],
      registers,
    });
    this.#syncs = new Histogram({
      name: "cider_fleet_ledger_sync_duration_seconds",
      help: "Time the disk took to sync a batch of the ledger",
      buckets: SYNC_BUCKETS,
      registers,
    });
    this.#gauges(readings, registers);
    this.#loop.enable();
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
    this.#credentials.inc({ code });
  }

  pairingAttempt(way: string): void {
    this.#attempts.inc({ way });
  }

  /** @param ms milliseconds */
  ledgerSync(ms: number): void {
    this.#syncs.observe(ms / 1000);
  }

  /** Resolves to all series; the delay of the event loop is that since the last time somebody asked. */
  async text(): Promise<string> {
    return `${await this.#registry.metrics()}${durationsOf(this.#tallies)}`;
  }

  stop(): void {
    this.#loop.disable();
  }

  #gauges({ entries, peers, sockets, tokens }: Readings, registers: Registry[]): void {
    this.#gauge("cider_fleet_sockets", "Open WebSockets", sockets);
    this.#gauge("cider_fleet_peers", "Keys this node trusts", peers);
    this.#gauge("cider_fleet_audit_entries", "Number of the last entry of the record", entries);
    this.#gauge("process_resident_memory_bytes", "Memory of this process that is in RAM", () => process.memoryUsage.rss());
    new Gauge({
      name: "cider_fleet_tokens",
      help: "Tokens by status",
      labelNames: ["status"],
      registers,
      collect() {
        for (const [status, count] of Object.entries(tokens())) this.set({ status }, count);
      },
    });
    const loop = this.#loop;
    new Gauge({
      name: "cider_fleet_event_loop_delay_seconds",
      help: "How late the event loop was, since the last time somebody asked",
      labelNames: ["quantile"],
      registers,
      collect() {
        for (const quantile of QUANTILES) this.set({ quantile }, secondsOf(loop.percentile(quantile * 100)));
        this.set({ quantile: 1 }, secondsOf(loop.max));
        loop.reset();
      },
    });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }
}

/** A monitor that has seen nothing yet has a maximum of 0 and a minimum beyond measure. */
function secondsOf(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0;
}

/** Returns the histogram of the calls' durations: its buckets count all calls up to their bound. */
function durationsOf(tallies: ReadonlyMap<string, Tally>): string {
  const lines = [`# HELP ${DURATION} Time from the credential to the answer, the disk included`, `# TYPE ${DURATION} histogram`];
  for (const [operation, { buckets, seconds }] of tallies) {
    let count = 0;
    for (const [index, calls] of buckets.entries()) {
      count += calls;
      lines.push(`${DURATION}_bucket{le="${REQUEST_BUCKETS[index] ?? "+Inf"}",operation="${operation}"} ${count}`);
    }
    lines.push(`${DURATION}_sum{operation="${operation}"} ${seconds}`, `${DURATION}_count{operation="${operation}"} ${count}`);
  }
  return `${lines.join("\n")}\n`;
}
