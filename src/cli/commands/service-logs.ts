/** `cider fleet service logs`: the platform's own program shows them, on this terminal. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { logCommand } from "../../host/service/manager.ts";
import { serviceLogFile } from "../../host/service/spec.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { installedPlace, scopeOf, surroundingsOf } from "../service/surroundings.ts";

/** Lines shown unless told otherwise, and at most. */
const LINES = 100;
const MOST_LINES = 10_000;

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal } = call;
  const lines = flags.whole("lines", 1, MOST_LINES) ?? LINES;
  const place = installedPlace(await surroundingsOf(call), scopeOf(call));
  const words = logCommand(place, serviceLogFile(place), lines, flags.on("follow"));
  if (flags.on("dry-run")) {
    terminal.out.line(words.join(" "));
    return "OK";
  }
  const [program = "", ...args] = words;
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
  const failed = once(child, "error").then(() => null);
  const code = await Promise.race([once(child, "exit").then(([status]: unknown[]) => status), failed]);
  if (code === null && !flags.on("follow")) throw new CommandError("FAILED", `${program} could not be run`);
  return code === 0 || flags.on("follow") ? "OK" : "FAILED";
}
