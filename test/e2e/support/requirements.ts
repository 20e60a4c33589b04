/** What some tests need of the machine. Without it they say so and are passed by; under CI that is a failure. */

import { execFileSync } from "node:child_process";
import type { TestContext } from "vitest";

/** Passes the test by unless these programs can be run here. */
export function requirePrograms(context: TestContext, ...programs: readonly string[]): void {
  const missing = programs.filter((program) => !canRun("sh", "-c", `command -v ${program}`));
  if (missing.length > 0) passBy(context, `needs ${missing.join(", ")}`);
}

/** Passes the test by unless this account is root, on Linux, with the right to mount and to make network namespaces. */
export function requireRoot(context: TestContext): void {
  if (process.platform !== "linux" || process.getuid?.() !== 0) passBy(context, "needs root on Linux");
  if (!canRun("unshare", "--mount", "--net", "true")) passBy(context, "needs the right to mount and to make network namespaces");
}

function passBy(context: TestContext, why: string): never {
  if (process.env["CI"] !== undefined) throw new Error(`this test ${why}, and a test that is passed by is no proof`);
  process.stderr.write(`${context.task.name}: ${why}; passed by\n`);
  return context.skip(why);
}

function canRun(program: string, ...words: readonly string[]): boolean {
  try {
    execFileSync(program, words, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
