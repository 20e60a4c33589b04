/** The text format of Prometheus 0.0.4. Names and labels are this program's own words, so nothing has to be escaped. */

/** Labels by name. */
export type Labels = Readonly<Record<string, string | number>>;

/** One line of a family: labels, value, and what its name ends with beyond the family's. */
export type Sample = readonly [labels: Labels, value: number, suffix?: string];

/** A family of series. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

/** Returns the families as text. */
export function expose(families: readonly Family[]): string {
  return families.map(textOf).join("\n");
}

function textOf({ name, help, type, samples }: Family): string {
  const lines = samples.map(([labels, value, suffix = ""]) => `${name}${suffix}${inBraces(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function inBraces(labels: Labels): string {
  const members = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return members.length === 0 ? "" : `{${members.join()}}`;
}

/** How long things took: how many within each bound, and the sum. */
export class Durations {
  readonly #bounds: readonly number[];
  /** Those that took no longer than the bound, and longer than the one before; the last is without bound. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** @param bounds seconds, rising */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** Counts one. */
  add(seconds: number): void {
    let bucket = 0;
    while (seconds > (this.#bounds[bucket] ?? Infinity)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  /** Returns the series of a histogram, whose buckets count all up to their bound. */
  samples(labels: Labels = {}): readonly Sample[] {
    let count = 0;
    const buckets = Array.from(this.#counts, (within, bucket): Sample => {
      count += within;
      return [{ le: this.#bounds[bucket] ?? "+Inf", ...labels }, count, "_bucket"];
    });
    return [...buckets, [labels, this.#sum, "_sum"], [labels, count, "_count"]];
  }
}
