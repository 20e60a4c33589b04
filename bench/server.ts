/** Servers in processes of their own that can be asked what CPU time they used. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Answer, type Destination, drive, type Load } from "./load.ts";

const REPORT_USAGE = new URL("report-usage.mjs", import.meta.url).href;

/** Fields that node:http writes by itself, the same on both sides. */
const WRITTEN_BY_NODE = ["date", "connection", "keep-alive", "transfer-encoding"];

/** A running server. */
export class ServerUnderTest {
  readonly #child: ChildProcess;
  readonly at: Destination;

  private constructor(child: ChildProcess, at: Destination) {
    this.#child = child;
    this.at = at;
  }

  /**
   * Starts `node <words>` and resolves once `locate` makes an address of one of its output lines. Standard error is read
   * as well: a daemon's announcement is a log line.
   */
  static async start(
    words: readonly string[],
    locate: (line: string) => Destination | undefined,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ServerUnderTest> {
    const child = spawn(process.execPath, ["--import", REPORT_USAGE, ...words], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, ...env },
    });
    return new ServerUnderTest(child, await firstAddress(child, locate));
  }

  /** Starts bare node:http that gives the same answer, field by field. */
  static bare(answer: Pick<Answer, "status" | "headers" | "body">): Promise<ServerUnderTest> {
    const headers = answer.headers.filter(([name]) => !WRITTEN_BY_NODE.includes(name.toLowerCase())).flat();
    const told = JSON.stringify({ status: answer.status, headers, body: answer.body.toString() });
    return ServerUnderTest.start([join(import.meta.dirname, "bare-http.mjs"), told], (line) => ({
      host: "127.0.0.1",
      port: (JSON.parse(line) as { port: number }).port,
    }));
  }

  /** Returns the CPU seconds, user and system, the process has used so far. */
  async cpuSeconds(): Promise<number> {
    this.#child.send("usage");
    const [{ user, system }] = (await once(this.#child, "message")) as [NodeJS.CpuUsage];
    return (user + system) / 1e6;
  }

  /** Returns requests answered per CPU second of this server. */
  async rate(load: Load): Promise<number> {
    const before = await this.cpuSeconds();
    const answered = await drive(this.at, load);
    return answered / ((await this.cpuSeconds()) - before);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill();
    await once(this.#child, "exit");
  }
}

async function firstAddress(child: ChildProcess, locate: (line: string) => Destination | undefined): Promise<Destination> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const at = locate(line);
        if (at !== undefined) resolve(at);
      });
    }
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code ?? "a signal"}: ${said.join("\n")}`)));
  });
}
