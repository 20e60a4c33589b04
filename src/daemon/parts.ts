/** Makes every part of a node but its doors, and passes each what it needs. */

import manifest from "../../package.json" with { type: "json" };
import { LIMITS } from "../api/limits.ts";
import type { Config } from "../config/schema.ts";
import { type Clock, forwardOnly } from "../foundation/clock.ts";
import { parseDuration } from "../foundation/durations.ts";
import type { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Logger } from "../foundation/logger.ts";
import type { Random } from "../foundation/random.ts";
import { socketPathFor } from "../host/data-folder.ts";
import { MachineStats, machineInfo } from "../host/machine.ts";
import { openIdentity } from "../identity/key-file.node.ts";
import { nodeIdOf } from "../identity/node-id.ts";
import { NodeCertificates } from "../identity/tls.node.ts";
import { systemDisk, timed } from "../ledger/disk.ts";
import type { Line } from "../ledger/line.ts";
import { Credentials } from "../operations/credentials.ts";
import { Operations } from "../operations/operations.ts";
import type { Parts } from "../operations/parts.ts";
import { StatsFeed } from "../operations/stats-feed.ts";
import { PairingDesk } from "../pairing/answering.ts";
import { CountsByNetwork } from "../policy/counts.ts";
import { FailedAuthentication } from "../policy/failures.ts";
import { Quotas } from "../policy/quotas.ts";
import { EventHub } from "../record/events.ts";
import { Metrics, type Readings } from "../record/metrics.ts";
import { Sessions } from "../sessions/sessions.ts";
import { AssertionVerifier } from "../signatures/assertion.node.ts";
import { SignatureVerifier } from "../signatures/verify.node.ts";
import { Bearers } from "../tokens/bearers.ts";
import { TokenCounts } from "../tokens/ending.ts";
import { type Announcement, announcementOf } from "./discovery.ts";
import { doctorParts } from "./doctor.ts";
import { countAttempts, countByStatus } from "./measures.ts";
import { certificateNames, reachableAddresses } from "./names.ts";
import { narrate } from "./narrative.ts";
import { openStorage, type Storage } from "./storage.ts";

/** What the parts are made of. */
export interface PartsOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
}

/** A node without doors. */
export interface NodeParts {
  readonly parts: Parts;
  readonly operations: Operations;
  readonly storage: Storage;
  readonly certificates: NodeCertificates;
  /** Not begun yet. */
  readonly announcement: Announcement;
  /** Resolves if the disk failed. */
  readonly failed: Promise<FleetError>;
  /** Says at which port the node is reached, which only the listener knows. */
  reachedAt(port: number): void;
}

/** Opens the files of a data folder whose lock the caller holds, and makes the parts. */
export async function openParts(options: PartsOptions): Promise<NodeParts> {
  const { config, logger, random } = options;
  // Everything that expires is measured by a clock that never steps back, so that a clock set back revives nothing.
  const clock = forwardOnly(options.clock);
  const { key } = openIdentity(config.dataDir, random);
  const nodeId = nodeIdOf(key.publicKey);
  const events = new EventHub();
  const pairing = new PairingDesk({ clock, random, key });
  const failure = signal<FleetError>();
  const sessions: Sessions = new Sessions(clock, {
    deadlineOf: (label) => trust.credentials.deadlineOf(label),
    allows: (label, address) => trust.credentials.allows(label, address),
  });
  const metrics = new Metrics(readingsOf(clock, sessions, () => storage));
  const storage = await openStorage({
    ...options,
    ...observed({ clock, events, logger, metrics }),
    nodeId,
    onFatal: failure.raise,
    rebuilt: () => pairing.forgetOutcomes(),
  });
  const certificates = await openCertificates(options, { key, nodeId, clock });
  const trust = trustOf(options, { clock, nodeId }, storage);
  const stats = new MachineStats(config.dataDir, clock);
  const socket = socketPathFor(config.dataDir, process.platform);
  let port = config.port;
  const identity = () => ({ nodeId, version: manifest.version, name: storage.node.nodeName, port });
  const announcement = announcementOf(config, { clock: options.clock, logger, identity });
  const parts: Parts = {
    ...storage,
    ...trust,
    ...limitsOf(clock),
    clock,
    random,
    logger,
    version: manifest.version,
    startedAt: clock.now(),
    key,
    nodeId,
    tokenCounts: new TokenCounts(storage.tokens),
    sessions,
    events,
    metrics,
    pairing,
    machine: machineInfo(),
    stats,
    statsFeed: new StatsFeed({ clock, logger, stats }),
    settings: settingsOf(config),
    discovery: () => announcement.state,
    doctor: doctorParts({ config, clock: options.clock, certificates, announcement }),
    place: () => ({ port, addresses: reachableAddresses(config.listen), socket, dataDir: config.dataDir }),
  };
  return {
    parts,
    operations: new Operations(parts),
    storage,
    certificates,
    announcement,
    failed: failure.raised,
    reachedAt: (opened) => {
      port = opened;
    },
  };
}

/** Returns what the metrics read when somebody asks; the storage is opened after them. */
function readingsOf(clock: Clock, sessions: Sessions, storage: () => Storage): Readings {
  return {
    sockets: () => sessions.size,
    tokens: () => countByStatus(storage().tokens.list(), clock.now()),
    peers: () => storage().peers.size,
    entries: () => storage().ledger.synced,
  };
}

/** Returns a disk whose syncs are measured, and who hears of each line that is on it. */
function observed({ clock, events, logger, metrics }: Pick<Parts, "clock" | "events" | "logger" | "metrics">) {
  return {
    disk: timed(systemDisk, clock, (ms) => metrics.ledgerSync(ms)),
    publish: (line: Line): void => {
      narrate(line, logger);
      events.publishLine(line);
      countAttempts(line, metrics);
    },
  };
}

function openCertificates(
  { config, logger, random }: PartsOptions,
  own: Pick<Parts, "key" | "nodeId" | "clock">,
): Promise<NodeCertificates> {
  const names = () => certificateNames(own.nodeId, config.hostNames);
  return NodeCertificates.open({ ...own, folder: config.dataDir, random, logger, names });
}

/** Returns what tells who is asking. Signatures go by the machine's clock as it is, as those of their signers do. */
function trustOf(
  { clock: wall, random }: PartsOptions,
  { clock, nodeId }: Pick<Parts, "clock" | "nodeId">,
  { peers, tokens }: Storage,
): Pick<Parts, "bearers" | "credentials"> {
  const signatures = { clock: wall, nodeId, keyOf: (id: NodeId) => peers.get(id)?.verifyingKey };
  const verifier = new SignatureVerifier(signatures);
  const assertions = new AssertionVerifier(signatures);
  const bearers = new Bearers({ clock, random });
  return { bearers, credentials: new Credentials({ clock, nodeId, peers, tokens, bearers, verifier, assertions }) };
}

function settingsOf({ plaintext, tokens }: Config): Parts["settings"] {
  return { ...tokens, bearerLife: parseDuration(tokens.bearerLife), plaintext };
}

/** Returns what counts strangers and callers, each bounded. */
function limitsOf(clock: Clock): Pick<Parts, "refusals" | "failures" | "quotas" | "proofs"> {
  return {
    refusals: new CountsByNetwork(clock, { most: LIMITS.refusedChanges, time: LIMITS.refusedChangesTime }),
    failures: new FailedAuthentication(clock, {
      each: { most: LIMITS.failedAuthentications, time: LIMITS.failedAuthenticationTime },
      all: { most: LIMITS.allFailedAuthentications, time: LIMITS.failedAuthenticationTime },
    }),
    quotas: new Quotas(clock),
    proofs: new CountsByNetwork(clock, { most: LIMITS.proofs, time: LIMITS.proofTime }),
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
