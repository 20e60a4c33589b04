/**
 * Builds the Python client's wheel, installs it in a virtual environment of its own, checks types and form, and runs its tests
 * against the built node. Says nothing while things go well but pytest's last line.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const CLIENT = join(ROOT, "clients/python");
/** What the tests need beside the wheel and its extra. */
const TOOLS = ["pip>=23", "pytest>=7", "mypy>=1.8", "types-requests", "ruff>=0.9"];

const python = process.env["PYTHON"] ?? "python3";

/** Runs a program; shows what it said and ends when it fails. */
function run(program: string, ...words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { cwd: CLIENT, encoding: "utf8", env: quiet() });
  if (status === 0) return stdout;
  process.stderr.write(`${program} ${words.join(" ")}\n${stdout}${stderr}${error?.message ?? ""}\n`);
  process.exit(1);
}

function quiet(): NodeJS.ProcessEnv {
  return { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1", PIP_ROOT_USER_ACTION: "ignore" };
}

/** Returns the interpreter of an environment that is kept between runs, one for each version of Python. */
function environment(): string {
  const version = execFileSync(python, ["-c", "import platform; print(platform.python_version())"], { encoding: "utf8" }).trim();
  const folder = join(ROOT, "node_modules/.cache", `python-${version}`);
  const interpreter = join(folder, "bin/python");
  // Written last: an environment that was cut short, or made for other tools, is made anew.
  const complete = join(folder, "tools.json");
  const tools = JSON.stringify(TOOLS);
  if (!existsSync(complete) || readFileSync(complete, "utf8") !== tools) {
    mkdirSync(folder, { recursive: true });
    run(python, "-m", "venv", "--clear", folder);
    run(interpreter, "-m", "pip", "install", "--quiet", ...TOOLS);
    writeFileSync(complete, tools);
  }
  return interpreter;
}

function installWheel(interpreter: string): void {
  const folder = mkdtempSync(join(tmpdir(), "cider-fleet-wheel-"));
  try {
    run(interpreter, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, CLIENT);
    const [wheel] = readdirSync(folder);
    if (wheel === undefined) throw new Error("no wheel was built");
    const file = join(folder, wheel);
    run(interpreter, "-m", "pip", "install", "--quiet", `${file}[pairing]`);
    run(interpreter, "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const interpreter = environment();
installWheel(interpreter);
run(interpreter, "-m", "ruff", "check", "--no-cache", "--quiet");
run(interpreter, "-m", "ruff", "format", "--no-cache", "--quiet", "--check");
run(interpreter, "-m", "mypy", "--cache-dir", join(ROOT, "node_modules/.cache/mypy"), "src", "tests");
const said = run(interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider", ...process.argv.slice(2));
process.stdout.write(`${said.trim().split("\n").at(-1) ?? ""}\n`);
