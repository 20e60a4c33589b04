/** The record, and the summary of uses. */

import type { NodeId } from "../../foundation/ids.ts";

/** One call that changed something, or was refused. */
export interface AuditEntry {
  readonly seq: number;
  /** 64 hex characters; each line's is over the one before. */
  readonly hash: string;
  readonly at: string;
  /** `local`, `system`, `nobody`, `peer:<id>` or `token:<id>`. */
  readonly actor: string;
  /** The call's request id; empty where nobody asked. */
  readonly request: string;
  readonly operation: string;
  /** Address of the caller; null for the local socket and the node's own doing. */
  readonly from: string | null;
  readonly outcome: "done" | "refused";
  /** The error's code when it was refused; null otherwise. */
  readonly refusal: string | null;
  readonly changes: readonly AuditChange[];
}

/** One change of a call; its further members depend on the type. */
export interface AuditChange {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** Which entries; all members that are given must fit. */
export interface AuditQuery {
  /** Most entries of one answer: 1 to 1000, 100 by default. */
  readonly limit?: number | undefined;
  /** `cursor` of the answer before. */
  readonly cursor?: string | undefined;
  /** RFC 3339: not made before. */
  readonly after?: string | undefined;
  /** RFC 3339: made before. */
  readonly before?: string | undefined;
  readonly actor?: string | undefined;
  /** By this token, or about it. */
  readonly token?: string | undefined;
  /** By this peer, or about it. */
  readonly peer?: NodeId | undefined;
  readonly operation?: string | undefined;
  readonly outcome?: "done" | "refused" | undefined;
  readonly request?: string | undefined;
  readonly address?: string | undefined;
}

/** A page of the record. */
export interface AuditPage {
  /** Newest first; may be empty though a cursor follows. */
  readonly entries: readonly AuditEntry[];
  /** Null behind the oldest entry. */
  readonly cursor: string | null;
}

/** The end of a node's record, signed by the node. */
export interface AuditHead {
  readonly nodeId: NodeId;
  /** 65 bytes, base64url. */
  readonly nodeKey: string;
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
  /** 64 bytes, base64url. */
  readonly signature: string;
}

/** What the chain of a record is worth. */
export interface AuditVerification {
  readonly ok: boolean;
  /** Number of the oldest line there is. */
  readonly from: number;
  /** The last line that verified. */
  readonly seq: number;
  readonly hash: string;
  readonly segments: number;
  /** The first thing that is not as it should be. */
  readonly fault: AuditFault | null;
}

/** Where a record is not as it should be. */
export interface AuditFault {
  readonly file: string;
  /** Line of the file, counted from 1. */
  readonly line: number;
  /** Number of the line that is bad or missing. */
  readonly seq: number;
  readonly reason: string;
}

/** Which rows of the summary; all members that are given must fit. */
export interface ActivityQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly actor?: string | undefined;
  /** An operation, or the code by which calls of nobody were refused. */
  readonly operation?: string | undefined;
  readonly address?: string | undefined;
}

/** A page of the summary. */
export interface ActivityPage {
  /** Newest first. `*` stands for all that had no row of its own. */
  readonly rows: readonly ActivityRow[];
  readonly cursor: string | null;
}

/** How often an actor used an operation from an address. */
export interface ActivityRow {
  readonly operation: string;
  readonly actor: string;
  readonly from: string;
  readonly count: number;
  readonly last: string;
}
