/**
 * A daemon reduced to its lock. Each line on stdin is a command: `take` answers `owner` or the error's code and text,
 * `release` answers `released`.
 *
 * Usage: holder.ts <folder>
 */

import { createInterface } from "node:readline";
import { isFleetError } from "../../src/foundation/errors.ts";
import { acquireLock, type Lock } from "../../src/host/lock.ts";

const folder = process.argv[2] ?? "";
let lock: Lock | undefined;

async function take(): Promise<string> {
  try {
    lock = await acquireLock(folder);
    return "owner";
  } catch (error) {
    return isFleetError(error) ? `${error.code} ${error.message}` : String(error);
  }
}

async function release(): Promise<string> {
  await lock?.release();
  lock = undefined;
  return "released";
}

for await (const command of createInterface({ input: process.stdin })) {
  process.stdout.write(`${command === "take" ? await take() : await release()}\n`);
}
