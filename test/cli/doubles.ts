/** A terminal that keeps what was written, and programs run as real processes. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import { type Output, Screen, type Terminal } from "../../src/cli/terminal.ts";

export const ROOT = join(import.meta.dirname, "../..");

export interface Capture extends Output {
  text: string;
}

/** An output stream of which only the text remains. */
export function capture(shape: { isTTY?: boolean; columns?: number } = {}): Capture {
  return {
    ...shape,
    text: "",
    write(text) {
      this.text += text;
    },
  };
}

export interface TerminalDouble extends Terminal {
  readonly stdout: Capture;
  readonly stderr: Capture;
}

/** A terminal without colour unless `env` asks for it. */
export function terminalDouble(options: { isTTY?: boolean; env?: Record<string, string> } = {}): TerminalDouble {
  const { isTTY = false, env = { NO_COLOR: "1" } } = options;
  const stdout = capture({ isTTY });
  const stderr = capture({ isTTY });
  const input = Object.assign(new PassThrough(), { isTTY: false }) as unknown as ReadStream;
  return { input, stdout, stderr, out: new Screen(stdout, env), err: new Screen(stderr, env), env };
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `cider fleet …` from its sources in a process of its own. */
export function runProcess(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const args = ["--import", "tsx", join(ROOT, "scripts/dev.ts"), ...words];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...env } }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
    child.stdin?.end();
  });
}
