/** What the node keeps: its folds, built from the ledger, and the counters of use. */

import { hostname } from "node:os";
import type { Config } from "../config/schema.ts";
import { type Clock, timestamp } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import { type NodeId, uuidv7 } from "../foundation/ids.ts";
import type { Logger } from "../foundation/logger.ts";
import type { Random } from "../foundation/random.ts";
import { ActivityLog } from "../ledger/activity.ts";
import type { Disk } from "../ledger/disk.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { Line } from "../ledger/line.ts";
import { type NodeChange, NodeState } from "../operations/node-state.ts";
import { Repeats } from "../operations/repeats.ts";
import { PeerStore } from "../peers/store.ts";
import { Activity } from "../record/activity.ts";
import { FirstUses } from "../record/first-uses.ts";
import { ActivitySummary } from "../record/summary.ts";
import { TokenStore } from "../tokens/store.ts";
import { isName, nameFault } from "../wire/names.ts";

/** What storage is opened with. */
export interface StorageOptions {
  readonly config: Config;
  readonly nodeId: NodeId;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly publish: (line: Line) => void;
  readonly onFatal: (error: FleetError) => void;
  readonly rebuilt: () => void;
  /** The file operations of the ledger. */
  readonly disk: Disk;
}

/** The ledger, and everything that is built from it. */
export interface Storage {
  readonly ledger: Ledger;
  readonly node: NodeState;
  readonly peers: PeerStore;
  readonly tokens: TokenStore;
  readonly activity: Activity;
  readonly summary: ActivitySummary;
  readonly firstUses: FirstUses;
  readonly repeats: Repeats;
  /** Writes the counters of use down. */
  writeActivity(): void;
  /** Writes counters and checkpoint and closes the files. */
  close(): Promise<void>;
}

/** Opens the data folder's files, whose lock the caller holds; at the first start the node is created. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { clock, config, logger, nodeId } = options;
  const node = new NodeState();
  const peers = new PeerStore();
  const tokens = new TokenStore();
  const firstUses = new FirstUses();
  const repeats = new Repeats(clock);
  const activity = new Activity(clock);
  const files = { folder: config.dataDir, node: nodeId, clock, logger };
  const { disk, onFatal, publish } = options;
  const rebuilt = (): void => {
    repeats.rebuilt();
    options.rebuilt();
  };
  const ledger = await Ledger.open({
    ...files,
    folds: [node, peers, tokens, firstUses, repeats],
    publish,
    onFatal,
    rebuilt,
    disk,
  });
  const log = ActivityLog.open({ ...files, replay: (row) => activity.restore(row), totals: () => activity.totals() });
  const summary = new ActivitySummary({ activity, extent: () => log.extent });
  if (!node.isCreated) await createNode(ledger, options);

  const writeActivity = (): void => {
    const rows = activity.take();
    if (rows.length > 0) log.append(rows);
  };
  const close = async (): Promise<void> => {
    writeActivity();
    await log.close();
    await ledger.close();
  };
  return { ledger, node, peers, tokens, activity, summary, firstUses, repeats, writeActivity, close };
}

async function createNode(ledger: Ledger, { clock, config, logger, random }: StorageOptions): Promise<void> {
  const created: NodeChange = {
    type: "node.created",
    fleetId: uuidv7(clock, random),
    name: config.name === undefined ? machineName() : checkedName(config.name),
  };
  ledger.commit({ actor: "system", request: "", operation: "Start", changes: [created] });
  await ledger.settled();
  logger.debug({ at: timestamp(clock.now()) }, "created a new node");
}

function checkedName(name: string): string {
  const fault = nameFault(name);
  if (fault !== undefined) throw new FleetError("CONFIG_INVALID", `name must be ${fault}`);
  return name;
}

/** The machine's name as people see it, without what the network adds. */
function machineName(): string {
  const name = hostname().replace(/\.(local|lan|home)$/i, "");
  return isName(name) ? name : "node";
}
