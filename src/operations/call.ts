/** What a handler is given besides its input, and the shape of every handler: no headers, no sockets. */

import type { OPERATIONS, OperationName, OperationOutput, ParsedInput } from "../catalogue/operations.ts";
import type { Change, Line } from "../ledger/line.ts";
import type { Actor } from "../policy/actor.ts";
import type { Deliver } from "../record/events.ts";

/** What every handler is given. */
export interface Call {
  readonly actor: Actor;
  /** UUIDv7, also in `X-Request-Id`. */
  readonly requestId: string;
  /** Aborted when the caller is gone or the node stops. */
  readonly signal: AbortSignal;
}

/** What came of a commit. */
export interface Committed {
  readonly line: Line;
  /** Live connections that ended with the credentials these changes ended. */
  readonly connectionsClosed: number;
}

/** What the handler of a change is given. */
export interface ChangeCall extends Call {
  /**
   * Commits all changes of this call as one line, applies it to memory, and closes the connections it ends, in this tick.
   * May be called once.
   * @param by label of the credential that the input proved, such as a burnt token; the actor's by default
   */
  commit(changes: readonly Change[], by?: string): Committed;
}

/** What the handler of a stream is given. */
export interface StreamCall extends Call {
  /** Sends an event to the caller's socket, if the caller may still see it. */
  readonly deliver: Deliver;
}

type Entry<N extends OperationName> = (typeof OPERATIONS)[N];

/** A change is synchronous by type: a promise is not an output. */
export type Handler<N extends OperationName> = Entry<N>["kind"] extends "change"
  ? (input: ParsedInput<N>, call: ChangeCall) => OperationOutput<N>
  : Entry<N>["kind"] extends "stream"
    ? (input: ParsedInput<N>, call: StreamCall) => OperationOutput<N> | Promise<OperationOutput<N>>
    : (input: ParsedInput<N>, call: Call) => OperationOutput<N> | Promise<OperationOutput<N>>;

/** Operations that this node can do: those of the table that miss nothing. */
export type BuiltOperation = { [N in OperationName]: Entry<N> extends { readonly missing: string } ? never : N }[OperationName];

/** One handler for every built operation, no more and no less. */
export type Handlers = { readonly [N in BuiltOperation]: Handler<N> };
