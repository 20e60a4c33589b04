/** Which names and addresses the node's certificates speak for (docs/protocol/02-transport.md). */

import type { NodeId } from "../foundation/ids.ts";
import { PRIVATE_RANGES } from "../foundation/private-ranges.ts";
import { addressBytes, type Constraints, isDnsName, isPermitted } from "./general-names.ts";
import { sniNameOf } from "./sni.ts";

/** What the node answers to at the moment. */
export interface CertificateNames {
  /** DNS names: the node's `.local` label, the machine's own name. */
  readonly names: readonly string[];
  /** Addresses of this machine. */
  readonly addresses: readonly string[];
  /** Host names and addresses from the configuration; the authority is widened to cover them. */
  readonly configured: readonly string[];
}

/** Names no public authority issues for: RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`, and what home routers hand out. */
const LOCAL_NAMES = ["localhost", "local", "internal", "home.arpa", "lan", "home", "localdomain"];

/** A host with more addresses than this (container bridges) gets a leaf for the first ones; pinned clients need none of them. */
const MAX_LEAF_NAMES = 100;

/** Returns what the authority may speak for: local names, private ranges, and what was configured. */
export function constraintsFor(configured: readonly string[]): Constraints {
  const entries = normalised(configured);
  const names = entries.filter((entry) => isDnsName(entry) && !isPermitted(entry, { names: LOCAL_NAMES, ranges: [] }));
  const addresses = entries.filter(
    (entry) => addressBytes(entry) !== undefined && !isPermitted(entry, { names: [], ranges: PRIVATE_RANGES }),
  );
  return { names: [...LOCAL_NAMES, ...names], ranges: [...PRIVATE_RANGES, ...addresses] };
}

/** Returns what an authority speaks for that is neither a local name nor a private range. */
export function beyondLocal({ names, ranges }: Constraints): readonly string[] {
  const foreign = names.filter((name) => !isPermitted(name, { names: LOCAL_NAMES, ranges: [] }));
  return [...foreign, ...ranges.filter((range) => !PRIVATE_RANGES.includes(range))];
}

/**
 * Returns the leaf's names, sorted, and what had to be left out: one name outside the constraints would make every
 * verifier refuse the whole leaf.
 */
export function leafNames(
  nodeId: NodeId,
  current: CertificateNames,
  constraints: Constraints,
): { names: readonly string[]; leftOut: readonly string[] } {
  const own = [sniNameOf(nodeId), "localhost", "127.0.0.1", "::1"];
  const wanted = normalised([...own, ...current.configured, ...current.names, ...current.addresses]);
  const names = wanted.filter((entry) => isPermitted(entry, constraints)).slice(0, MAX_LEAF_NAMES);
  return { names: names.toSorted(), leftOut: wanted.filter((entry) => !names.includes(entry)) };
}

/** Lower case, no zone, no trailing dot, each once; addresses in one spelling come from `host/addresses`. */
function normalised(entries: readonly string[]): readonly string[] {
  return [...new Set(entries.map((entry) => entry.toLowerCase().replace(/%.*$/, "").replace(/\.$/, "")))];
}
