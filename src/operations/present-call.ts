/** The call as a handler sees it: made of the request, of who asks, and of what its line will hold. */

import type { OperationName } from "../catalogue/operations.ts";
import { FleetError } from "../foundation/errors.ts";
import type { Change } from "../ledger/line.ts";
import type { Actor } from "../policy/actor.ts";
import type { Deliver } from "../record/events.ts";
import type { ChangeCall, Committed, StreamCall } from "./call.ts";
import type { CallRecord } from "./call-record.ts";
import type { CallKeyed } from "./repeats.ts";

/** What of a request reaches the handler. */
interface PresentRequest {
  readonly operation: OperationName;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly deliver?: Deliver;
}

/**
 * The call a handler is given. A class, because `signal` is made only when asked for: a getter in an object literal
 * gives every call a shape of its own, which cost a quarter of all time in garbage collection.
 */
export class PresentCall implements ChangeCall, StreamCall {
  readonly actor: Actor;
  readonly #request: PresentRequest;
  /** Stands in the line beside what the handler changes. */
  readonly #keyed: CallKeyed | undefined;
  readonly #record: CallRecord | undefined;

  constructor(request: PresentRequest, actor: Actor, keyed: CallKeyed | undefined, record: CallRecord | undefined) {
    this.actor = actor;
    this.#request = request;
    this.#keyed = keyed;
    this.#record = record;
  }

  get requestId(): string {
    return this.#request.requestId;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  get deliver(): Deliver {
    const { deliver } = this.#request;
    if (deliver === undefined)
      throw new FleetError("INVALID_REQUEST", "this operation sends a stream; call it over the WebSocket");
    return deliver;
  }

  commit(changes: readonly Change[], by: string = this.actor.label): Committed {
    const { operation, requestId: request } = this.#request;
    const all = this.#keyed === undefined ? changes : [...changes, this.#keyed];
    if (this.#record === undefined) throw new Error("what is no change in the table of operations commits nothing");
    return this.#record.commit({ actor: by, request, operation, changes: all });
  }
}
