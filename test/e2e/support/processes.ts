/** Programs in processes of their own, with everything they said, and an end. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { PATIENCE, within } from "./waiting.ts";

/** How a process ended and what it had said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly cwd?: string;
  /** The whole environment. */
  readonly env?: NodeJS.ProcessEnv;
}

export class Process {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #what: string;
  readonly #said = { stdout: "", stderr: "" };
  readonly #listeners = new Set<() => void>();
  readonly ended: Promise<Ended>;
  #end: Ended | undefined;

  constructor([command = "", ...args]: readonly string[], { cwd, env }: ProcessOptions = {}) {
    this.#what = [command, ...args].join(" ");
    this.#child = spawn(command, args, { cwd, env: env ?? process.env, stdio: "pipe" });
    for (const stream of ["stdout", "stderr"] as const) {
      this.#child[stream].setEncoding("utf8").on("data", (text: string) => {
        this.#said[stream] += text;
        this.#wake();
      });
    }
    this.#child.stdin.on("error", () => undefined);
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        this.#end = { code, signal, ...this.#said };
        resolve(this.#end);
        this.#wake();
      });
    });
    this.ended.catch(() => undefined);
  }

  get stdout(): string {
    return this.#said.stdout;
  }

  get stderr(): string {
    return this.#said.stderr;
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.#what} did not start`);
    return pid;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Resolves to the first whole line of a stream, past or to come, of which `fits` makes something. */
  line<T>(stream: "stdout" | "stderr", fits: (line: string) => T | undefined, what: string): Promise<T> {
    return within(this.#firstLine(stream, fits, what), `${what} of ${this.#what}`, { state: () => this.#everything() });
  }

  /** Writes to its stdin and, unless more is to come, ends that. */
  write(text: string, { more = false } = {}): void {
    this.#child.stdin.write(text);
    if (!more) this.#child.stdin.end();
  }

  /** Sends the signal and resolves when the process has ended. */
  async end(signal: NodeJS.Signals): Promise<Ended> {
    this.#child.kill(signal);
    return this.finish();
  }

  /** Resolves when the process has ended; one that does not is killed, and rejects. */
  async finish(time: number = PATIENCE): Promise<Ended> {
    try {
      return await within(this.ended, `the end of ${this.#what}`, { time, state: () => this.#everything() });
    } finally {
      if (!this.hasEnded) this.#child.kill("SIGKILL");
    }
  }

  async #firstLine<T>(stream: "stdout" | "stderr", fits: (line: string) => T | undefined, what: string): Promise<T> {
    let read = 0;
    for (;;) {
      const text = this.#said[stream];
      for (let end = text.indexOf("\n", read); end >= 0; end = text.indexOf("\n", read)) {
        const found = fits(text.slice(read, end));
        read = end + 1;
        if (found !== undefined) return found;
      }
      if (this.hasEnded) throw new Error(`${this.#what} ended without ${what}\n${this.#everything()}`);
      await new Promise<void>((resolve) => this.#listeners.add(resolve));
    }
  }

  #wake(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }

  #everything(): string {
    return `stdout:\n${this.#said.stdout}\nstderr:\n${this.#said.stderr}`;
  }
}

/** Runs a program to its end, with `input` on its stdin. */
export async function run(
  words: readonly string[],
  { input = "", time, ...options }: ProcessOptions & { readonly input?: string; readonly time?: number } = {},
): Promise<Ended> {
  const process = new Process(words, options);
  process.write(input);
  return process.finish(time);
}

/** Runs a program that must succeed, and resolves to its stdout. */
export async function succeed(words: readonly string[], options: Parameters<typeof run>[1] = {}): Promise<string> {
  const { code, signal, stdout, stderr } = await run(words, options);
  if (code === 0) return stdout;
  throw new Error(`${words.join(" ")} ended with ${String(code ?? signal)}\nstdout:\n${stdout}\nstderr:\n${stderr}`);
}
