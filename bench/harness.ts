/**
 * Compares two sides in pairs, so that what the machine does besides falls on both.
 *
 * A ratio is subject ÷ baseline of one pair; the order within pairs alternates. The first pair warms up and is dropped.
 */

import { cpus } from "node:os";
import { type Interval, median, medianInterval, type Target, type Verdict, verdictOf } from "./statistics.ts";

/** How long to measure. */
export interface Effort {
  readonly pairs: number;
  /** Of each side in each pair. */
  readonly seconds: number;
}

/** Both sides, ready to be measured; each call returns one figure. */
export interface Sides {
  subject(effort: Effort): Promise<number>;
  baseline(effort: Effort): Promise<number>;
  close(): Promise<void>;
}

/** One claim about the product. A file `bench/<name>.bench.ts` exports a list of them as its default. */
export interface Comparison {
  readonly name: string;
  /** What the ratio says, as one sentence. */
  readonly claim: string;
  readonly target: Target;
  /** Of the figures of both sides, for example "requests per server CPU second". */
  readonly unit: string;
  prepare(effort: Effort): Promise<Sides>;
}

/** What was measured. */
export interface Result {
  readonly name: string;
  readonly claim: string;
  readonly target: Target;
  readonly unit: string;
  readonly ratio: number;
  readonly interval: Interval;
  readonly pairs: number;
  /** Medians. */
  readonly subject: number;
  readonly baseline: number;
  readonly verdict: Verdict;
  readonly ratios: readonly number[];
}

/** Measures one claim. */
export async function compare(comparison: Comparison, effort: Effort): Promise<Result> {
  const sides = await comparison.prepare(effort);
  const subjects: number[] = [];
  const baselines: number[] = [];
  try {
    await measurePair(sides, effort, true);
    for (let pair = 0; pair < effort.pairs; pair++) {
      const { subject, baseline } = await measurePair(sides, effort, pair % 2 === 0);
      subjects.push(subject);
      baselines.push(baseline);
    }
  } finally {
    await sides.close();
  }
  return conclude(comparison, subjects, baselines);
}

async function measurePair(sides: Sides, effort: Effort, subjectFirst: boolean): Promise<{ subject: number; baseline: number }> {
  if (subjectFirst) return { subject: await sides.subject(effort), baseline: await sides.baseline(effort) };
  const baseline = await sides.baseline(effort);
  return { subject: await sides.subject(effort), baseline };
}

/** Returns what figures in pairs say about the claim. */
export function conclude(comparison: Comparison, subjects: readonly number[], baselines: readonly number[]): Result {
  const { name, claim, target, unit } = comparison;
  const ratios = subjects.map((subject, pair) => subject / (baselines[pair] ?? Number.NaN));
  const ratio = median(ratios);
  const interval = medianInterval(ratios);
  const verdict = verdictOf(ratio, interval, target);
  const figures = { subject: median(subjects), baseline: median(baselines) };
  return { name, claim, target, unit, ratio, interval, pairs: ratios.length, ...figures, verdict, ratios };
}

/** Returns the result in two lines for people. */
export function sayResult({ name, claim, target, unit, ratio, interval, pairs, subject, baseline, verdict }: Result): string {
  const bound = "atLeast" in target ? `at least ${target.atLeast}` : `at most ${target.atMost}`;
  const range = `${interval.low.toFixed(2)} to ${interval.high.toFixed(2)} at ${Math.floor(100 * interval.confidence)} %`;
  return [
    `${name}: ${ratio.toFixed(2)} (${range}, ${pairs} pairs), ${bound}: ${verdict}`,
    `  ${claim}; ${round(subject)} against ${round(baseline)} ${unit}`,
  ].join("\n");
}

/** Returns the machine a figure belongs to. */
export function machine(): Readonly<Record<string, string | number>> {
  const [first] = cpus();
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: first?.model.trim() ?? "unknown",
    cores: cpus().length,
  };
}

function round(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
