/**
 * What the record shows of one call: its changes, or that it was refused, and that its peer was never heard from there
 * before. One line at most, so that a request id finds one entry.
 *
 * Refusals of nobody, and of credentials that are not good, are only counted: a stranger must not be able to fill the
 * disk. Neither must a peer or token: past 60 refused changes a minute its further ones are only counted too.
 */

import type { Operation } from "../catalogue/operation.ts";
import { type OperationName, operationOf } from "../catalogue/operations.ts";
import { type ErrorCode, FleetError, isFleetError } from "../foundation/errors.ts";
import type { Change, Entry } from "../ledger/line.ts";
import type { Actor } from "../policy/actor.ts";
import type { FirstUse } from "../record/first-uses.ts";
import type { Committed } from "./call.ts";
import type { Parts } from "./parts.ts";

export interface CallRefused extends Change {
  readonly type: "call.refused";
  readonly operation: string;
  readonly code: ErrorCode;
}

/** Not refusals but the node's own trouble, or limits that keep noise out of the record. */
const UNRECORDED: readonly ErrorCode[] = [
  "RATE_LIMITED",
  "STORAGE_FULL",
  "STORAGE_FAILED",
  "SHUTTING_DOWN",
  "OPERATION_UNAVAILABLE",
];

interface RecordedRequest {
  readonly operation: OperationName;
  readonly requestId: string;
}

type RecordParts = Pick<Parts, "activity" | "firstUses" | "refusals">;

export class CallRecord {
  readonly #parts: RecordParts;
  readonly #request: RecordedRequest;
  readonly #actor: Actor;
  readonly #commit: (entry: Entry) => Committed;
  #committed = false;

  constructor(parts: RecordParts, request: RecordedRequest, actor: Actor, commit: (entry: Entry) => Committed) {
    this.#parts = parts;
    this.#request = request;
    this.#actor = actor;
    this.#commit = commit;
  }

  /** Commits what the call changes, with where it came from. */
  commit(entry: Entry): Committed {
    this.#committed = true;
    const { address } = this.#actor.source;
    const changes = [...entry.changes, ...this.#firstUse()];
    return this.#commit({ ...entry, ...(address !== "" && { from: address }), changes });
  }

  /** The call was carried out: a first use that no line of the call's own told gets one. */
  done(): void {
    if (!this.#committed && this.#firstUse().length > 0) this.#commitOrPass([]);
  }

  /** The call was refused: a change leaves an entry, anything else at most a first use. */
  refused(error: unknown): void {
    if (this.#committed) return;
    const { operation } = this.#request;
    if (operationOf(operation).kind !== "change" || this.#actor.kind === "nobody" || !isRecorded(error)) {
      this.done();
      return;
    }
    const { address } = this.#actor.source;
    if (this.#parts.refusals.add(this.#actor.label) > 0) this.#parts.activity.note(error.code, this.#actor.label, address);
    else this.#commitOrPass([{ type: "call.refused", operation, code: error.code }]);
  }

  #firstUse(): readonly FirstUse[] {
    const { label: credential, source } = this.#actor;
    const { address, network } = source;
    if (!credential.startsWith("peer:") || network === "" || !this.#parts.firstUses.isNew(credential, network)) return NONE;
    return [{ type: "address.first_used", credential, address, network }];
  }

  /** A call does not fail because there is no room to remember it. */
  #commitOrPass(changes: readonly CallRefused[]): void {
    const { operation, requestId: request } = this.#request;
    try {
      this.commit({ actor: this.#actor.label, request, operation, changes });
    } catch (error) {
      if (!isFleetError(error, "STORAGE_FULL") && !isFleetError(error, "SHUTTING_DOWN")) throw error;
    }
  }
}

const NONE: readonly never[] = [];

function isRecorded(error: unknown): error is FleetError {
  return error instanceof FleetError && !UNRECORDED.includes(error.code);
}

/** Returns whether the call can have an entry: most reads cannot, and are not to pay for it. */
export function leavesTrace({ kind }: Pick<Operation, "kind">, { label }: Actor): boolean {
  return kind === "change" || label.startsWith("peer:");
}
