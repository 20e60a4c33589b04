/** Probes beside the node: whether it runs, who has its place, and what would start it. They are made by whoever asks. */

import { type Finding, ill, type Probe, well } from "../../foundation/findings.ts";
import { type Holder, sayHolders } from "../port-holders.ts";
import type { Rival } from "../rivals.ts";
import type { Drift } from "../service/unit.ts";

/** What beside the node is looked at. */
export interface SurroundingsReader {
  /** Whether the node answers on its socket. */
  readonly running: boolean;
  /** Why the folders that were looked at hold no node; undefined where one does. */
  readonly homeless: string | undefined;
  readonly socket: string;
  readonly hasSocket: () => boolean;
  readonly removeSocket: () => void;
  readonly port: number;
  /** Whether anybody accepts connections on the port, and who. */
  readonly isTaken: () => Promise<boolean>;
  readonly holders: () => Promise<readonly Holder[]>;
  readonly otherCiders: () => readonly Rival[];
  /** What is wrong with the installed unit of this node, undefined where none is installed. */
  readonly drift: () => readonly Drift[] | undefined;
}

/** The probes of this file. */
export const SURROUNDINGS_PROBES: readonly Probe<SurroundingsReader>[] = [
  { code: "NODE_RUNS", look: lookForNode },
  { code: "SOCKET_STALE", look: lookAtSocket, mend: ({ removeSocket }) => removeSocket() },
  { code: "PORT_HOLDER", look: lookAtPort },
  { code: "OTHER_CIDER", look: lookForOthers },
  { code: "UNIT_DRIFT", look: lookAtUnit },
];

function lookForNode({ homeless, running, socket }: SurroundingsReader): Finding {
  if (running) return well("NODE_RUNS", `a node answers at ${socket}`);
  return ill("NODE_RUNS", homeless ?? `no node answers at ${socket}`);
}

function lookAtSocket({ hasSocket, running, socket }: SurroundingsReader): Finding {
  if (running || !hasSocket()) return well("SOCKET_STALE", "no socket was left behind");
  return ill("SOCKET_STALE", `${socket} is there, and nobody answers`);
}

async function lookAtPort({ holders, isTaken, port, running }: SurroundingsReader): Promise<Finding> {
  if (running) return well("PORT_HOLDER", "the node has its port");
  if (port === 0 || !(await isTaken())) return well("PORT_HOLDER", `port ${port} is free`);
  return ill("PORT_HOLDER", `port ${port} is taken by ${sayHolders(await holders())}`);
}

function lookForOthers({ otherCiders }: SurroundingsReader): readonly Finding[] {
  const others = otherCiders();
  if (others.length === 0) return [well("OTHER_CIDER", "no other program is called cider")];
  return others.map(({ waysOut, what }) => ill("OTHER_CIDER", what, { remedy: waysOut.join("; or ") }));
}

function lookAtUnit({ drift }: SurroundingsReader): readonly Finding[] {
  const found = drift();
  if (found === undefined) return [well("UNIT_DRIFT", "no service is installed for this node")];
  if (found.length === 0) return [well("UNIT_DRIFT", "the service's unit is as this version writes it")];
  return found.map(({ remedy, what }) => ill("UNIT_DRIFT", what, { remedy }));
}
