/** What a row of paired ratios says: the median, an interval that needs no assumption about noise, and a verdict. */

/** The bound a ratio is measured against. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

export type Verdict = "met" | "missed" | "too close to call";

/** An interval that holds the true median with at least this confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** 0…1; below the wish when there are too few values to reach it. */
  readonly confidence: number;
}

/** Nearer to the bound than this share of it, a verdict would be about the weather. */
const TOO_CLOSE = 0.1;

const WISHED_CONFIDENCE = 0.95;

/** Returns the middle value, or the mean of the two middle ones; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/**
 * Returns the narrowest interval between two of the values, as far from the ends as each other, that holds the median
 * with 95 % (sign test: how many of n values fall below the median is binomial with one half).
 */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let cut = 0;
  while (confidenceOf(n, cut + 1) >= WISHED_CONFIDENCE) cut++;
  return { low: sorted[cut] ?? Number.NaN, high: sorted[n - 1 - cut] ?? Number.NaN, confidence: confidenceOf(n, cut) };
}

/** Returns the probability that the median lies between the values that remain when `cut` are left out at each end. */
function confidenceOf(n: number, cut: number): number {
  let term = 0.5 ** n;
  let tail = 0;
  for (let k = 0; k <= cut; k++) {
    tail += term;
    term = (term * (n - k)) / (k + 1);
  }
  return Math.max(0, 1 - 2 * tail);
}

/** Returns whether the bound is kept; "too close to call" within 10 % of it, or when the interval holds it. */
export function verdictOf(middle: number, interval: Interval, target: Target): Verdict {
  const bound = "atLeast" in target ? target.atLeast : target.atMost;
  const straddles = interval.low <= bound && bound <= interval.high;
  if (straddles || Math.abs(middle - bound) <= TOO_CLOSE * bound) return "too close to call";
  const above = middle > bound;
  return above === "atLeast" in target ? "met" : "missed";
}
