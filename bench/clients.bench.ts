/** How long a person waits for a pairing: in Python, against the TypeScript SDK on Node. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PYTHON_CLIENT, pythonEnvironment } from "../scripts/python/environment.ts";
import { FleetClient } from "../src/sdk-node/index.ts";
import type { Comparison } from "./harness.ts";
import type { Destination } from "./load.ts";
import { NodeUnderTest } from "./node.ts";

const PROGRAM = join(import.meta.dirname, "pairing.py");

/** Pairs and returns the milliseconds it took. */
type Pair = (at: Destination, code: string) => Promise<number>;

const pairing: Comparison = {
  name: "clients: one pairing in Python",
  claim: "a pairing with the arithmetic in Python, key, connections and storage included, against the TypeScript SDK",
  target: { atMost: 2 },
  unit: "milliseconds",
  prepare: async () => {
    const node = await NodeUnderTest.start();
    const python = startPython();
    const measure = async (pair: Pair): Promise<number> => {
      const { code = "" } = await node.local.openPairing({ ways: ["code"] });
      const milliseconds = await pair(node.server.at, code);
      return milliseconds;
    };
    return {
      subject: () => measure(python.pair),
      baseline: () => measure(pairOnNode),
      close: async () => {
        python.end();
        await node.stop();
      },
    };
  },
};

const pairOnNode: Pair = async ({ host, port }, code) => {
  const kept = new Map<string, string>();
  const store = {
    get: (name: string) => Promise.resolve(kept.get(name)),
    set: (name: string, text: string) => Promise.resolve(void kept.set(name, text)),
  };
  const began = performance.now();
  await FleetClient.pair(host, code, "bench", port, { store });
  return performance.now() - began;
};

function startPython(): { readonly pair: Pair; end(): void } {
  const env = { ...process.env, PYTHONPATH: join(PYTHON_CLIENT, "src"), PYTHONDONTWRITEBYTECODE: "1" };
  const child = spawn(pythonEnvironment(), [PROGRAM], { env, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  return {
    pair: async ({ host, port }, code) => {
      child.stdin.write(`${host} ${port} ${code}\n`);
      const [line] = (await Promise.race([once(lines, "line"), once(child, "exit")])) as [unknown];
      if (typeof line !== "string") throw new Error("the Python program ended");
      return Number(line);
    },
    end: () => child.stdin.end(),
  };
}

export default [pairing];
