/** A LAN of this test's own: hosts in network namespaces on one switch. Multicast never leaves it. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { program } from "../support/daemon.ts";
import { Process, run, succeed } from "../support/processes.ts";
import { until } from "../support/waiting.ts";

/** The one interface of each host. */
export const LINK = "lan0";

/** Programs that look, call and do harm. */
export const PROGRAMS = join(import.meta.dirname, "programs");

let made = 0;

export type Members = Readonly<Record<string, unknown>>;

/** Returns the JSON lines of a text that may still be growing. */
export function wholeLines(text: string): readonly Members[] {
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Members);
}

export class Host {
  readonly namespace: string;
  /** Home of the programs run here, and a place for their files. */
  readonly folder: string;
  /** Its IPv4 address; it has the network's fd77::/64 as well, with the same last number. */
  readonly address: string;
  readonly address6: string;

  constructor(namespace: string, number: number) {
    this.namespace = namespace;
    this.address = `10.77.0.${number}`;
    this.address6 = `fd77::${number}`;
    this.folder = mkdtempSync(join(tmpdir(), "cider-lan-"));
  }

  /** Starts a program on this host; it ends with the test, and so does what it started. */
  start(...words: readonly string[]): Process {
    const { PATH } = process.env;
    const env = { PATH, HOME: this.folder, LANG: "C.UTF-8", NO_COLOR: "1", CIDER_CONFIG_DIR: join(this.folder, "config") };
    return new Process(["ip", "netns", "exec", this.namespace, ...words], { env, cwd: join(import.meta.dirname, "../../..") });
  }

  /** Ends all programs that run here, and the host. */
  async end(): Promise<void> {
    const { stdout } = await run(["ip", "netns", "pids", this.namespace]);
    for (const pid of stdout.split("\n").filter((line) => line !== "")) await run(["kill", "-KILL", pid]);
    await run(["ip", "netns", "del", this.namespace]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Starts `cider fleet …`, as it is shipped. */
  cider(...words: readonly string[]): Process {
    return this.start(...program(...words));
  }

  /** Starts one of the programs of these tests. */
  script(name: string, ...words: readonly string[]): Process {
    return this.start(process.execPath, "--import", "tsx", join(PROGRAMS, name), ...words);
  }

  /** Runs `cider fleet … --json` to its end; rejects when it fails. */
  async answer(...words: readonly string[]): Promise<Members> {
    const { code, stdout, stderr } = await this.cider(...words, "--json").ended;
    if (code !== 0) throw new Error(`cider ${words.join(" ")} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout) as Members;
  }

  /** Runs `ip` on this host. */
  async ip(...words: readonly string[]): Promise<void> {
    await succeed(["ip", "-n", this.namespace, ...words]);
  }

  /** Starts a node of that name; resolves when it says that it is announced. */
  async node(name: string, ...options: readonly string[]): Promise<LanNode> {
    const daemon = this.cider("up", "--data-dir", join(this.folder, name), "--name", name, ...options);
    const node = new LanNode(daemon);
    await until(() => node.line("node started"), `the start of ${name}: ${daemon.stderr}`);
    return node;
  }
}

export class LanNode {
  readonly process: Process;

  constructor(process: Process) {
    this.process = process;
  }

  get nodeId(): string {
    return String(this.line("node started")?.["nodeId"]);
  }

  get lines(): readonly Members[] {
    return wholeLines(this.process.stderr);
  }

  /** Returns the first line of the log with this message. */
  line(message: string): Members | undefined {
    return this.lines.find(({ msg }) => msg === message);
  }

  /** Stops it as a service manager does. */
  async stop(): Promise<void> {
    await this.process.end("SIGTERM");
  }
}

/** Makes as many hosts on one switch; they go with the test. */
export async function lanOf(count: number): Promise<readonly [Host, Host, ...Host[]]> {
  const prefix = `cf-${process.pid}-${++made}`;
  const lan = `${prefix}-switch`;
  const host = (number: number): Host => new Host(`${prefix}-${number}`, number);
  const more = Array.from({ length: count - 2 }, (_, i) => host(i + 3));
  const hosts = [host(1), host(2), ...more] as const;
  onTestFinished(async () => {
    for (const one of hosts) await one.end();
    await run(["ip", "netns", "del", lan]);
  });
  await succeed(["ip", "netns", "add", lan]);
  await succeed(["ip", "-n", lan, "link", "add", "switch", "type", "bridge", "mcast_snooping", "0"]);
  await succeed(["ip", "-n", lan, "link", "set", "switch", "up"]);
  for (const [i, host] of hosts.entries()) {
    const { address, address6, namespace } = host;
    await succeed(["ip", "netns", "add", namespace]);
    await succeed(["ip", "link", "add", LINK, "netns", namespace, "type", "veth", "peer", "name", `port${i}`, "netns", lan]);
    await succeed(["ip", "-n", lan, "link", "set", `port${i}`, "master", "switch", "up"]);
    await host.ip("address", "add", `${address}/24`, "dev", LINK);
    await host.ip("address", "add", `${address6}/64`, "dev", LINK, "nodad");
    for (const link of ["lo", LINK]) await host.ip("link", "set", link, "up");
  }
  return hosts;
}
