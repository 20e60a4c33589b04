/** `cider fleet pair --json` in a process of its own, followed like a script follows it. */

import { onTestFinished } from "vitest";
import { isJsonObject, type JsonObject, parseObject, parseString } from "../../../src/wire/parse.ts";
import { cleanEnvironment, type Daemon } from "./daemon.ts";
import { Process } from "./processes.ts";

/** The first line. */
export interface OpenLine {
  readonly code: string;
  readonly link: string;
  readonly secondsLeft: number;
}

export class PairCommand {
  readonly process: Process;

  constructor(daemon: Daemon, ...options: readonly string[]) {
    this.process = new Process(daemon.command("pair", "--json", ...options), { env: cleanEnvironment(daemon.home) });
  }

  /** Resolves to the first line of that event. */
  line(event: string): Promise<JsonObject> {
    return this.process.line(
      "stdout",
      (line) => {
        const value: unknown = JSON.parse(line);
        return isJsonObject(value) && value["event"] === event ? value : undefined;
      },
      `the line "${event}"`,
    );
  }

  async open(): Promise<OpenLine> {
    const line = await this.line("open");
    return { code: parseString(line, "code"), link: parseString(line, "link"), secondsLeft: Number(line["secondsLeft"]) };
  }

  /** Returns all events so far, by name. */
  get events(): readonly string[] {
    const lines = this.process.stdout.split("\n").filter((line) => line !== "");
    return lines.map((line) => parseString(parseObject(JSON.parse(line), "line"), "event"));
  }
}

/** Opens a window; the command ends with the test, if it has not before. */
export async function openWindow(
  daemon: Daemon,
  ...options: readonly string[]
): Promise<{ readonly command: PairCommand } & OpenLine> {
  const command = new PairCommand(daemon, ...options);
  onTestFinished(async () => {
    if (!command.process.hasEnded) await command.process.end("SIGKILL");
  });
  return { command, ...(await command.open()) };
}
