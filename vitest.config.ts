import { defineConfig } from "vitest/config";

/** Tests of what is shipped: they start the built programs in processes of their own, so the build comes first, once. */
const BUILT = ["test/e2e/**/*.test.ts", "test/package/**/*.test.ts"];

const SETUP = ["test/built.setup.ts", "test/e2e/support/installed.setup.ts"];

export default defineConfig({
  test: {
    // Seconds are for machines under load; no test waits for them when all is well.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A test that was left out by name does not count as run.
    allowOnly: false,
    passWithNoTests: false,
    restoreMocks: true,
    unstubEnvs: true,
    // No test announces anything on this machine's own networks; those of discovery make networks of their own.
    env: { CIDER_DISCOVERY: "off" },
    coverage: { provider: "v8", include: ["src/**/*.ts"] },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: BUILT,
          // One group after the other: units compute, the built programs wait for each other.
          sequence: { groupOrder: 0 },
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: "built",
          sequence: { groupOrder: 1 },
          include: BUILT,
          globalSetup: SETUP,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // They mostly wait: for processes, and for the clock of a daemon that cannot be set.
          maxWorkers: 3,
        },
      },
    ],
  },
});
