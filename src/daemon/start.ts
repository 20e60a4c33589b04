/**
 * Starts a node: makes every part, passes each what it needs, and opens the doors last.
 *
 *   folder → lock → machine → identity → storage (replay) → certificates → operations → doors → housekeeping
 */

import type { Config } from "../config/schema.ts";
import { type Clock, systemClock } from "../foundation/clock.ts";
import type { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Logger } from "../foundation/logger.ts";
import { type Random, systemRandom } from "../foundation/random.ts";
import { openDataFolder } from "../host/data-folder.ts";
import { acquireLock, type Lock } from "../host/lock.ts";
import { machineMark } from "../host/machine-mark.ts";
import { fingerprintOf } from "../identity/node-id.ts";
import type { Place } from "../operations/parts.ts";
import { openDoors } from "./doors.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { type OnMove, settleMove } from "./moved.ts";
import { openParts } from "./parts.ts";
import { retentionOf } from "./retention.ts";
import { startFailure } from "./start-failure.ts";

/** What a node is started with. */
export interface DaemonOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** What to do with a folder that was last used on another machine; `stop` by default. */
  readonly onMove?: OnMove;
  /** Resolves to this machine's mark, by which that is seen. */
  readonly mark?: () => Promise<string | undefined>;
}

/** A node that answers. */
export interface RunningNode extends Place {
  readonly nodeId: NodeId;
  readonly fingerprint: string;
  readonly fleetId: string;
  /** The name at the start. */
  readonly name: string;
  readonly version: string;
  /** Whether any key was trusted at the start. */
  readonly hasPeers: boolean;
  /** Resolves if the disk failed: the node can no longer keep what it acknowledges and must exit at once. */
  readonly failed: Promise<FleetError>;
  /** Goodbye: stop accepting, end sockets, finish running calls, settle, checkpoint, release the lock. */
  stop(): Promise<void>;
}

/** Starts a node; throws a coded error of kind `start` when it cannot. */
export async function startDaemon(options: DaemonOptions): Promise<RunningNode> {
  const { dataDir } = options.config;
  openDataFolder(dataDir);
  const lock = await acquireLock(dataDir);
  try {
    const whole = { clock: systemClock, random: systemRandom, onMove: "stop", mark: machineMark, ...options } as const;
    settleMove({ ...whole, folder: dataDir, mark: await whole.mark() });
    return await startLocked(lock, whole);
  } catch (error) {
    await lock.release();
    throw startFailure(error, dataDir);
  }
}

async function startLocked(lock: Lock, options: Required<DaemonOptions>): Promise<RunningNode> {
  const { config, logger } = options;
  const opened = await openParts(options);
  const { announcement, certificates, operations, parts, storage } = opened;
  const { key, ledger, metrics, node, nodeId, pairing, peers, sessions } = parts;
  operations.expireTokens();
  const doors = await openDoors(opened, config);
  opened.reachedAt(doors.port);
  lock.announce({ nodeId, port: doors.port });
  // Only now, when HTTP answers; and not waited for, because nothing here may depend on it.
  void announcement.renew();
  const stopHousekeeping = startHousekeeping(
    {
      expireTokens: () => operations.expireTokens(),
      expirePairing: () => operations.commitOwn("Expire", pairing.expire()),
      renewCertificates: () => certificates.renew(),
      renewAnnouncement: () => announcement.renew(),
      trimRecord: () => ledger.trim(retentionOf(config.record)),
      writeActivity: () => storage.writeActivity(),
    },
    logger,
  );

  return {
    ...parts.place(),
    nodeId,
    fingerprint: fingerprintOf(key.publicKey),
    fleetId: node.fleetId,
    name: node.nodeName,
    version: parts.version,
    hasPeers: peers.size > 0,
    failed: opened.failed,
    stop: once(async () => {
      await announcement.stop();
      doors.stop();
      stopHousekeeping();
      sessions.endAll("stopping");
      await doors.close();
      await storage.close();
      metrics.stop();
      await lock.release();
      logger.info({}, "node stopped");
    }),
  };
}

/** Returns `stop` so that a second call waits for the first. */
function once(stop: () => Promise<void>): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  return () => {
    stopping ??= stop();
    return stopping;
  };
}
