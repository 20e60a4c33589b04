/** How long people and service managers wait: for the first answer of a node, and for the version. */

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { Comparison } from "./harness.ts";
import { type Answer, ask, type Destination, requestBytes } from "./load.ts";
import { newDataFolder, PROGRAM } from "./node.ts";
import { bareHttp } from "./server.ts";

/** Without a file of further authorities, which every Node would read first: as much on both sides, so that a ratio looks better. */
const { NODE_EXTRA_CA_CERTS: _, ...ENVIRONMENT } = process.env;

/** Milliseconds between two tries while nobody listens. */
const TRY_AGAIN = 1;

const health: Comparison = {
  name: "start: first /api/health",
  claim: "a node that has been set up, against node:http with the same answer, from spawn to the first answer",
  target: { atMost: 3 },
  unit: "milliseconds",
  prepare: async () => {
    const folder = newDataFolder();
    const at = { host: "127.0.0.1", port: await freePort() };
    const request = requestBytes("GET", "/api/health", { host: `${at.host}:${at.port}` });
    const up = [PROGRAM, "up", "--data-dir", folder, "--port", String(at.port), "--listen", at.host];
    // The first start makes key and certificates, once in the life of a node; it is not what is measured.
    const { answer } = await firstAnswer(up, at, request);
    const bare = [...bareHttp(answer), String(at.port)];
    return {
      subject: async () => (await firstAnswer(up, at, request)).after,
      baseline: async () => (await firstAnswer(bare, at, request)).after,
      close: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
};

const version: Comparison = {
  name: "start: version",
  claim: "cider-fleet version, against node with an empty program, from spawn to exit",
  target: { atMost: 1.25 },
  unit: "milliseconds",
  prepare: () =>
    Promise.resolve({
      subject: async () => runTime([PROGRAM, "version"]),
      baseline: async () => runTime(["--eval", ""]),
      close: () => Promise.resolve(),
    }),
};

/** Starts a server, waits for its first answer, ends it; returns the answer and the milliseconds until it came. */
async function firstAnswer(
  words: readonly string[],
  at: Destination,
  request: Buffer,
): Promise<{ answer: Answer; after: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, words, { stdio: "ignore", env: ENVIRONMENT });
  const exited = once(child, "exit");
  try {
    for (;;) {
      const answer = await ask(at, request).catch(() => undefined);
      if (answer !== undefined) return { answer, after: performance.now() - began };
      if (child.exitCode !== null) throw new Error(`node ${words.join(" ")} ended with ${child.exitCode}`);
      await setTimeout(TRY_AGAIN);
    }
  } finally {
    child.kill();
    await exited;
  }
}

function runTime(words: readonly string[]): number {
  const began = performance.now();
  execFileSync(process.execPath, words, { stdio: "ignore", env: ENVIRONMENT });
  return performance.now() - began;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

export default [health, version];
