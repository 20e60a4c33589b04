/** The built daemon in a process of its own: started, killed, started again, and looked through at its end. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject, onTestFinished } from "vitest";
import type { NodeId } from "../../../src/foundation/ids.ts";
import { type FleetClient, localClient } from "../../../src/sdk-node/index.ts";
import { isJsonObject, type JsonObject } from "../../../src/wire/parse.ts";
import type { Reachable } from "../../support/node.ts";
import { type Ended, Process, run } from "./processes.ts";
import { findLeaks } from "./secrets.ts";

export interface DaemonOptions {
  /** Its data folder; a new one below the temporary folder unless given. It is removed at the end, whoever made it. */
  readonly folder?: string;
  /** Further options of `up`; without any it listens on 127.0.0.1. */
  readonly options?: readonly string[];
  /** Fixed port; any free one unless given, and the same at every later start. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the program, as `ip netns exec …`. */
  readonly before?: readonly string[];
}

/** What the daemon says of itself when it is ready. */
interface Started {
  readonly nodeId: NodeId;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly socket: string;
  readonly dataDir: string;
}

/** Returns the words that run a command of the installed package. */
export function program(...words: readonly string[]): readonly string[] {
  return [process.execPath, join(inject("installed"), "node_modules/cider-fleet/bin/cider-fleet.cjs"), ...words];
}

/** Returns an environment in which a program finds nothing of this account, and announces nothing on its networks. */
export function cleanEnvironment(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: home, NO_COLOR: "1", LANG: "C.UTF-8", CIDER_DISCOVERY: "off" };
}

export class Daemon {
  readonly folder: string;
  /** Home of the daemon and of the commands run beside it. */
  readonly home: string;
  readonly #options: DaemonOptions;
  #process: Process | undefined;
  #started: Started | undefined;
  #place: Reachable | undefined;
  #said = "";

  constructor(options: DaemonOptions = {}) {
    this.home = mkdtempSync(join(tmpdir(), "cider-home-"));
    this.folder = options.folder ?? mkdtempSync(join(tmpdir(), "cider-data-"));
    this.#options = options;
  }

  get nodeId(): NodeId {
    return this.#now.nodeId;
  }

  get port(): number {
    return this.#now.port;
  }

  get addresses(): readonly string[] {
    return this.#now.addresses;
  }

  get socket(): string {
    return this.#now.socket;
  }

  get pid(): number {
    if (this.#process === undefined) throw new Error("the daemon was not started");
    return this.#process.pid;
  }

  /** What hand-made requests need to know of it; another object after each start. */
  get place(): Reachable {
    this.#place ??= {
      nodeId: this.nodeId,
      port: this.port,
      socket: this.socket,
      ca: readFileSync(join(this.folder, "ca.pem"), "utf8"),
    };
    return this.#place;
  }

  /** Everything all its processes said. */
  get said(): string {
    return this.#said + (this.#process === undefined ? "" : this.#process.stdout + this.#process.stderr);
  }

  /** Starts it, again on the port it had; resolves when it says that it is ready. */
  async start(...more: readonly string[]): Promise<this> {
    const starting = this.launch(...more);
    this.#place = undefined;
    this.#started = await starting.line("stderr", (line) => startedIn(line), "the line that says it started");
    return this;
  }

  /** Starts the process without waiting for anything; for starts that may fail. */
  launch(...more: readonly string[]): Process {
    if (this.#process !== undefined) this.#said = this.said;
    const { before = [], env, options = ["--listen", "127.0.0.1"], port = this.#started?.port ?? 0 } = this.#options;
    const words = program("up", "--data-dir", this.folder, "--port", String(port), ...options, ...more);
    this.#process = new Process([...before, ...words], { env: { ...cleanEnvironment(this.home), ...env } });
    return this.#process;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.#process?.end("SIGKILL");
  }

  /** Asks it to stop and resolves when it has. */
  async stop(): Promise<Ended> {
    if (this.#process === undefined) throw new Error("the daemon was not started");
    return this.#process.end("SIGTERM");
  }

  /** Kills it and starts it again. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Returns a client over its socket. */
  local(): FleetClient {
    return localClient(this.socket);
  }

  /** Runs a command beside it, as its owner would in a second terminal. */
  cli(...words: readonly string[]): Promise<Ended> {
    return run(this.command(...words), { env: cleanEnvironment(this.home) });
  }

  /** Resolves to the one JSON line that a command answers; rejects when it fails. */
  async cliJson(...words: readonly string[]): Promise<JsonObject> {
    const { code, stderr, stdout } = await this.cli(...words, "--json");
    if (code !== 0) throw new Error(`${words.join(" ")} ended with ${String(code)}: ${stderr}`);
    const answer: unknown = JSON.parse(stdout);
    if (!isJsonObject(answer)) throw new Error(`${words.join(" ")} answered ${stdout}`);
    return answer;
  }

  /** Returns the words of a command that talks to it. */
  command(...words: readonly string[]): readonly string[] {
    return program(...words, "--data-dir", this.folder);
  }

  /** Ends it, looks through all it wrote, and removes that. Throws when it wrote what it must not. */
  async end(): Promise<void> {
    if (this.#process?.hasEnded === false) await this.kill();
    try {
      const leaks = this.#started === undefined ? [] : findLeaks(this.folder, this.said);
      if (leaks.length > 0) throw new Error(`the daemon wrote what it must not:\n${leaks.join("\n")}`);
    } finally {
      for (const folder of [this.folder, this.home]) rmSync(folder, { recursive: true, force: true });
    }
  }

  get #now(): Started {
    if (this.#started === undefined) throw new Error("the daemon was not started");
    return this.#started;
  }
}

/** Starts a daemon that ends with the test. */
export async function daemonOfTest(options: DaemonOptions = {}): Promise<Daemon> {
  const daemon = new Daemon(options);
  onTestFinished(() => daemon.end());
  return daemon.start();
}

function startedIn(line: string): Started | undefined {
  if (!line.startsWith("{")) return undefined;
  const entry: unknown = JSON.parse(line);
  return isJsonObject(entry) && entry["msg"] === "node started" ? (entry as unknown as Started) : undefined;
}
