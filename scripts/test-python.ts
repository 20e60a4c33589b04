/**
 * Builds the Python client's wheel, installs it in a virtual environment of its own, checks types and form, and runs its
 * tests against the built node. Says nothing while things go well but pytest's last line.
 */

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../src/foundation/errors.ts";
import { PYTHON_CLIENT, pythonEnvironment, runInClient } from "./python/environment.ts";

const TYPES_CACHE = join(import.meta.dirname, "../node_modules/.cache/mypy");

function installWheel(interpreter: string): void {
  const folder = mkdtempSync(join(tmpdir(), "cider-fleet-wheel-"));
  try {
    runInClient(interpreter, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, PYTHON_CLIENT);
    const [wheel] = readdirSync(folder);
    if (wheel === undefined) throw new Error("no wheel was built");
    const file = join(folder, wheel);
    runInClient(interpreter, "-m", "pip", "install", "--quiet", `${file}[pairing]`);
    runInClient(interpreter, "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the last line of pytest; `words` choose among the tests. */
function test(words: readonly string[]): string {
  const interpreter = pythonEnvironment();
  installWheel(interpreter);
  runInClient(interpreter, "-m", "ruff", "check", "--no-cache", "--quiet");
  runInClient(interpreter, "-m", "ruff", "format", "--no-cache", "--quiet", "--check");
  runInClient(interpreter, "-m", "mypy", "--cache-dir", TYPES_CACHE, "src", "tests");
  const said = runInClient(interpreter, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", ...words);
  return said.trim().split("\n").at(-1) ?? "";
}

try {
  process.stdout.write(`${test(process.argv.slice(2))}\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
