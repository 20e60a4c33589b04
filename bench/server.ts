/** Servers in processes of their own that can be asked what CPU time they used. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { type Answer, type Destination, drive, type Load } from "./load.ts";

const REPORT_USAGE = new URL("report-usage.mjs", import.meta.url).href;
const BARE_HTTP = join(import.meta.dirname, "bare-http.mjs");

/** Fields that node:http writes by itself, the same on both sides. */
const WRITTEN_BY_NODE = ["date", "connection", "keep-alive", "transfer-encoding"];

/** Milliseconds between two looks whether a server is there. */
const LOOK_AGAIN = 5;

/** What a bare server is told to answer. */
export type Told = Pick<Answer, "status" | "headers" | "body">;

/** Returns what to run for a node:http that gives this answer, field by field. */
export function bareHttp({ status, headers, body }: Told): readonly string[] {
  const fields = headers.filter(([name]) => !WRITTEN_BY_NODE.includes(name.toLowerCase())).flat();
  return [BARE_HTTP, JSON.stringify({ status, headers: fields, body: body.toString() })];
}

/** A running server, or another program that works when it is told to. */
export class ServerUnderTest {
  readonly #child: ChildProcess;
  readonly at: Destination;

  private constructor(child: ChildProcess, at: Destination) {
    this.#child = child;
    this.at = at;
  }

  /**
   * Starts `node <words>` and resolves once `locate`, shown all lines said so far, returns an address. Rejects with those
   * lines when the program ends before.
   */
  static async start(
    words: readonly string[],
    locate: (said: readonly string[]) => Destination | undefined,
  ): Promise<ServerUnderTest> {
    const child = spawn(process.execPath, ["--import", REPORT_USAGE, ...words], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    const said: string[] = [];
    for (const input of [child.stdout, child.stderr]) if (input) createInterface({ input }).on("line", (line) => said.push(line));
    for (;;) {
      const at = locate(said);
      if (at !== undefined) return new ServerUnderTest(child, at);
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`the server ended with ${child.exitCode ?? child.signalCode}: ${said.join("\n")}`);
      }
      await setTimeout(LOOK_AGAIN);
    }
  }

  /** Starts bare node:http that gives the same answer. */
  static bare(answer: Told): Promise<ServerUnderTest> {
    return ServerUnderTest.start(bareHttp(answer), ([port]) =>
      port === undefined ? undefined : { host: "127.0.0.1", port: Number(port) },
    );
  }

  /** Sends the process a message and returns its answer. */
  async tell(message: string | object): Promise<unknown> {
    this.#child.send(message);
    const [answer] = (await once(this.#child, "message")) as [unknown];
    return answer;
  }

  /** Returns the CPU seconds, user and system, the process has used so far. */
  async cpuSeconds(): Promise<number> {
    const { usage } = (await this.tell("usage")) as { usage: NodeJS.CpuUsage };
    return (usage.user + usage.system) / 1e6;
  }

  /** Returns how much of what `work` counts was done per CPU second of this process. */
  async perCpuSecond(work: () => Promise<number>): Promise<number> {
    const before = await this.cpuSeconds();
    const done = await work();
    return done / ((await this.cpuSeconds()) - before);
  }

  /** Returns requests answered per CPU second of this server. */
  rate(load: Load): Promise<number> {
    return this.perCpuSecond(() => drive(this.at, load));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill();
    await once(this.#child, "exit");
  }
}
