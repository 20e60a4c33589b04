/** Programs of other people: files beside an installed package, run with a home of their own. */

import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { inject, onTestFinished } from "vitest";
import { type JsonObject, parseObject } from "../../../src/wire/parse.ts";
import { cleanEnvironment } from "./daemon.ts";
import { Process } from "./processes.ts";

const PROGRAMS = join(import.meta.dirname, "../programs");

export class Consumer {
  readonly #home = mkdtempSync(join(tmpdir(), "cider-consumer-"));
  readonly #before: readonly string[];
  readonly #env: Readonly<Record<string, string>>;

  /** @param before words before each program, as `ip netns exec …` @param env beside a clean environment */
  constructor(before: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    this.#before = before;
    this.#env = env;
  }

  /** Starts a program of `programs/` with these arguments. */
  start(name: string, ...args: readonly string[]): Process {
    const path = join(inject("installed"), basename(name));
    copyFileSync(join(PROGRAMS, name), path);
    return new Process([...this.#before, process.execPath, path, ...args], {
      cwd: inject("installed"),
      env: { ...cleanEnvironment(this.#home), ...this.#env },
    });
  }

  /** Runs a program and resolves to the JSON object that it printed as its one line; rejects when it failed. */
  async run(name: string, input: JsonObject): Promise<JsonObject> {
    const process = this.start(name);
    process.write(JSON.stringify(input));
    const { code, stderr, stdout } = await process.finish();
    if (code !== 0) throw new Error(`${name} ended with ${String(code)}\n${stderr}`);
    return parseObject(JSON.parse(stdout), name);
  }

  end(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** Returns a consumer whose home is removed with the test. */
export function consumerOfTest(before: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Consumer {
  const consumer = new Consumer(before, env);
  onTestFinished(() => consumer.end());
  return consumer;
}
