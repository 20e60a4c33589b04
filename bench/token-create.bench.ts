/**
 * What a token costs at the store: decide, commit, fold, on disk; against writing as many bytes and syncing them.
 *
 * The folder is below the project, because a temporary one may be memory, where syncing costs nothing.
 */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { SecretKey } from "../src/crypto/secret-key.ts";
import { systemClock } from "../src/foundation/clock.ts";
import { SECOND } from "../src/foundation/durations.ts";
import { silentLogger } from "../src/foundation/logger.ts";
import { systemRandom } from "../src/foundation/random.ts";
import { nodeIdOf } from "../src/identity/node-id.ts";
import { Ledger } from "../src/ledger/ledger.ts";
import { issueToken } from "../src/tokens/issue.ts";
import { TokenStore } from "../src/tokens/store.ts";
import type { Comparison } from "./harness.ts";
import { median } from "./statistics.ts";

/** Tokens, or writes, whose median is one figure. */
const SAMPLE = 50;

const DIST = join(import.meta.dirname, "../dist");

const ORDER = {
  name: "ci-pipeline",
  permissions: "readOnly",
  scopes: ["machines:read", "metrics:read"],
  owner: "fleet",
  createdBy: "local",
  expiresAt: "2027-02-19T20:00:00.000Z",
  allowedIps: [],
} as const;

/** Callers that create tokens at the same time. */
const CALLERS = 64;

interface Desk {
  /** Creates a token: decided, committed, folded. */
  readonly create: () => void;
  /** Resolves once all that was created is on disk. */
  readonly settled: () => Promise<void>;
  /** Writes as many bytes as a token takes, and syncs them. */
  readonly writeBare: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens a store that holds so many tokens, and a bare file beside it. */
async function openDesk(count: number): Promise<Desk> {
  mkdirSync(DIST, { recursive: true });
  const folder = mkdtempSync(join(DIST, "bench-"));
  const store = new TokenStore();
  let lineLength = 0;
  const ledger = await Ledger.open({
    folder,
    node: nodeIdOf(SecretKey.generate(systemRandom).publicKey),
    clock: systemClock,
    logger: silentLogger,
    folds: [store],
    publish: (line) => {
      lineLength = JSON.stringify(line).length + 1;
    },
    onFatal: (error) => {
      throw error;
    },
  });
  const create = (): void => {
    const { change } = issueToken(ORDER, systemClock, systemRandom);
    ledger.commit({ actor: "local", request: "", operation: "GenerateAPIToken", changes: [change] });
  };
  while (store.size < count) create();
  await ledger.settled();

  const file = await open(join(folder, "bare"), "a");
  const line = Buffer.alloc(lineLength, "x");
  return {
    create,
    settled: async () => ledger.settled(),
    writeBare: async () => {
      await file.write(line);
      await file.datasync();
    },
    close: async () => {
      await file.close();
      await ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const oneAtATime: readonly Comparison[] = [1_000, 10_000].map((count) => ({
  name: `token-create at ${count.toLocaleString("en")}`,
  claim: `p50 of creating a token in a store that holds ${count.toLocaleString("en")}, one at a time, against write and fdatasync of its line`,
  target: { atMost: 2 },
  unit: "milliseconds",
  prepare: async () => {
    const desk = await openDesk(count);
    return {
      subject: () =>
        timesOf(async () => {
          desk.create();
          await desk.settled();
        }),
      baseline: () => timesOf(desk.writeBare),
      close: desk.close,
    };
  },
}));

const manyAtOnce: Comparison = {
  name: "token-create-64",
  claim: `tokens a second that ${CALLERS} callers create at the same time, each waiting for the disk, against write and fdatasync one at a time`,
  target: { atLeast: 4 },
  unit: "tokens per second",
  prepare: async () => {
    const desk = await openDesk(1_000);
    const caller = async (): Promise<void> => {
      for (let i = 0; i < SAMPLE; i++) {
        desk.create();
        await desk.settled();
      }
    };
    return {
      subject: () => rateOf(CALLERS * SAMPLE, () => Promise.all(Array.from({ length: CALLERS }, caller))),
      baseline: () =>
        rateOf(SAMPLE, async () => {
          for (let i = 0; i < SAMPLE; i++) await desk.writeBare();
        }),
      close: desk.close,
    };
  },
};

/** Returns how many a second were done. */
async function rateOf(count: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return count / ((performance.now() - began) / SECOND);
}

/** Returns the median of how long `work` takes, in milliseconds. */
async function timesOf(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < SAMPLE; i++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return median(times);
}

export default [...oneAtATime, manyAtOnce];
