/** The daemon, as `cider fleet up` runs it. */

export { type BackupOptions, writeBackup } from "./backup.ts";
export { createLogger } from "./logger.ts";
export { type Restored, type RestoreOptions, restoreBackup } from "./restore.ts";
export { type SignalOutcome, untilStopped } from "./signals.ts";
export { type DaemonOptions, type RunningNode, startDaemon } from "./start.ts";
