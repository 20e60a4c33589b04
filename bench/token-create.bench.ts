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

const comparisons: readonly Comparison[] = [1_000, 10_000].map((count) => ({
  name: `token-create at ${count.toLocaleString("en")}`,
  claim: `p50 of creating a token in a store that holds ${count.toLocaleString("en")}, one at a time, against write and fdatasync of its line`,
  target: { atMost: 2 },
  unit: "milliseconds",
  prepare: async () => {
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
      subject: () =>
        timesOf(async () => {
          create();
          await ledger.settled();
        }),
      baseline: () =>
        timesOf(async () => {
          await file.write(line);
          await file.datasync();
        }),
      close: async () => {
        await file.close();
        await ledger.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
}));

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

export default comparisons;
