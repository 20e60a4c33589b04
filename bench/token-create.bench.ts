/**
 * What a token costs: decided, committed, folded, on disk; against writing as many bytes and syncing them.
 *
 * At the store, and as the operation: through `perform`, with the actor, the decision, the input, the answer and the
 * counting. The bare file stands beside the ledger and grows as it does. What a sample created is removed before the
 * next, unmeasured, so that the store stays as large as the claim says.
 *
 * `BENCH_FOLDER` names a folder on the disk to measure. Without it the folder is below the project, because a temporary
 * one may be memory, where syncing costs nothing.
 */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { REQUIRE } from "../scripts/bundle.ts";
import { SECOND } from "../src/foundation/durations.ts";
import type { Comparison } from "./harness.ts";
import { median } from "./statistics.ts";
import type * as TokenMakers from "./token-makers.ts";

/** Tokens, or writes, one after the other: their median, or their rate, is one sample. */
const ROW = 100;

/** Callers that create tokens at the same time, and how many each. */
const CALLERS = 64;
const EACH = 50;

/** Samples whose median is one figure. */
const SAMPLES = 5;

const PLACE = process.env["BENCH_FOLDER"] ?? join(import.meta.dirname, "../dist");

interface Desk {
  readonly create: () => Promise<unknown>;
  /** Removes what was created since the desk was opened. */
  readonly clear: () => Promise<void>;
  /** Writes as many bytes as a token takes, and syncs them. */
  readonly writeBare: () => Promise<void>;
  readonly close: () => Promise<void>;
}

type Makers = typeof TokenMakers;

/** Returns the makers as they are shipped: what runs TypeScript as it is gives every function a name at every turn. */
async function bundledMakers(folder: string): Promise<Makers> {
  const outfile = join(folder, "makers.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "token-makers.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    banner: { js: REQUIRE },
  });
  return (await import(pathToFileURL(outfile).href)) as Makers;
}

/** Opens a folder that holds so many tokens, and a bare file in it. */
async function openDesk(kind: keyof Makers, count: number): Promise<Desk> {
  mkdirSync(PLACE, { recursive: true });
  const folder = mkdtempSync(join(PLACE, "bench-"));
  const makers = await bundledMakers(folder);
  const maker = await makers[kind](folder);
  const { create, ledger, tokens } = maker;
  const before = ledger.extent.length;
  await Promise.all(Array.from({ length: count }, create));
  const line = Buffer.alloc(Math.round((ledger.extent.length - before) / count), "x");
  const file = await open(join(folder, "bare"), "a");
  return {
    create,
    clear: async () => {
      const changes = tokens
        .list()
        .slice(count)
        .map(({ id }) => ({ type: "token.deleted", id }));
      ledger.commit({ actor: "local", request: "", operation: "DeleteAPIToken", changes });
      await ledger.settled();
    },
    writeBare: async () => {
      await file.write(line);
      await file.datasync();
    },
    close: async () => {
      await file.close();
      await maker.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const oneAtATime = [1_000, 10_000].map((count) => ({
  name: `token-create at ${count.toLocaleString("en")}`,
  claim: `p50 of creating a token in a store that holds ${count.toLocaleString("en")}, one at a time, against write and fdatasync of its line`,
  target: { atMost: 2 },
  unit: "milliseconds",
  prepare: async () => {
    const { clear, close, create, writeBare } = await openDesk("openStore", count);
    return {
      subject: () => medianOf(() => typicalTime(create), clear),
      baseline: () => medianOf(() => typicalTime(writeBare)),
      close,
    };
  },
})) satisfies readonly Comparison[];

const manyAtOnce = (
  [
    { name: "token-create-64", kind: "openStore", where: "at the store" },
    { name: "token-create-64, the operation", kind: "openNode", where: "by the operation" },
  ] as const
).map(({ kind, name, where }) => ({
  name,
  claim: `tokens a second that ${CALLERS} callers create at the same time ${where}, each waiting for the disk, against write and fdatasync one at a time`,
  target: { atLeast: 4 },
  unit: "tokens per second",
  prepare: async () => {
    const { clear, close, create, writeBare } = await openDesk(kind, 1_000);
    const callers = (): Promise<unknown> => Promise.all(Array.from({ length: CALLERS }, () => repeat(EACH, create)));
    return {
      subject: () => medianOf(() => rateOf(CALLERS * EACH, callers), clear),
      baseline: () => medianOf(() => rateOf(ROW, () => repeat(ROW, writeBare))),
      close,
    };
  },
})) satisfies readonly Comparison[];

async function repeat(times: number, work: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < times; i++) await work();
}

/** Returns the median of the samples; `after` tidies up behind each. */
async function medianOf(sample: () => Promise<number>, after?: () => Promise<void>): Promise<number> {
  const samples: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    samples.push(await sample());
    await after?.();
  }
  return median(samples);
}

/** Returns how many a second were done. */
async function rateOf(count: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return count / ((performance.now() - began) / SECOND);
}

/** Returns the median of how long `work` takes, in milliseconds. */
async function typicalTime(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < ROW; i++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return median(times);
}

export default [...oneAtATime, ...manyAtOnce];
