/** Ends a node the way systems ask for it. */

import type { FleetError } from "../foundation/errors.ts";
import type { Logger } from "../foundation/logger.ts";
import type { RunningNode } from "./start.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** How the node came to its end: asked to, or because its disk failed. */
export type SignalOutcome = { readonly stopped: NodeJS.Signals } | { readonly failed: FleetError };

/**
 * Resolves when the node has stopped: cleanly after the first SIGINT, SIGTERM or SIGHUP, without waiting after a
 * second one, and without a checkpoint when the disk failed.
 */
export async function untilStopped(node: RunningNode, logger: Logger): Promise<SignalOutcome> {
  const outcome = await Promise.race([nextSignal(), node.failed]);
  if (typeof outcome !== "string") {
    logger.error({ err: outcome }, "the disk failed; stopping at once");
    return { failed: outcome };
  }
  logger.info({ signal: outcome }, "stopping; a second signal stops at once");
  await Promise.race([node.stop(), nextSignal()]);
  return { stopped: outcome };
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const receive = (signal: NodeJS.Signals): void => {
      for (const name of SIGNALS) process.off(name, receive);
      resolve(signal);
    };
    for (const name of SIGNALS) process.on(name, receive);
  });
}
