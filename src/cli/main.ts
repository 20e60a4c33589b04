/**
 * What `bin/` calls: `cider fleet <command>` and `cider-fleet <command>` are the same.
 *
 * Nothing is imported at the top but what every command needs: `version` must cost little more than starting Node.
 */

import { processTerminal, type Terminal } from "./terminal.ts";

/** Runs the command that `words` name, as typed after `cider fleet`, and sets the exit code of the process. */
export async function main(words: readonly string[]): Promise<void> {
  quietWhenNobodyReads();
  const code = await runWords(words, processTerminal());
  if (code !== 0) process.exitCode = code;
}

/** Runs the command that `words` name and returns its exit code. */
export async function runWords(words: readonly string[], terminal: Terminal): Promise<number> {
  if (words.length === 1 && ["version", "--version", "-V"].includes(words[0] ?? "")) {
    const { printVersion } = await import("./commands/version.ts");
    printVersion(terminal);
    return 0;
  }
  const { runProgram } = await import("./program.ts");
  return runProgram(words, terminal);
}

/** `cider fleet token list | head -1` closes stdout early; that is no failure. */
function quietWhenNobodyReads(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
}
