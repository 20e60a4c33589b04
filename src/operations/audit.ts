/** The record: looking things up in it, and proving that it is whole. */

import { basename } from "node:path";
import type { OperationOutput, ParsedInput } from "../catalogue/operations.ts";
import { verify } from "../crypto/ecdsa.ts";
import { parsePublicKey } from "../crypto/p256.ts";
import { fromBase64url, toBase64url } from "../foundation/bytes.ts";
import { timestamp } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import { isUuid } from "../foundation/ids.ts";
import type { Head, Line } from "../ledger/line.ts";
import { verifyLedger } from "../ledger/verify.ts";
import { visible } from "../record/events.ts";
import { type Filter, findLines, outcomeOf } from "../record/query.ts";
import { headMessage } from "../wire/audit-head.ts";
import { invalid } from "../wire/parse.ts";
import type { Handlers } from "./call.ts";
import type { Parts } from "./parts.ts";
import type { Turns } from "./turns.ts";

type AuditOperation = "ListAuditEntries" | "GetAuditEntry" | "GetAuditHead" | "VerifyAudit" | "ListActivity";
type SignedHead = OperationOutput<"GetAuditHead">;

/** Returns the handlers of the record. */
export function auditHandlers(parts: Parts, turns: Turns): Pick<Handlers, AuditOperation> {
  const { clock, key, ledger, nodeId, summary } = parts;

  /** Returns the place a signed head names; throws INVALID_REQUEST unless this node signed it. */
  const seenHead = ({ nodeKey, seq, hash, signature }: SignedHead): Head => {
    if (nodeKey !== toBase64url(key.publicKey)) throw invalid("head", "signed by this node; it is another node's");
    const signed = headMessage(key.publicKey, seq, hash);
    if (!verify(parsePublicKey(key.publicKey), signed, fromBase64url(signature)))
      throw invalid("head", "as this node signed it; its signature does not verify");
    return { seq, hash };
  };

  return {
    ListAuditEntries: async (query, call) => {
      const find = () => findLines(ledger.extent, filterOf(query), query.limit, cursorOf(query));
      const { lines, next } = await turns.take(call, find);
      return { entries: lines.map(entryOf), cursor: next === undefined ? null : String(next) };
    },

    GetAuditEntry: async ({ id }, call) =>
      entryOf(await turns.take(call, () => (isUuid(id) ? ofRequest(parts, id) : ofSeq(parts, id)))),

    GetAuditHead: () => {
      const { seq, hash } = ledger.head;
      const nodeKey = toBase64url(key.publicKey);
      const signature = toBase64url(key.sign(headMessage(key.publicKey, seq, hash)));
      return { nodeId, nodeKey, seq, hash, at: timestamp(clock.now()), signature };
    },

    VerifyAudit: async ({ head }, call) => {
      const seen = head === undefined ? [] : [seenHead(head)];
      const { fault, from, head: verified, segments } = await turns.take(call, () => verifyLedger(ledger.extent, seen));
      // The folder's place on the machine is nobody's business.
      const named = fault === undefined ? null : { ...fault, file: `ledger/${basename(fault.file)}` };
      return { ok: fault === undefined, from, ...verified, segments, fault: named };
    },

    ListActivity: async ({ limit, actor, operation, address, ...query }, call) => {
      const list = () => summary.list({ actor, operation, address }, limit, cursorOf(query));
      const { rows, next } = await turns.take(call, list);
      return {
        rows: rows.map(({ credential, n, ...row }) => ({ ...row, actor: credential, count: n })),
        cursor: next === undefined ? null : String(next),
      };
    },
  };
}

function cursorOf({ cursor }: { readonly cursor?: string | undefined }): number | undefined {
  return cursor === undefined ? undefined : Number(cursor);
}

function filterOf({ after, before, ...query }: ParsedInput<"ListAuditEntries">): Filter {
  return {
    ...query,
    after: after === undefined ? undefined : Date.parse(after),
    before: before === undefined ? undefined : Date.parse(before),
  };
}

function entryOf(line: Line): OperationOutput<"GetAuditEntry"> {
  const { seq, hash, at, actor, request, operation, from = null } = line;
  const refusal = line.changes.find(({ type }) => type === "call.refused")?.["code"];
  return {
    seq,
    hash,
    at,
    actor,
    request,
    operation,
    from,
    outcome: outcomeOf(line),
    refusal: typeof refusal === "string" ? refusal : null,
    changes: line.changes.map(visible),
  };
}

async function ofSeq({ ledger }: Parts, id: string): Promise<Line> {
  const seq = /^[1-9][0-9]{0,14}$/.test(id) ? Number(id) : Number.NaN;
  if (Number.isNaN(seq)) throw invalid("id", "a request id or the number of an entry");
  const { lines } = await findLines(ledger.extent, {}, 1, seq + 1);
  const [line] = lines;
  if (line?.seq !== seq) throw new FleetError("NOT_FOUND", `the record has no entry ${seq}`);
  return line;
}

/** Finds the entry of a request. A page may end without it, because a page reads only so far; then the next one is read. */
async function ofRequest({ ledger }: Parts, request: string): Promise<Line> {
  for (let below: number | undefined = Infinity; below !== undefined; ) {
    const page: Awaited<ReturnType<typeof findLines>> = await findLines(ledger.extent, { request }, 1, below);
    const [line] = page.lines;
    if (line !== undefined) return line;
    below = page.next;
  }
  throw new FleetError("NOT_FOUND", NO_ENTRY);
}

const NO_ENTRY =
  "no entry has this request id: changes, refused changes and first uses from a new address have one; other calls are only counted, " +
  'see "cider fleet audit activity" or GET /v1/audit/activity';
