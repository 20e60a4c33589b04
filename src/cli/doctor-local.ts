/** The node of this machine as the doctor meets it: running or not, and what a command can see beside it. */

import { existsSync, lstatSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { resolveConfig } from "../config/load.ts";
import { isFleetError } from "../foundation/errors.ts";
import { type Examination, examine } from "../foundation/findings.ts";
import { socketPathFor } from "../host/data-folder.ts";
import { FOLDER_PROBES, folderReader } from "../host/doctor/folder.ts";
import { leastVersion, lookAtNode } from "../host/doctor/machine.ts";
import { SURROUNDINGS_PROBES, type SurroundingsReader } from "../host/doctor/surroundings.ts";
import { lookForNode } from "../host/existing-node.ts";
import { holdersOf, isTaken } from "../host/port-holders.ts";
import { otherCiders } from "../host/rivals.ts";
import { type Drift, driftOf, specOfUnit } from "../host/service/unit.ts";
import type { Call } from "./command.ts";
import { CommandError } from "./failure.ts";
import { installedPlace, type Surroundings, surroundingsOf } from "./service/surroundings.ts";
import { candidateFolders, findSocket, processAccount } from "./socket.ts";

/** Where the node of this machine is. */
export interface LocalNode {
  readonly folder: string;
  readonly socket: string;
  readonly running: boolean;
  /** Why there is none, where the folders hold none. */
  readonly homeless: string | undefined;
}

/** Returns the node that the options name; throws SOCKET_REFUSED or FOLDER_UNSAFE where its socket cannot be used. */
export async function localNode({ flags, terminal }: Call): Promise<LocalNode> {
  const account = processAccount(terminal.env);
  const named = flags.text("data-dir");
  try {
    const { dataFolder, path } = await findSocket(named, account);
    return { folder: dataFolder, socket: path, running: true, homeless: undefined };
  } catch (error) {
    if (!isFleetError(error, "NOT_RUNNING")) throw error;
  }
  const folders = await candidateFolders(named, account);
  const kept = folders.find((folder) => lookForNode(folder).state !== "none");
  const folder = kept ?? folders[0] ?? "";
  const homeless = kept === undefined ? `no node is kept here (looked into ${folders.join(" and ")})` : undefined;
  return { folder, socket: socketPathFor(folder, account.platform), running: false, homeless };
}

/** Resolves to what is found beside the node. */
export async function examineSurroundings(node: LocalNode, call: Call, fix: boolean): Promise<Examination> {
  return examine(SURROUNDINGS_PROBES, await surroundingsReader(node, call), { fix });
}

/** Resolves to what is found in the place of a node that does not run. */
export async function examineFolder({ folder, homeless }: LocalNode, fix: boolean): Promise<Examination> {
  const version = lookAtNode({ node: process.versions.node, leastNode: leastVersion(manifest.engines.node) });
  if (homeless !== undefined) return { findings: [version], mended: [] };
  const { findings, mended } = await examine(FOLDER_PROBES, folderReader(folder, accountOf(folder)), { fix });
  return { findings: [...findings, version], mended };
}

/** Root looks at other accounts' nodes: then the folder's own account is the measure. */
function accountOf(folder: string): number {
  const uid = process.geteuid?.() ?? -1;
  return uid === 0 ? lstatSync(folder).uid : uid;
}

async function surroundingsReader(node: LocalNode, call: Call): Promise<SurroundingsReader> {
  const surroundings = await surroundingsOf(call);
  const { env, facts, platform, script } = surroundings;
  const { port } = resolveConfig({ env }).config;
  return {
    ...node,
    port,
    hasSocket: () => existsSync(node.socket),
    removeSocket: () => rmSync(node.socket, { force: true }),
    isTaken: () => isTaken(port),
    holders: () => holdersOf("tcp", port, platform),
    otherCiders: () => otherCiders(env["PATH"], dirname(dirname(facts.real(script)))),
    drift: () => driftFor(node.folder, surroundings),
  };
}

/**
 * Returns what is wrong with the unit that starts this folder's node; undefined where none does: a unit of another folder
 * says nothing of this one.
 */
export function driftFor(folder: string, surroundings: Surroundings): readonly Drift[] | undefined {
  try {
    const installed = installedPlace(surroundings, undefined);
    const spec = specOfUnit(installed.text, installed);
    if (spec !== undefined && spec.dataDir !== folder) return undefined;
    return driftOf(installed.text, installed, surroundings.version, surroundings.facts);
  } catch (error) {
    if (error instanceof CommandError) return undefined; // none is installed, or none could be for this account
    throw error;
  }
}
