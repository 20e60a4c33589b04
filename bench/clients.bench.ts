/** What the clients cost: bytes and packages, and how long a person waits for a pairing. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { PYTHON_CLIENT, pythonEnvironment } from "../scripts/python/environment.ts";
import { FleetClient } from "../src/sdk-node/index.ts";
import type { Figure } from "./figure.ts";
import type { Comparison } from "./harness.ts";
import type { Destination } from "./load.ts";
import { NodeUnderTest } from "./node.ts";
import { browserBytes, packagesFromNpm, packagesFromPyPI } from "./packages.ts";

const PROGRAM = join(import.meta.dirname, "pairing.py");

/** Bytes of everything a page can load of the SDK. */
const MOST_BYTES = 28_000;

const figures: readonly Figure[] = [
  {
    name: "clients: browser bundle",
    claim: "what a page loads of the SDK before anybody pairs, each file gzipped",
    unit: "bytes",
    atMost: MOST_BYTES,
    count: () => Promise.resolve(browserBytes({ whenNeeded: false })),
  },
  {
    name: "clients: browser bundle with pairing",
    claim: "the same with what is loaded when somebody pairs",
    unit: "bytes",
    atMost: MOST_BYTES,
    count: () => Promise.resolve(browserBytes({ whenNeeded: true })),
  },
  {
    name: "clients: packages from npm",
    claim: "what npm installs beside the package itself, which holds SDK, program and pages",
    unit: "packages",
    atMost: 0,
    count: () => Promise.resolve(packagesFromNpm()),
  },
  {
    name: "clients: packages from PyPI",
    claim: "what pip installs beside the Python client, for scripts with a token",
    unit: "packages",
    count: () => Promise.resolve(packagesFromPyPI()),
  },
  {
    name: "clients: packages from PyPI with [pairing]",
    claim: "the same for scripts that pair and sign",
    unit: "packages",
    count: () => Promise.resolve(packagesFromPyPI("pairing")),
  },
];

/** What the page is asked: to pair with a store of its own, so that each pairing makes its key. */
const PAIR_IN_PAGE = `async ({ host, port, code }) => {
  const { FleetClient, IndexedStore } = await import("/sdk/index.js");
  const store = new IndexedStore("bench-" + performance.now());
  const began = performance.now();
  await FleetClient.pair(host, code, "bench", port, { store });
  return performance.now() - began;
}`;

/** Pairs and returns the milliseconds it took. */
type Pair = (at: Destination, code: string) => Promise<number>;

const pairingInChromium: Comparison = {
  name: "clients: one pairing in Chromium",
  claim: "a pairing of a page over TLS, with a new key and all that is stored, against the TypeScript SDK on Node",
  target: { atMost: 2 },
  unit: "milliseconds",
  prepare: async () => {
    const node = await NodeUnderTest.start();
    const chromium = await startChromium(node);
    const measure = async (pair: Pair): Promise<number> => {
      const { code = "" } = await node.local.openPairing({ ways: ["code"], channels: ["blind"] });
      return pair(node.server.at, code);
    };
    return {
      subject: () => measure(chromium.pair),
      baseline: () => measure(pairOnNode),
      close: async () => {
        await chromium.end();
        await node.stop();
      },
    };
  },
};

const pairingInPython: Comparison = {
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

/** Opens a page of the node; its SDK is the one that the node serves. */
async function startChromium({ server: { at } }: NodeUnderTest): Promise<{ readonly pair: Pair; end(): Promise<void> }> {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await browser.newPage({ ignoreHTTPSErrors: true });
  await page.goto(`https://${at.host}:${at.port}/docs`);
  return {
    pair: ({ host, port }, code) => page.evaluate<number>(`(${PAIR_IN_PAGE})(${JSON.stringify({ host, port, code })})`),
    end: () => browser.close(),
  };
}

export default [...figures, pairingInChromium, pairingInPython];
