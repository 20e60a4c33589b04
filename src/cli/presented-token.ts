/** Reads a token that somebody presents: from standard input, because arguments are seen by every process of the machine. */

import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { UsageError } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

/** Resolves to the first line; at a terminal it is asked for, and what is typed is not shown. Throws a UsageError for none. */
export async function readPresentedToken(terminal: Terminal): Promise<string> {
  const text = terminal.input.isTTY ? await askHidden(terminal) : await firstLine(terminal.input);
  if (text === "") throw new UsageError("no token was given", 'write it to standard input of this command: echo "$TOKEN" | …');
  return text;
}

/** Asks for the token at the terminal without showing what is typed. */
async function askHidden({ input, err }: Terminal): Promise<string> {
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nothing, terminal: true });
  err.write("token: ");
  try {
    return (await lines.question("")).trim();
  } finally {
    lines.close();
    err.line();
  }
}

async function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input });
  try {
    for await (const line of lines) return line.trim();
    return "";
  } finally {
    lines.close();
  }
}
