/** `kill -9` at random moments under concurrent commits: what was answered is there, and every start succeeds. */

import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { NODE, newFolder, openLedger } from "./fixture.ts";

/** More by `CRASH_ROUNDS=400`. */
const ROUNDS = Number(process.env["CRASH_ROUNDS"] ?? "40");

/** Longest life of a child after its first answer, ms. */
const LONGEST_LIFE = 40;

/** Bundled once, because a start under tsx takes longer than the life that is tested. */
function bundle(folder: string): string {
  const outfile = join(folder, "crash.mjs");
  const entry = fileURLToPath(new URL("crash.ts", import.meta.url));
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm", target: "node20" });
  return outfile;
}

/** Runs a child until a random moment after its first answer; resolves to the names it answered for. */
async function liveAndDie(program: string, folder: string, first: number): Promise<readonly string[]> {
  const child: ChildProcess = spawn(process.execPath, [program, folder, String(first), NODE], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [answers, complaints] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => {
    if (answers === "") setTimeout(() => child.kill("SIGKILL"), randomInt(LONGEST_LIFE));
    answers += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  await once(child, "close");
  expect(complaints).toBe("");
  expect(child.signalCode).toBe("SIGKILL");
  return answers.slice(0, answers.lastIndexOf("\n")).split("\n");
}

test(`${ROUNDS} rounds`, { timeout: 3000 * ROUNDS }, async () => {
  const program = bundle(newFolder());
  const folder = newFolder();
  const answered: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    answered.push(...(await liveAndDie(program, folder, round * 1_000_000)));
    if (round % 4 !== 3) continue; // three of four starts are the next child's own, on what the kill left
    const { ledger, badges } = await openLedger(folder);
    const held = new Set(badges.names);
    expect(answered.filter((name) => !held.has(name))).toEqual([]);
    await ledger.close();
    if (round % 8 === 3 && existsSync(join(folder, "state.json"))) rmSync(join(folder, "state.json"));
  }
  expect(answered.length).toBeGreaterThan(ROUNDS);
});
