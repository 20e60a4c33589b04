/** Checks a node's record against what was seen of it before, and remembers what is seen now. */

import { FleetError } from "../foundation/errors.ts";
import { contradictionOf, RememberedHeads, requireSignedHead } from "./audit-heads.ts";
import type { Client } from "./client.ts";
import type { CallOptions } from "./deadline.ts";
import type { Store } from "./records.ts";
import type { AuditHead, AuditVerification } from "./shapes.ts";

/** What a check found. */
export interface AuditCheck {
  readonly ok: boolean;
  /** In words, lower case, what is wrong; undefined when nothing is. */
  readonly problem: string | undefined;
  readonly verification: AuditVerification;
  /** The end of the record now; it was stored if all is well. */
  readonly head: AuditHead;
  /** What it was compared with: the head that was given, or the last one stored; undefined the first time. */
  readonly seen: AuditHead | undefined;
}

/** What the record is compared with. */
export interface CheckAuditOptions extends CallOptions {
  /** Where heads are kept. */
  readonly store: Store;
  /** A head that was exported, to compare with instead of the stored one. */
  readonly head?: AuditHead | undefined;
}

/**
 * Resolves to what the node's record is worth. Rejects with INVALID_ANSWER when the node's head is not signed by it, and
 * with INVALID_OPTIONS when `head` is of another node.
 */
export async function checkAudit(client: Client, { store, head: given, ...options }: CheckAuditOptions): Promise<AuditCheck> {
  const heads = new RememberedHeads(store);
  const head = requireSignedHead(await client.getAuditHead(options));
  if (given !== undefined && given.nodeId !== head.nodeId)
    throw new FleetError("INVALID_OPTIONS", `head is of node ${given.nodeId}, this is ${head.nodeId}`);
  const seen = given ?? (await heads.of(head.nodeId));
  const verification = await client.verifyAudit(seen === undefined ? {} : { head: seen }, options);
  const problem = problemOf(verification, head, seen);
  if (problem === undefined) await heads.keep(head);
  return { ok: problem === undefined, problem, verification, head, seen };
}

/** What the node says against itself, and what two of its heads say whatever it says. */
function problemOf({ fault, ok }: AuditVerification, head: AuditHead, seen: AuditHead | undefined): string | undefined {
  const contradiction = seen && contradictionOf(seen, head);
  if (fault !== null) return `${fault.file} line ${fault.line} (seq ${fault.seq}) ${fault.reason}`;
  if (contradiction === "cut")
    return `the record ends at seq ${head.seq}, but seq ${String(seen?.seq)} was seen: its end was cut off`;
  if (contradiction === "rewritten") return `entry ${head.seq} is not the one that was seen: the record was rewritten`;
  return ok ? undefined : "the node says that its record does not verify";
}
