/**
 * Starts a node: makes every part, passes each what it needs, and opens the doors last.
 *
 *   folder → lock → machine → identity → storage (replay) → certificates → operations → doors → housekeeping
 */

import manifest from "../../package.json" with { type: "json" };
import { LIMITS } from "../api/limits.ts";
import type { Config } from "../config/schema.ts";
import { type Clock, forwardOnly, systemClock } from "../foundation/clock.ts";
import { parseDuration } from "../foundation/durations.ts";
import type { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Logger } from "../foundation/logger.ts";
import { type Random, systemRandom } from "../foundation/random.ts";
import { openDataFolder, socketPathFor } from "../host/data-folder.ts";
import { acquireLock, type Lock } from "../host/lock.ts";
import { MachineStats, machineInfo } from "../host/machine.ts";
import { machineMark } from "../host/machine-mark.ts";
import { openIdentity } from "../identity/key-file.node.ts";
import { fingerprintOf, nodeIdOf } from "../identity/node-id.ts";
import { NodeCertificates } from "../identity/tls.node.ts";
import { systemDisk, timed } from "../ledger/disk.ts";
import { Credentials } from "../operations/credentials.ts";
import { Operations } from "../operations/operations.ts";
import type { Parts, Place } from "../operations/parts.ts";
import { StatsFeed } from "../operations/stats-feed.ts";
import { PairingDesk } from "../pairing/answering.ts";
import { CountsByNetwork } from "../policy/counts.ts";
import { FailedAuthentication } from "../policy/failures.ts";
import { Quotas } from "../policy/quotas.ts";
import { EventHub } from "../record/events.ts";
import { Metrics } from "../record/metrics.ts";
import { Sessions } from "../sessions/sessions.ts";
import { AssertionVerifier } from "../signatures/assertion.node.ts";
import { SignatureVerifier } from "../signatures/verify.node.ts";
import { Bearers } from "../tokens/bearers.ts";
import { TokenCounts } from "../tokens/ending.ts";
import { announcementOf } from "./discovery.ts";
import { doctorParts } from "./doctor.ts";
import { openDoors } from "./doors.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { countAttempts, countByStatus } from "./measures.ts";
import { type OnMove, settleMove } from "./moved.ts";
import { certificateNames, reachableAddresses } from "./names.ts";
import { narrate } from "./narrative.ts";
import { retentionOf } from "./retention.ts";
import { startFailure } from "./start-failure.ts";
import { openStorage } from "./storage.ts";

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
  const { config, logger, random } = options;
  // Everything that expires is measured by a clock that never steps back, so that a clock set back revives nothing.
  const clock = forwardOnly(options.clock);
  const { key } = openIdentity(config.dataDir, random);
  const nodeId = nodeIdOf(key.publicKey);
  const events = new EventHub();
  const pairing = new PairingDesk({ clock, random, key });
  const failure = signal<FleetError>();
  const sessions: Sessions = new Sessions(clock, {
    deadlineOf: (label) => credentials.deadlineOf(label),
    allows: (label, address) => credentials.allows(label, address),
  });
  const metrics = new Metrics({
    sockets: () => sessions.size,
    tokens: () => countByStatus(tokens.list(), clock.now()),
    peers: () => peers.size,
    entries: () => ledger.synced,
  });
  const storage = await openStorage({
    ...options,
    nodeId,
    disk: timed(systemDisk, clock, (ms) => metrics.ledgerSync(ms)),
    publish: (line) => {
      narrate(line, logger);
      events.publishLine(line);
      countAttempts(line, metrics);
    },
    onFatal: failure.raise,
    rebuilt: () => pairing.forgetOutcomes(),
  });
  const { activity, firstUses, ledger, node, peers, repeats, summary, tokens } = storage;

  const certificates = await NodeCertificates.open({
    folder: config.dataDir,
    key,
    nodeId,
    clock,
    random,
    logger,
    names: () => certificateNames(nodeId, config.hostNames),
  });
  const verifier = new SignatureVerifier({ clock: options.clock, nodeId, keyOf: (id) => peers.get(id)?.verifyingKey });
  const bearers = new Bearers({ clock, random });
  const assertions = new AssertionVerifier({ clock: options.clock, nodeId, keyOf: (id) => peers.get(id)?.verifyingKey });
  const credentials = new Credentials({ clock, nodeId, peers, tokens, bearers, verifier, assertions });
  const stats = new MachineStats(config.dataDir, clock);
  const socket = socketPathFor(config.dataDir, process.platform);
  let port = config.port;

  const identity = () => ({ nodeId, version: manifest.version, name: node.nodeName, port });
  const announcement = announcementOf(config, { clock: options.clock, logger, identity });
  const parts: Parts = {
    clock,
    random,
    logger,
    version: manifest.version,
    startedAt: clock.now(),
    key,
    nodeId,
    ledger,
    node,
    peers,
    tokens,
    tokenCounts: new TokenCounts(tokens),
    bearers,
    credentials,
    sessions,
    events,
    activity,
    summary,
    metrics,
    firstUses,
    repeats,
    refusals: new CountsByNetwork(clock, { most: LIMITS.refusedChanges, time: LIMITS.refusedChangesTime }),
    failures: new FailedAuthentication(clock, {
      each: { most: LIMITS.failedAuthentications, time: LIMITS.failedAuthenticationTime },
      all: { most: LIMITS.allFailedAuthentications, time: LIMITS.failedAuthenticationTime },
    }),
    quotas: new Quotas(clock),
    proofs: new CountsByNetwork(clock, { most: LIMITS.proofs, time: LIMITS.proofTime }),
    pairing,
    machine: machineInfo(),
    stats,
    statsFeed: new StatsFeed({ clock, logger, stats }),
    settings: { ...config.tokens, bearerLife: parseDuration(config.tokens.bearerLife), plaintext: config.plaintext },
    discovery: () => announcement.state,
    doctor: doctorParts({ config, clock: options.clock, certificates, announcement }),
    place: () => ({ port, addresses: reachableAddresses(config.listen), socket, dataDir: config.dataDir }),
  };
  const operations = new Operations(parts);
  operations.expireTokens();
  const doors = await openDoors(parts, operations, certificates, config, socket);
  port = doors.port;
  lock.announce({ nodeId, port });
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
    version: manifest.version,
    hasPeers: peers.size > 0,
    failed: failure.raised,
    stop: once(async () => {
      await announcement.stop();
      doors.stop();
      stopHousekeeping();
      parts.sessions.endAll("stopping");
      await doors.close();
      await storage.close();
      metrics.stop();
      await lock.release();
      logger.info({}, "node stopped");
    }),
  };
}

/** Returns a promise and the function that resolves it. */
function signal<T>(): { readonly raised: Promise<T>; readonly raise: (value: T) => void } {
  let raise: (value: T) => void = () => undefined;
  const raised = new Promise<T>((resolve) => {
    raise = resolve;
  });
  return { raised, raise };
}

/** Returns `stop` so that a second call waits for the first. */
function once(stop: () => Promise<void>): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  return () => {
    stopping ??= stop();
    return stopping;
  };
}
