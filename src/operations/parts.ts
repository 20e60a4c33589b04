/** What operations work with. The daemon makes these and passes them in; nothing here is found by itself. */

import type { X509Certificate } from "node:crypto";
import type { SecretKey } from "../crypto/secret-key.ts";
import type { Clock } from "../foundation/clock.ts";
import type { NodeId } from "../foundation/ids.ts";
import type { Logger } from "../foundation/logger.ts";
import type { Random } from "../foundation/random.ts";
import type { MachineInfo, MachineStats } from "../host/machine.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { PairingDesk } from "../pairing/answering.ts";
import type { PeerStore } from "../peers/store.ts";
import type { CountsByNetwork } from "../policy/counts.ts";
import type { FailedAuthentication } from "../policy/failures.ts";
import type { Quotas } from "../policy/quotas.ts";
import type { Activity } from "../record/activity.ts";
import type { EventHub } from "../record/events.ts";
import type { FirstUses } from "../record/first-uses.ts";
import type { Metrics } from "../record/metrics.ts";
import type { ActivitySummary } from "../record/summary.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Bearers } from "../tokens/bearers.ts";
import type { TokenCounts } from "../tokens/ending.ts";
import type { ExpirySettings } from "../tokens/expiry.ts";
import type { TokenStore } from "../tokens/store.ts";
import type { Credentials } from "./credentials.ts";
import type { NodeState } from "./node-state.ts";
import type { Repeats } from "./repeats.ts";
import type { StatsFeed } from "./stats-feed.ts";

/** What handlers work with. */
export interface Parts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;

  readonly key: SecretKey;
  readonly nodeId: NodeId;

  readonly ledger: Ledger;
  readonly node: NodeState;
  readonly peers: PeerStore;
  readonly tokens: TokenStore;
  readonly tokenCounts: TokenCounts;
  readonly bearers: Bearers;

  /** Changes that were asked for with an idempotency key. */
  readonly repeats: Repeats;

  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly events: EventHub;
  readonly activity: Activity;
  readonly summary: ActivitySummary;
  readonly metrics: Metrics;
  /** Where each credential was used from. */
  readonly firstUses: FirstUses;
  /** Refused changes by the actor's label: past the limit they are only counted. */
  readonly refusals: CountsByNetwork;
  readonly failures: FailedAuthentication;
  /** Requests a minute of tokens that have a limit. */
  readonly quotas: Quotas;
  /** Proofs of tokens that strangers asked for. */
  readonly proofs: CountsByNetwork;
  readonly pairing: PairingDesk;

  readonly machine: MachineInfo;
  readonly stats: MachineStats;
  readonly statsFeed: StatsFeed;

  readonly settings: ExpirySettings & {
    /** Whether a token may rotate itself. */
    readonly selfRotation: boolean;
    /** Milliseconds that a bearer lives, if its parent does. */
    readonly bearerLife: number;
    readonly plaintext: "loopback" | "lan" | "never";
  };
  /** What the announcement on the LAN is doing, asked when needed. */
  readonly discovery: () => Discovery;
  readonly doctor: DoctorParts;
  /** Where the node is reached: what only the listeners know, asked when needed. */
  readonly place: () => Place;
}

/** What the doctor asks of parts that no other operation needs. */
export interface DoctorParts {
  /** The package's `engines.node`. */
  readonly engines: string;
  /** The system's own clock, which may step back. */
  readonly wallClock: Clock;
  /** The certificate that TLS presents now, and the authority above it as PEM. */
  readonly certificate: () => X509Certificate;
  readonly authority: () => string;
  /** Issues the certificate anew where it does not fit any more. */
  readonly renewCertificate: () => Promise<unknown>;
  /** Every address of this machine where the node listens, loopback included. */
  readonly addresses: () => readonly string[];
  /** Looks for this node on the LAN for a moment; rejects with DISCOVERY_FAILED where that cannot be done. */
  readonly findSelf: () => Promise<boolean>;
}

/** What the node's announcement is doing. */
export interface Discovery {
  readonly state: "on" | "off" | "degraded";
  /** What is wrong, when degraded. */
  readonly reason: string | null;
  readonly interfaces: readonly string[];
}

/** Where the node is reached and keeps its data. */
export interface Place {
  readonly port: number;
  /** LAN addresses without port, those for links and people. */
  readonly addresses: readonly string[];
  readonly socket: string;
  readonly dataDir: string;
}
