/** Operations of the record. */

import * as shape from "./audit-schemas.ts";
import { type Operation, route } from "./operation.ts";
import { nothing } from "./schemas.ts";

/** Reading the record and proving that it is whole. */
export const AUDIT_OPERATIONS = {
  ListAuditEntries: {
    kind: "read",
    need: "audit:read",
    verb: "read",
    rest: route("GET", "/v1/audit"),
    input: shape.auditQuery,
    output: shape.auditPage,
    since: "0.1.0",
    summary: "Lists what was changed and refused, newest first.",
  },
  GetAuditEntry: {
    kind: "read",
    need: "audit:read",
    verb: "read",
    rest: route("GET", "/v1/audit/:id"),
    input: shape.auditId,
    output: shape.auditEntry,
    since: "0.1.0",
    summary: "Shows the entry of a request id or number.",
  },
  GetAuditHead: {
    kind: "read",
    need: "audit:read",
    verb: "read",
    rest: route("GET", "/v1/audit/head"),
    input: nothing,
    output: shape.signedHead,
    since: "0.1.0",
    summary: "Signs the end of the record, so that a later cut or rewrite can be proven.",
  },
  VerifyAudit: {
    kind: "read",
    need: "audit:read",
    verb: "read",
    rest: route("POST", "/v1/audit/verify"),
    input: shape.verifyAudit,
    output: shape.verifiedAudit,
    since: "0.1.0",
    summary: "Verifies every line of the record, and that a head signed before is still part of it.",
  },
  ListActivity: {
    kind: "read",
    need: "audit:read",
    verb: "read",
    rest: route("GET", "/v1/audit/activity"),
    input: shape.activityQuery,
    output: shape.activityPage,
    since: "0.1.0",
    summary: "Counts who used what, from where: what has no entry of its own.",
  },
} as const satisfies Readonly<Record<string, Operation>>;
