/**
 * Looks at a data folder from outside, without its lock: whether a node lives there, and whether anybody trusts it. Read
 * only to keep a second identity from being made unnoticed; what the node is, it says itself.
 */

import { statSync } from "node:fs";
import { join } from "node:path";
import { isSystemError, namesOrNone, textOrEmpty } from "./files.ts";

/** What a data folder holds, as far as this account can see. */
export interface ExistingNode {
  readonly folder: string;
  /** `closed`: this account may not look, so there may be one. */
  readonly state: "none" | "present" | "closed";
  /** Keys it trusts. */
  readonly peers: number;
}

/** Returns what is in the folder; throws nothing. */
export function lookForNode(folder: string): ExistingNode {
  const state = stateOf(folder);
  return { folder, state, peers: state === "present" ? countPeers(folder) : 0 };
}

/** Returns whether somebody would lose a node if another came beside it. */
export function isTrustedNode({ state, peers }: ExistingNode): boolean {
  return state === "closed" || (state === "present" && peers > 0);
}

function stateOf(folder: string): ExistingNode["state"] {
  try {
    return statSync(join(folder, "identity.key")).isFile() ? "present" : "none";
  } catch (error) {
    return isSystemError(error, "EACCES", "EPERM") ? "closed" : "none";
  }
}

/** Peers by the checkpoint and the lines after it; what cannot be read counts for nothing here. */
function countPeers(folder: string): number {
  const checkpoint = member(member(parsed(textOrEmpty(join(folder, "state.json"))), "folds"), "peers");
  const peers = new Set(listOf(checkpoint).map((peer) => member(peer, "id")));
  for (const change of ledgerLines(folder).flatMap((line) => listOf(member(parsed(line), "changes")))) {
    const type = member(change, "type");
    if (type === "peer.registered") peers.add(member(change, "id"));
    if (type === "peer.removed") peers.delete(member(change, "id"));
  }
  return peers.size;
}

/** The lines that say anything of peers. */
function ledgerLines(folder: string): readonly string[] {
  const ledger = join(folder, "ledger");
  const segments = namesOrNone(ledger).filter((name) => /^[0-9]+\.log$/.test(name));
  return segments.sort().flatMap((name) =>
    textOrEmpty(join(ledger, name))
      .split("\n")
      .filter((line) => line.includes('"peer.')),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
