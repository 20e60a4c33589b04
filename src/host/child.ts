/**
 * Runs a program to its end. The child leads a process group of its own, so that a timeout ends what it started as
 * well; a grandchild that keeps the pipes open after the child is gone is not waited for. No shell is involved.
 */

import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { FleetError } from "../foundation/errors.ts";

/** Bytes kept of each output stream; what comes after is read and dropped, so that the child is never blocked. */
export const MAX_OUTPUT = 1024 * 1024;

/** Milliseconds between the child's exit and giving up on pipes that something else still holds. */
const DRAIN_TIME = 100;

/** How long a program may run, and what it reads. */
export interface ChildOptions {
  /** Milliseconds until the whole process group is killed. */
  readonly timeout: number;
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

/** How a program ended, and what it said. */
export interface ChildResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Resolves when the program has ended, whatever its exit code. Rejects with TIMEOUT or ABORTED after killing its
 * group, and with the system's error when it could not be started.
 */
export function runChild(command: string, args: readonly string[], options: ChildOptions): Promise<ChildResult> {
  const { timeout, input, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new FleetError("ABORTED", `${command} was not started`));
      return;
    }
    const child = spawn(command, args, { detached: true, stdio: ["pipe", "pipe", "pipe"] });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const end = (error: FleetError): void => {
      killGroup(child);
      settle(() => reject(error));
    };
    const timer = setTimeout(() => end(new FleetError("TIMEOUT", `${command} did not end within ${timeout} ms`)), timeout);
    const abort = (): void => end(new FleetError("ABORTED", `${command} was aborted`));
    const settle = (outcome: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      for (const stream of child.stdio) stream?.destroy();
      outcome();
    };
    signal?.addEventListener("abort", abort, { once: true });
    child.once("error", (error) => {
      settle(() => reject(error));
    });
    onEnd(child, (code) => {
      settle(() => resolve({ code, stdout: stdout(), stderr: stderr() }));
    });
    child.stdin.on("error", () => undefined); // a child need not read its input
    child.stdin.end(input);
  });
}

/** Calls back once: when the pipes have closed, or a moment after the exit when something else holds them. */
function onEnd(child: ChildProcess, done: (code: number | null) => void): void {
  child.once("exit", (code) => {
    const timer = setTimeout(() => done(code), DRAIN_TIME);
    child.once("close", () => {
      clearTimeout(timer);
      done(code);
    });
  });
}

function collect(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on("error", () => undefined);
  stream.on("data", (chunk: Buffer) => {
    const kept = chunk.subarray(0, MAX_OUTPUT - length);
    length += kept.length;
    if (kept.length > 0) chunks.push(kept);
  });
  return () => Buffer.concat(chunks).toString();
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}
