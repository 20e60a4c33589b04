/** The shapes of the record. */

import * as z from "zod";
import { isUuid } from "../foundation/ids.ts";
import { base64url, nodeId, time, tokenId } from "./schemas.ts";

const seq = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex characters");
const moment = z.iso.datetime({ offset: true, error: "must be an RFC 3339 time, as 2026-11-21T20:00:00Z" });
const page = {
  /** Most entries of one answer. */
  limit: z.int().min(1).max(1000).default(100),
  /** `cursor` of the answer before; entries older than those follow. */
  cursor: z
    .string()
    .regex(/^[0-9]{1,15}$/, "must be the cursor of an answer")
    .optional(),
};

/** Filters of entries; all that are given must fit. */
export const auditQuery = z.strictObject({
  ...page,
  /** Not made before this time. */
  after: moment.optional(),
  /** Made before this time. */
  before: moment.optional(),
  /** `local`, `system`, `nobody`, `peer:<id>` or `token:<id>`. */
  actor: z.string().optional(),
  /** By this token, or about it. */
  token: tokenId.optional(),
  /** By this peer, or about it. */
  peer: nodeId.optional(),
  operation: z.string().optional(),
  outcome: z.enum(["done", "refused"]).optional(),
  /** The request id of the call's answer. */
  request: z.string().refine(isUuid, "must be a request id (a UUID in lower case)").optional(),
  /** Where the call came from, or what was done from there. */
  address: z.string().optional(),
});

/** One call that changed something, or was refused. */
export const auditEntry = z.object({
  seq,
  hash,
  at: time,
  actor: z.string(),
  /** Request id; empty where nobody asked. */
  request: z.string(),
  operation: z.string(),
  /** Address of the caller; null for the local socket and the node's own doing. */
  from: z.string().nullable(),
  outcome: z.enum(["done", "refused"]),
  /** The error's code when it was refused; null otherwise. */
  refusal: z.string().nullable(),
  changes: z.array(z.looseObject({ type: z.string() })),
});

/** `cursor` is null behind the oldest entry; an answer may be empty and have one, where much had to be looked through. */
export const auditPage = z.object({ entries: z.array(auditEntry), cursor: z.string().nullable() });

/** Which entry. */
export const auditId = z.strictObject({
  /** A request id, or an entry's `seq`. */
  id: z.string(),
});

/** The end of a node's record, signed by the node. */
export const signedHead = z.object({
  nodeId,
  /** 65 bytes. */
  nodeKey: base64url,
  seq,
  hash,
  /** When it was signed; not signed itself. */
  at: time,
  /** Over lp("cider-fleet-head-v1") lp(nodeKey) lp(seq as uint64) lp(hash as 32 bytes). */
  signature: base64url,
});

/** What the record is compared with. */
export const verifyAudit = z.strictObject({
  /** A head this node signed before: its line must still be there. */
  head: z.strictObject(signedHead.shape).optional(),
});

/** What the chain of a record is worth. */
export const verifiedAudit = z.object({
  ok: z.boolean(),
  /** Seq of the oldest line there is. */
  from: seq,
  /** The last line that verified. */
  seq,
  hash,
  segments: z.int(),
  /** The first thing that is not as it should be. */
  fault: z.object({ file: z.string(), line: z.int(), seq, reason: z.string() }).nullable(),
});

/** Filters of the summary. */
export const activityQuery = z.strictObject({
  ...page,
  /** `peer:<id>`, `token:<id>`, `local` or `nobody`. */
  actor: z.string().optional(),
  /** An operation, or the code by which calls of nobody were refused. */
  operation: z.string().optional(),
  address: z.string().optional(),
});

/** A page of the summary of uses. */
export const activityPage = z.object({
  /** Newest first. `*` stands for all that had no row of its own. */
  rows: z.array(z.object({ operation: z.string(), actor: z.string(), from: z.string(), count: z.int(), last: time })),
  cursor: z.string().nullable(),
});
