/** A virtual environment of Python with what the client's tests need, kept between runs, one for each version of Python. */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CACHE = join(import.meta.dirname, "../../node_modules/.cache");

/** The Python client's folder. */
export const PYTHON_CLIENT = join(import.meta.dirname, "../../clients/python");

/** What the tests need, and what the client does. */
const TOOLS = [
  "pip>=23",
  "pytest>=7",
  "mypy>=1.8",
  "types-requests",
  "ruff>=0.9",
  "requests",
  "cryptography",
  // Prometheus' own reader of what a node measures.
  "prometheus-client",
  // A partner to sign and verify with; there is none for older Pythons.
  'http-message-signatures>=3; python_version >= "3.10"',
];

/** Returns what a program says, run in the client's folder; throws with all it said when it fails. */
export function runInClient(program: string, ...words: readonly string[]): string {
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1", PIP_ROOT_USER_ACTION: "ignore" };
  const { status, stdout, stderr, error } = spawnSync(program, words, { cwd: PYTHON_CLIENT, encoding: "utf8", env });
  if (status === 0) return stdout;
  throw new Error([`${program} ${words.join(" ")}`, stdout, stderr, error?.message].filter(Boolean).join("\n"));
}

/** Returns the environment's interpreter; `$PYTHON`, else `python3`, is the one it is made from. */
export function pythonEnvironment(): string {
  const python = process.env["PYTHON"] ?? "python3";
  const version = execFileSync(python, ["-c", "import platform; print(platform.python_version())"], { encoding: "utf8" }).trim();
  const folder = join(CACHE, `python-${version}`);
  const interpreter = join(folder, "bin/python");
  // Written last: an environment that was cut short, or made for other tools, is made anew.
  const complete = join(folder, "tools.json");
  const tools = JSON.stringify(TOOLS);
  if (!existsSync(complete) || readFileSync(complete, "utf8") !== tools) {
    mkdirSync(folder, { recursive: true });
    runInClient(python, "-m", "venv", "--clear", folder);
    runInClient(interpreter, "-m", "pip", "install", "--quiet", ...TOOLS);
    writeFileSync(complete, tools);
  }
  return interpreter;
}
