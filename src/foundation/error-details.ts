/**
 * What travels beside the code of an error, by code: the members a program acts on. Errors of other codes may have
 * members as well; those are for people and logs. Every member may be missing, for older nodes did not send it.
 */

/** Details of an error that ended a WebSocket. */
interface Ended {
  /** RFC 6455 §7.1.5. */
  readonly closeCode?: number | undefined;
  readonly reason?: string | undefined;
}

interface Busy {
  /** Seconds after which it is worth trying again, as in Retry-After. */
  readonly retryAfter?: number | undefined;
}

/** The node's time in Unix seconds, from which a client signs again. */
interface NodeTime {
  readonly serverTime?: number | undefined;
  readonly earliest?: number | undefined;
}

/** Codes whose details have a shape. */
export interface ShapedDetails {
  readonly INVALID_REQUEST: { readonly field?: string | undefined; readonly valid?: readonly string[] | undefined };
  readonly CLOCK_SKEW: NodeTime;
  readonly SIGNATURE_EXPIRED: NodeTime;
  readonly INSUFFICIENT_SCOPE: {
    /** The one that is missing. */
    readonly scope?: string | undefined;
  };
  readonly METHOD_NOT_ALLOWED: { readonly allow?: string | undefined };
  readonly IDEMPOTENCY_KNOWN: {
    /** Ids of what the first call made or changed. */
    readonly ids?: readonly string[] | undefined;
  };
  readonly RESUME_GONE: {
    readonly since?: number | undefined;
    /** Where the record ends. */
    readonly seq?: number | undefined;
  };
  readonly PAYLOAD_TOO_LARGE: {
    /** Bytes. */
    readonly limit?: number | undefined;
  };
  readonly RATE_LIMITED: Busy & Ended & { readonly limit?: number | undefined };
  readonly PAIRING_BUSY: Busy;
  readonly PAIRING_WRONG_CODE: {
    /** Null for links, which have no such limit. */
    readonly attemptsLeft?: number | null | undefined;
  };
  readonly PAIRING_CHANNEL: { readonly channel?: string | undefined };
  readonly REPLAY_MEMORY_FULL: Busy;
  readonly NOT_READY: Busy;
  readonly SHUTTING_DOWN: Busy & Ended;

  readonly NODE_MISMATCH: {
    /** Id of the node that answered instead. */
    readonly met?: string | undefined;
  };
  readonly CONNECTION_FAILED: {
    /** The system's name for it, as ECONNREFUSED. */
    readonly reason?: string | undefined;
  };
  readonly CREDENTIAL_ENDED: Ended;
  readonly CONNECTION_CLOSED: Ended;
  readonly TIMEOUT: {
    /** Milliseconds that were waited. */
    readonly timeout?: number | undefined;
  };
  readonly UNKNOWN_CODE: { readonly code?: string | undefined; readonly status?: number | undefined };
}

type MembersOf<T> = T extends unknown ? keyof T : never;

/** Every member that has a type under some code. */
export type DetailMember = MembersOf<ShapedDetails[keyof ShapedDetails]>;

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

const CHECKS: Readonly<Record<DetailMember, (value: unknown) => boolean>> = {
  allow: isText,
  attemptsLeft: (value) => value === null || isNumber(value),
  channel: isText,
  closeCode: isNumber,
  code: isText,
  earliest: isNumber,
  field: isText,
  ids: isTexts,
  limit: isNumber,
  met: isText,
  reason: isText,
  retryAfter: isNumber,
  scope: isText,
  seq: isNumber,
  serverTime: isNumber,
  since: isNumber,
  status: isNumber,
  timeout: isNumber,
  valid: isTexts,
};

/** Returns the members that came over a wire without those that are not of their type; of others nothing is known. */
export function typedDetails(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const checks: Readonly<Record<string, ((value: unknown) => boolean) | undefined>> = CHECKS;
  const entries = Object.entries(members);
  return Object.fromEntries(entries.filter(([name, value]) => !Object.hasOwn(checks, name) || checks[name]?.(value)));
}
