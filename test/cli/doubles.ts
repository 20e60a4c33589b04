/** A terminal that keeps what was written, and programs run as real processes. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import { runWords } from "../../src/cli/main.ts";
import { type Output, Screen, type Terminal } from "../../src/cli/terminal.ts";

export const ROOT = join(import.meta.dirname, "../..");

/** The command line from its sources, as Node runs it. */
export const PROGRAM = [process.execPath, "--import", "tsx", join(ROOT, "scripts/dev.ts")] as const;

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
  const stdout = capture({ isTTY, columns: 120 });
  const stderr = capture({ isTTY, columns: 120 });
  const input = Object.assign(new PassThrough(), { isTTY: false }) as unknown as ReadStream;
  return { input, stdout, stderr, out: new Screen(stdout, env), err: new Screen(stderr, env), env, program: "cider fleet" };
}

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `cider fleet …` in this process, as beside a pipe. */
export async function run(...words: readonly string[]): Promise<Ran> {
  const terminal = terminalDouble();
  const code = await runWords(words, terminal);
  return { code, out: terminal.stdout.text, err: terminal.stderr.text };
}

/** A program in a process of its own. */
export class Running {
  readonly child: ChildProcess;
  out = "";
  err = "";
  readonly #ended: Promise<unknown>;

  constructor(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const [program = "", ...args] = command;
    this.child = spawn(program, args, { cwd: ROOT, env: { ...process.env, NO_COLOR: "1", ...env } });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.err += text;
    });
    this.#ended = once(this.child, "close");
  }

  /** Writes to its standard input and closes that. */
  type(text: string): this {
    this.child.stdin?.end(text);
    return this;
  }

  /** Resolves with the match once the pattern has been written; rejects when the program ended without. */
  async says(pattern: RegExp, stream: "out" | "err" = "out"): Promise<RegExpExecArray> {
    const ended = this.#ended.then(() => true);
    while (true) {
      const match = pattern.exec(this[stream]);
      if (match !== null) return match;
      const source = stream === "out" ? this.child.stdout : this.child.stderr;
      const over = await Promise.race([ended, once(source ?? this.child, "data").then(() => false)]);
      if (over && !pattern.test(this[stream])) throw new Error(`ended without ${pattern}: ${this.out}${this.err}`);
    }
  }

  /** Sends the signal, if any, and resolves when the program has ended. */
  async end(signal?: NodeJS.Signals): Promise<Ran> {
    if (signal !== undefined) this.child.kill(signal);
    await this.#ended;
    return { code: this.child.exitCode, out: this.out, err: this.err };
  }
}

/** Starts `cider fleet …` from its sources. */
export function start(words: readonly string[], env?: Readonly<Record<string, string>>): Running {
  return new Running([...PROGRAM, ...words], env);
}
