/** A whole node in this process: on 127.0.0.1 at a free port, with a data folder of its own. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { type DaemonOptions, type RunningNode, startDaemon } from "../../src/daemon/index.ts";
import { createLogger } from "../../src/daemon/logger.ts";

export interface TestNode extends RunningNode {
  /** The certificate that TLS clients trust. */
  readonly ca: string;
  /** Everything logged, as written. */
  readonly log: readonly string[];
  /** Stops the node and removes its folder. */
  end(): Promise<void>;
}

/** What requests need to know of a node, in this process or another. */
export type Reachable = Pick<TestNode, "nodeId" | "port" | "socket" | "ca">;

export interface TestNodeOptions extends Partial<Pick<DaemonOptions, "clock" | "random">> {
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** An existing data folder, as after a restart; it is left alone at the end. */
  readonly folder?: string;
}

/** Starts a node; whoever calls this ends it. */
export async function startTestNode(options: TestNodeOptions = {}): Promise<TestNode> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "cider-node-"));
  const log: string[] = [];
  const logger = createLogger({ level: "debug", isTerminal: false, write: (line) => void log.push(line) });
  const flags = { "data-dir": folder, port: 0, listen: ["127.0.0.1"], ...options.flags };
  const { clock, random } = options;
  const config = loadConfig({ flags, env: { HOME: folder, CIDER_DISCOVERY: "off", ...options.env } });
  const node = await startDaemon({ config, logger, ...(clock && { clock }), ...(random && { random }) });
  const end = async (): Promise<void> => {
    await node.stop();
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  };
  return Object.assign(node, { ca: readFileSync(join(folder, "ca.pem"), "utf8"), log, end });
}

/** Starts a node that ends with the test. */
export async function nodeOfTest(options: TestNodeOptions = {}): Promise<TestNode> {
  const node = await startTestNode(options);
  onTestFinished(() => node.end());
  return node;
}
