import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { MAX_OUTPUT, runChild } from "../../src/host/child.ts";

const PATIENT = { timeout: 20_000 };

function isAlive(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  if (existsSync("/proc/self/stat")) return existsSync(stat) && !readFileSync(stat, "utf8").includes(") Z ");
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Waits until the process is gone; fails after 5 s. */
async function gone(pid: number): Promise<void> {
  for (let i = 0; i < 250 && isAlive(pid); i++) await sleep(20);
  expect(isAlive(pid)).toBe(false);
}

describe("runChild", () => {
  test("returns code and both outputs, and hands input over", async () => {
    const script = "cat; echo bad >&2; exit 3";
    expect(await runChild("sh", ["-c", script], { ...PATIENT, input: "good" })).toEqual({
      code: 3,
      stdout: "good",
      stderr: "bad\n",
    });
  });

  test("gives arguments as they are: no shell reads them", async () => {
    expect((await runChild("printf", ["%s", "$HOME; `id`"], PATIENT)).stdout).toBe("$HOME; `id`");
  });

  test("does not mind a child that ignores its input", async () => {
    expect((await runChild("true", [], { ...PATIENT, input: "x".repeat(1 << 20) })).code).toBe(0);
  });

  test("has no code when a signal ended the child", async () => {
    expect((await runChild("sh", ["-c", "kill -9 $$"], PATIENT)).code).toBeNull();
  });

  test("keeps 1 MiB of output and lets the child finish", async () => {
    const result = await runChild("sh", ["-c", `head -c ${3 * MAX_OUTPUT} /dev/zero; exit 4`], PATIENT);
    expect([result.code, result.stdout.length]).toEqual([4, MAX_OUTPUT]);
  });

  test("rejects with the system's error for a program that is not there", async () => {
    await expect(runChild("/nowhere/program", [], PATIENT)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("kills the whole group at its timeout, grandchildren that hold the pipe included", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cider-child-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const script = `sleep 300 & echo $! > ${folder}/pid; wait`;
    await expect(runChild("sh", ["-c", script], { timeout: 300 })).rejects.toMatchObject({ code: "TIMEOUT" });
    await gone(Number(readFileSync(join(folder, "pid"), "utf8")));
  });

  test("does not wait for a grandchild that keeps the pipe after the child is gone", async () => {
    const { code, stdout } = await runChild("sh", ["-c", "sleep 60 & echo $!"], PATIENT);
    expect(code).toBe(0);
    process.kill(Number(stdout), "SIGKILL");
  });

  test("ends with its signal, before and during", async () => {
    const abort = new AbortController();
    const running = runChild("sleep", ["300"], { ...PATIENT, signal: abort.signal });
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: "ABORTED" });
    await expect(runChild("sleep", ["300"], { ...PATIENT, signal: abort.signal })).rejects.toMatchObject({ code: "ABORTED" });
  });
});
