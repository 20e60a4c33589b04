import type { CpuInfo } from "node:os";
import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import type { Clock } from "../../src/foundation/clock.ts";
import { MachineStats, machineInfo, parsePrettyName } from "../../src/host/machine.ts";
import { parseAvailable, parseVmStat } from "../../src/host/memory.ts";

test("machineInfo says something true of this machine", () => {
  const { model, osVersion, cpuCores, totalMemoryGB } = machineInfo();
  expect(model).not.toBe("");
  expect(osVersion).not.toBe("");
  expect(cpuCores).toBeGreaterThan(0);
  expect(totalMemoryGB).toBeGreaterThan(0);
});

describe("parsePrettyName", () => {
  test.each([
    ['NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n', "Debian GNU/Linux 13 (trixie)"],
    ["PRETTY_NAME=Alpine", "Alpine"],
    ["PRETTY_NAME='A \"B\"'", 'A "B"'],
    ['PRETTY_NAME="\\"Quoted\\" \\$x"', '"Quoted" $x'],
    ["NAME=none", undefined],
  ])("of %j is %j", (text, name) => {
    expect(parsePrettyName(text)).toBe(name);
  });
});

describe("memory in use", () => {
  test("MemAvailable is in KiB", () => {
    expect(parseAvailable("MemTotal:  8000 kB\nMemAvailable:    4096 kB\n")).toBe(4 * 2 ** 20);
    expect(parseAvailable("MemTotal:  8000 kB\n")).toBeUndefined();
  });

  test("vm_stat: app, wired and compressed pages, without file cache", () => {
    const text = [
      "Mach Virtual Memory Statistics: (page size of 16384 bytes)",
      "Pages free:                               10000.",
      "Pages wired down:                           300.",
      "Pages purgeable:                             50.",
      '"Translation faults":                    987654.',
      "File-backed pages:                        70000.",
      "Anonymous pages:                           1000.",
      "Pages stored in compressor:                9000.",
      "Pages occupied by compressor:               200.",
    ].join("\n");
    expect(parseVmStat(text)).toBe(16384 * (1000 - 50 + 300 + 200));
    expect(parseVmStat(text.replace("Anonymous", "Other"))).toBeUndefined();
    expect(parseVmStat("")).toBeUndefined();
  });
});

describe("MachineStats", () => {
  /** Two processors whose counters, and a clock, that the test sets. */
  function machine(): { stats: MachineStats; run(ms: number, busy: number): void } {
    let [elapsed, busy, idle] = [0, 0, 0];
    const clock: Clock = { now: () => 0, elapsed: () => elapsed };
    const cpu = (): CpuInfo => ({ model: "", speed: 0, times: { user: busy, nice: 0, sys: 0, irq: 0, idle } });
    return {
      stats: new MachineStats(tmpdir(), clock, () => [cpu(), cpu()]),
      run: (ms, share) => {
        elapsed += ms;
        busy += ms * share;
        idle += ms * (1 - share);
      },
    };
  }

  test("CPU usage is the difference since the last look", async () => {
    const { stats, run } = machine();
    run(1000, 0.25);
    expect((await stats.read()).cpuUsagePercent).toBe(25);
    run(1000, 1);
    expect((await stats.read()).cpuUsagePercent).toBe(100);
  });

  test("a look too soon repeats the last figure instead of guessing", async () => {
    const { stats, run } = machine();
    run(1000, 0.5);
    await stats.read();
    run(50, 1);
    expect((await stats.read()).cpuUsagePercent).toBe(50);
  });

  test("counters that stood still are no usage", async () => {
    const { stats } = machine();
    expect((await stats.read()).cpuUsagePercent).toBe(0);
  });

  test("memory and disk are within their totals, to two decimals", async () => {
    const { stats, run } = machine();
    run(1000, 0);
    const figures = await stats.read();
    expect(figures.memoryUsedGB).toBeGreaterThan(0);
    expect(figures.memoryUsedGB).toBeLessThanOrEqual(figures.memoryTotalGB);
    expect(figures.diskUsedGB).toBeLessThanOrEqual(figures.diskTotalGB);
    for (const figure of Object.values<number>({ ...figures })) expect(figure).toBe(Number(figure.toFixed(2)));
  });

  test("a folder that is gone is an error, not a zero", async () => {
    const stats = new MachineStats("/nowhere/at/all", { now: () => 0, elapsed: () => 0 });
    await expect(stats.read()).rejects.toMatchObject({ code: "ENOENT" });
  });
});
