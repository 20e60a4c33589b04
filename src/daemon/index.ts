/** The daemon, as `cider fleet up` runs it. */

export { createLogger } from "./logger.ts";
export { type SignalOutcome, untilStopped } from "./signals.ts";
export { type DaemonOptions, type RunningNode, startDaemon } from "./start.ts";
