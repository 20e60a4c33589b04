/** The one error type that is meant for callers, with the codes of `error-table.ts`. */

import type { ShapedDetails } from "./error-details.ts";
import { ERRORS, type ErrorCode } from "./error-table.ts";

export { ERRORS, type ErrorCode };

/** Fields that travel beside `code` and `message`: `serverTime`, `scope`, `attemptsLeft`, `retryAfter` (seconds) … Never a secret. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** What travels beside one code. */
export type DetailsOf<C extends ErrorCode> = C extends keyof ShapedDetails ? ErrorDetails & ShapedDetails[C] : ErrorDetails;

interface CodedError<C extends ErrorCode> extends Error {
  readonly name: "FleetError";
  readonly code: C;
  readonly details: DetailsOf<C>;
  /** HTTP status of this error, 0 for errors that are never answered. */
  readonly status: number;
  /** What the caller does next; empty in pages, where `docs/errors.md` says it. */
  readonly remedy: string;
}

/**
 * The one error type that is meant for callers; anything else is a defect and is answered INTERNAL. It is a union on
 * `code`: where the code was compared, `details` has the shape of that code.
 */
export type FleetError<C extends ErrorCode = ErrorCode> = C extends ErrorCode ? CodedError<C> : never;

interface FleetErrorConstructor {
  /** @param message what happened here, lower case, without full stop and without secrets; the table's meaning by default */
  new <C extends ErrorCode>(code: C, message?: string, details?: DetailsOf<C>, options?: ErrorOptions): FleetError<C>;
  readonly prototype: FleetError;
}

/** Makes errors with a code; `instanceof FleetError` tells them from others. */
// A class cannot be a union: this one makes every member of it, and its constructor's type says so. It is named after the
// constant: a second name of its own would be FleetError2 in the bundle, and at the head of every uncaught error.
export const FleetError = class extends Error {
  override readonly name = "FleetError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string = ERRORS[code].meaning, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get remedy(): string {
    return ERRORS[this.code].remedy;
  }
} as FleetErrorConstructor;

/** Returns whether `value` is a FleetError, of this code when one is given. */
export function isFleetError<C extends ErrorCode = ErrorCode>(value: unknown, code?: C): value is FleetError<C> {
  return value instanceof FleetError && (code === undefined || value.code === code);
}

/** Returns the message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Returns whether `text` is the declared code of an error that nodes answer: clients meet codes of newer nodes, and those
 * that are raised on this side of the wire are not a node's to use.
 */
export function isAnswerCode(text: unknown): text is ErrorCode {
  return typeof text === "string" && Object.hasOwn(ERRORS, text) && ERRORS[text as ErrorCode].kind === "answer";
}
