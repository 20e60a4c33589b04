/**
 * What the record shows of one call: its changes, or that it was refused, and whether it was its peer's or token's first use
 * from a network. That is one line at most, so that a request id finds one entry.
 *
 * Refused calls without a credential, or with a bad one, are only counted, so that a stranger cannot fill the disk. So that a
 * peer or token cannot either, its refused changes above 60 a minute are only counted too.
 */

import type { Operation } from "../catalogue/operation.ts";
import { type OperationName, operationOf } from "../catalogue/operations.ts";
import { type ErrorCode, FleetError } from "../foundation/errors.ts";
import type { Change, Entry } from "../ledger/line.ts";
import type { Actor } from "../policy/actor.ts";
import type { FirstUse } from "../record/first-uses.ts";
import type { TokenUsed } from "../tokens/changes.ts";
import type { Committed } from "./call.ts";
import type { Commits } from "./commits.ts";
import type { Parts } from "./parts.ts";

/** A change that was asked for and refused. */
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

/** Who calls, and how its line is written. */
interface Caller {
  readonly actor: Actor;
  /** The first use of the actor's token from this network; undefined when it is not the first. */
  readonly used: TokenUsed | undefined;
  readonly commits: Commits;
}

type RecordParts = Pick<Parts, "activity" | "firstUses" | "refusals">;

/** The one line of a call, written when there is something to say. */
export class CallRecord {
  readonly #parts: RecordParts;
  readonly #request: RecordedRequest;
  readonly #caller: Caller;
  #committed = false;

  constructor(parts: RecordParts, request: RecordedRequest, caller: Caller) {
    this.#parts = parts;
    this.#request = request;
    this.#caller = caller;
  }

  /** Commits what the call changes, with where it came from. */
  commit(entry: Entry): Committed {
    return this.#caller.commits.commit(this.#whole(entry));
  }

  /** Returns the one entry of the call. */
  #whole(entry: Entry): Entry {
    this.#committed = true;
    const { address } = this.#caller.actor.source;
    return { ...entry, ...(address !== "" && { from: address }), changes: [...entry.changes, ...this.#firstUse()] };
  }

  /** Called when the operation was carried out. A first use gets a line of its own if the call committed none. */
  done(): void {
    if (!this.#committed && this.#firstUse().length > 0) this.#note([]);
  }

  /** Called when the operation was refused. A refused change gets an entry, anything else at most a first use. */
  refused(error: unknown): void {
    if (this.#committed) return;
    const { operation } = this.#request;
    const { actor } = this.#caller;
    if (operationOf(operation).kind !== "change" || actor.kind === "nobody" || !isRecorded(error)) {
      this.done();
      return;
    }
    if (this.#parts.refusals.add(actor.label) > 0) this.#parts.activity.note(error.code, actor.label, actor.source.address);
    else this.#note([{ type: "call.refused", operation, code: error.code }]);
  }

  #firstUse(): readonly (FirstUse | TokenUsed)[] {
    const { actor, used } = this.#caller;
    if (used !== undefined) return [used];
    const { label: credential, source } = actor;
    const { address, network } = source;
    if (!credential.startsWith("peer:") || network === "" || !this.#parts.firstUses.isNew(credential, network)) return NONE;
    return [{ type: "address.first_used", credential, address, network }];
  }

  #note(changes: readonly CallRefused[]): void {
    const { operation, requestId: request } = this.#request;
    const { actor, commits } = this.#caller;
    commits.note(this.#whole({ actor: actor.label, request, operation, changes }));
  }
}

const NONE: readonly never[] = [];

function isRecorded(error: unknown): error is FleetError {
  return error instanceof FleetError && !UNRECORDED.includes(error.code);
}

/** Returns whether the call can have an entry. Most reads cannot, and are spared the cost. */
export function leavesTrace({ kind }: Pick<Operation, "kind">, { label }: Actor): boolean {
  return kind === "change" || label.startsWith("peer:");
}
