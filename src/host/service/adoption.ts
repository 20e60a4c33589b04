/** The node you tried is the node you install: which folder a new service takes over, and when it must not. Pure. */

import { FleetError } from "../../foundation/errors.ts";
import { type ExistingNode, isTrustedNode } from "../existing-node.ts";

/** What is known before the decision. */
export interface AdoptionFacts {
  /** Where the service keeps its data by itself. */
  readonly own: string;
  /** What is there, in the installing account's folder, and in the one that was named. */
  readonly found: readonly ExistingNode[];
  /** The folder that the person named. */
  readonly named?: string | undefined;
  /** A new identity was asked for. */
  readonly fresh: boolean;
  /** The node may stay where it is: the service runs as the account that owns it. */
  readonly stays: boolean;
}

/** Which node a service takes over. */
export interface Adoption {
  /** The folder that the unit names. */
  readonly dataDir: string;
  /** The folder that is moved there, with its ownership. */
  readonly from?: string;
  /** What is in the way there and is kept under another name. */
  readonly aside?: true;
  /** `new`: the service starts as a node of its own. */
  readonly identity: "taken over" | "new";
}

/**
 * Returns what becomes of the folders. Throws NODE_EXISTS, which names both folders, where there are two nodes and one
 * would be lost; NOT_FOUND for a named folder without a node.
 */
export function chooseAdoption(facts: AdoptionFacts): Adoption {
  const { own, found, fresh } = facts;
  const mine = found.find(({ folder }) => folder === own);
  const inTheWay = mine?.state === "present";
  if (fresh) return { dataDir: own, identity: "new", ...(inTheWay ? { aside: true } : {}) };
  const chosen = choose(facts);
  if (chosen === undefined) return { dataDir: own, identity: "new" };
  if (chosen.folder === own || facts.stays) return { dataDir: chosen.folder, identity: "taken over" };
  return { dataDir: own, from: chosen.folder, identity: "taken over", ...(inTheWay ? { aside: true } : {}) };
}

/** The one that was named, else the one that others trust; among strangers the service's own. */
function choose({ found, named, own }: AdoptionFacts): ExistingNode | undefined {
  if (named !== undefined) return requireNode(named, found);
  const nodes = found.filter(({ state }) => state === "present");
  const [first, second] = nodes.filter(isTrustedNode);
  if (first !== undefined && second !== undefined) throw tooMany(first.folder, second.folder);
  const chosen = first ?? nodes.find(({ folder }) => folder === own) ?? nodes[0];
  const closed = found.find(({ state }) => state === "closed");
  if (chosen === undefined && closed !== undefined) throw notToBeSeen(closed.folder, own);
  return chosen;
}

function requireNode(named: string, found: readonly ExistingNode[]): ExistingNode {
  const node = found.find(({ folder }) => folder === named);
  if (node?.state === "present") return node;
  throw new FleetError(
    "NOT_FOUND",
    node?.state === "closed" ? `${named} cannot be read by this account` : `there is no node in ${named}`,
  );
}

function tooMany(first: string, second: string): FleetError {
  const message = `two nodes with peers are here, in ${first} and ${second}; name the one to install with --data-dir, or begin anew with --fresh`;
  return new FleetError("NODE_EXISTS", message, { folders: [first, second] });
}

function notToBeSeen(folder: string, own: string): FleetError {
  return new FleetError(
    "NODE_EXISTS",
    `a node may live in ${folder}, which this account cannot read; a second one would be made in ${own}: install as root, or begin anew with --fresh`,
    { folders: [folder, own] },
  );
}

/**
 * Throws NODE_EXISTS when starting in `folder`, which nobody named, would make a second identity on a host where another
 * place has a node with peers; both folders are named.
 */
export function requireOnlyIdentity(folder: ExistingNode, others: readonly ExistingNode[]): void {
  if (folder.state !== "none") return;
  const other = others.find((node) => node.folder !== folder.folder && isTrustedNode(node));
  if (other === undefined) return;
  throw new FleetError(
    "NODE_EXISTS",
    `a node with peers lives in ${other.folder}; starting in ${folder.folder} would make a second one on this host`,
    { folders: [other.folder, folder.folder] },
  );
}
