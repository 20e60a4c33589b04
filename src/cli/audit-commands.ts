/** The commands of the record. */

import type { CommandEntry, OptionEntry } from "./command.ts";

const FILTERS: readonly OptionEntry[] = [
  { name: "after", value: "time", summary: "not before this time: 2h for two hours ago, or a date or time" },
  { name: "before", value: "time", summary: "before this time, said likewise" },
  { name: "actor", value: "actor", summary: "who did it: local, system, nobody, peer:<id> or token:<id>" },
  { name: "token", value: "token", summary: "by this token or about it: id, name or first characters" },
  { name: "peer", value: "peer", summary: "by this peer or about it: id, name or first characters" },
  { name: "operation", value: "name", summary: "such as RevokeAPIToken" },
  { name: "outcome", value: "outcome", summary: "carried out or refused", choices: ["done", "refused"] },
  { name: "request", value: "id", summary: "the X-Request-Id of an answer" },
  { name: "address", value: "address", summary: "where it came from" },
];

const SINCE: OptionEntry = { name: "since", value: "seq", summary: "first show what came after this entry" };

/** `cider fleet audit …`. */
export const AUDIT_COMMANDS: readonly CommandEntry[] = [
  {
    name: "audit list",
    isDefault: true,
    summary: "Lists what was changed and refused, newest first",
    options: [
      ...FILTERS,
      { name: "limit", value: "count", summary: "how many, 50 unless told otherwise, up to 1000" },
      { name: "follow", summary: "show new entries as they come instead, until Ctrl-C" },
      SINCE,
    ],
    answers: true,
    node: true,
    examples: ["cider fleet audit --after 24h --outcome refused", "cider fleet audit --follow"],
    load: () => import("./commands/audit-list.ts"),
  },
  {
    name: "audit show",
    summary: "Shows the entry of a request id or number",
    arguments: [{ name: "id", summary: "the X-Request-Id of an answer, or the entry's number" }],
    answers: true,
    node: true,
    load: () => import("./commands/audit-show.ts"),
  },
  {
    name: "audit follow",
    summary: "Shows new entries as they come, until Ctrl-C; reconnects without missing any",
    options: [SINCE],
    answers: true,
    node: true,
    load: () => import("./commands/audit-follow.ts"),
  },
  {
    name: "audit activity",
    summary: "Counts who used what from where: what has no entry of its own",
    options: [
      { name: "actor", value: "actor", summary: "who: local, nobody, peer:<id> or token:<id>" },
      { name: "operation", value: "name", summary: "an operation, or the error code of refused calls" },
      { name: "address", value: "address", summary: "where it came from" },
      { name: "limit", value: "count", summary: "how many, 50 unless told otherwise, up to 1000" },
    ],
    answers: true,
    node: true,
    load: () => import("./commands/audit-activity.ts"),
  },
  {
    name: "audit verify",
    summary: "Verifies every line of the record, and that what was seen of it before is still there",
    options: [{ name: "head", value: "file", summary: "compare with the head in this file, as audit head printed it" }],
    answers: true,
    node: true,
    load: () => import("./commands/audit-verify.ts"),
  },
  {
    name: "audit head",
    summary: "Prints the end of the record, signed by the node; keep it elsewhere to prove a later cut or rewrite",
    answers: true,
    node: true,
    examples: ["cider fleet audit head > head.json"],
    load: () => import("./commands/audit-head.ts"),
  },
  {
    name: "audit export",
    summary: "Prints all entries that fit, newest first",
    options: [{ name: "format", value: "format", summary: "jsonl unless told otherwise", choices: ["jsonl", "csv"] }, ...FILTERS],
    node: true,
    examples: ["cider fleet audit export --format csv > audit.csv"],
    load: () => import("./commands/audit-export.ts"),
  },
];
