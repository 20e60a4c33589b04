/** What this machine is, and how busy it is: real figures from the system, never guesses. GB are 2^30 bytes. */

import { execFileSync } from "node:child_process";
import { readFile, statfs } from "node:fs/promises";
import { type CpuInfo, cpus, freemem, release, totalmem, type } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../foundation/clock.ts";
import { runChild } from "./child.ts";
import { textOrEmpty } from "./files.ts";
import { parseAvailable, parseVmStat } from "./memory.ts";

const GB = 2 ** 30;

/** Shortest time between two looks at the CPU counters, ms; they tick every 10 ms. */
const MIN_SAMPLE = 200;

/** Milliseconds a system tool may take. */
const TOOL_TIMEOUT = 2000;

/** What does not change while the machine runs. */
export interface MachineInfo {
  /** `Mac15,12`, or on Linux the product name of the firmware. */
  readonly model: string;
  /** `macOS 15.1`, `Debian GNU/Linux 13 (trixie)`. */
  readonly osVersion: string;
  /** Logical processors. */
  readonly cpuCores: number;
  /** 2^30 bytes, two decimals. */
  readonly totalMemoryGB: number;
}

/** Returns what does not change while the node runs; starts a system tool on macOS, so ask once. */
export function machineInfo(platform: NodeJS.Platform = process.platform): MachineInfo {
  const { model, osVersion } = platform === "darwin" ? describeMac() : describeLinux();
  return { model, osVersion, cpuCores: cpus().length, totalMemoryGB: toGB(totalmem()) };
}

function describeMac(): { model: string; osVersion: string } {
  const model = orElse(
    () => execFileSync("/usr/sbin/sysctl", ["-n", "hw.model"], { timeout: TOOL_TIMEOUT }).toString().trim(),
    "Mac",
  );
  const version = orElse(
    () => execFileSync("/usr/bin/sw_vers", ["-productVersion"], { timeout: TOOL_TIMEOUT }).toString().trim(),
    "",
  );
  return { model, osVersion: version === "" ? `Darwin ${release()}` : `macOS ${version}` };
}

function describeLinux(): { model: string; osVersion: string } {
  const product = textOrEmpty("/sys/class/dmi/id/product_name");
  const board = textOrEmpty("/proc/device-tree/model");
  const system = parsePrettyName(textOrEmpty("/etc/os-release"));
  return { model: printable(product) || printable(board) || process.arch, osVersion: system ?? `${type()} ${release()}` };
}

/** Returns `PRETTY_NAME` of an os-release file (os-release(5)), or undefined when it has none. */
export function parsePrettyName(osRelease: string): string | undefined {
  const value = /^PRETTY_NAME=(.*)$/m.exec(osRelease)?.[1]?.trim();
  return value === undefined ? undefined : printable(value.replace(/^(["'])(.*)\1$/, "$2").replaceAll(/\\([$"'\\`])/g, "$1"));
}

function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "").trim();
}

function orElse<T>(read: () => T, fallback: T): T {
  try {
    return read();
  } catch {
    return fallback;
  }
}

/** What changes from moment to moment. */
export interface MachineFigures {
  /** 0–100 over all processors, since the last look. */
  readonly cpuUsagePercent: number;
  /** Without file cache. */
  readonly memoryUsedGB: number;
  readonly memoryTotalGB: number;
  /** Of the file system that holds the data folder. */
  readonly diskUsedGB: number;
  readonly diskTotalGB: number;
}

/** Processor time so far, in the counters' own unit. */
interface CpuSample {
  readonly at: number;
  readonly busy: number;
  readonly total: number;
}

/** Looks at the machine when asked; keeps the last CPU counters, because usage is a difference. */
export class MachineStats {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #cpus: () => readonly CpuInfo[];
  #sample: CpuSample;
  #percent: number | undefined;

  /** @param folder the data folder, whose file system is reported */
  constructor(folder: string, clock: Clock, readCpus: () => readonly CpuInfo[] = cpus) {
    this.#folder = folder;
    this.#clock = clock;
    this.#cpus = readCpus;
    this.#sample = this.#lookAtCpus();
  }

  /** Resolves to the present figures, two decimals each. The first look waits up to 200 ms for a CPU difference. */
  async read(): Promise<MachineFigures> {
    const [cpuUsagePercent, memoryUsed, disk] = await Promise.all([this.#cpuUsage(), memoryInUse(), statfs(this.#folder)]);
    return {
      cpuUsagePercent,
      memoryUsedGB: toGB(memoryUsed),
      memoryTotalGB: toGB(totalmem()),
      diskUsedGB: toGB((disk.blocks - disk.bfree) * disk.bsize),
      diskTotalGB: toGB(disk.blocks * disk.bsize),
    };
  }

  async #cpuUsage(): Promise<number> {
    const missing = MIN_SAMPLE - (this.#clock.elapsed() - this.#sample.at);
    if (missing > 0 && this.#percent !== undefined) return this.#percent;
    if (missing > 0) await sleep(missing, undefined, { ref: false });
    const before = this.#sample;
    const now = this.#lookAtCpus();
    const total = now.total - before.total;
    if (total <= 0) return this.#percent ?? 0;
    this.#sample = now;
    this.#percent = twoDecimals(Math.min(100, Math.max(0, (100 * (now.busy - before.busy)) / total)));
    return this.#percent;
  }

  #lookAtCpus(): CpuSample {
    let busy = 0;
    let idle = 0;
    for (const { times } of this.#cpus()) {
      busy += times.user + times.nice + times.sys + times.irq;
      idle += times.idle;
    }
    return { at: this.#clock.elapsed(), busy, total: busy + idle };
  }
}

async function memoryInUse(): Promise<number> {
  const fallback = totalmem() - freemem();
  try {
    if (process.platform === "darwin") {
      return parseVmStat((await runChild("/usr/bin/vm_stat", [], { timeout: TOOL_TIMEOUT })).stdout) ?? fallback;
    }
    const available = parseAvailable(await readFile("/proc/meminfo", "utf8"));
    return available === undefined ? fallback : totalmem() - available;
  } catch {
    return fallback;
  }
}

function toGB(bytes: number): number {
  return twoDecimals(bytes / GB);
}

function twoDecimals(value: number): number {
  return Math.round(value * 100) / 100;
}
